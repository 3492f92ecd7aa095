/**
 * Models that speak with callers and that we know, for those who may choose one.
 *
 * @module
 */

import { DEFAULT_MODEL } from "../agents/model_family.ts";

/** Ids of the Gemini API; the first is the one to take. */
export const LIVE_MODELS: readonly string[] = [DEFAULT_MODEL, "gemini-3.1-flash-live-preview"];
