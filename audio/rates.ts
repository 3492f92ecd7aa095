/**
 * The sample rates and the frame of a call, in one place.
 *
 * @module
 */

/** What the telephone line carries (ITU-T G.711). */
export const LINE_HZ = 8_000;
/** What the model hears. */
export const MODEL_INPUT_HZ = 16_000;
/** What the model speaks. */
export const MODEL_OUTPUT_HZ = 24_000;
/** Length of a frame, the unit in which everything counts. */
export const FRAME_MS = 20;
/** Samples, and mu-law bytes, in a frame on the line. */
export const LINE_FRAME_SAMPLES = 160;
/** Samples in a frame for the model. */
export const MODEL_INPUT_FRAME_SAMPLES = 320;
