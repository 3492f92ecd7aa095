/**
 * Models that speak with callers and that we know, for those who may choose one.
 *
 * @module
 */

/** Ids of the Gemini API; the first is the one to take. */
export const LIVE_MODELS: readonly string[] = ["gemini-3.8-live", "gemini-3.1-flash-live-preview"];
