/**
 * What the rest of the code knows of a voice activity detector: frames in, speech probability out.
 *
 * @module
 */

/** A voice activity detector with the state of one call. */
export interface Vad {
  /**
   * Hears the next 20-ms frame of the call.
   *
   * @param frame 320 samples at 16 kHz; the detector copies what it keeps
   * @returns Probability of speech, 0 to 1, as of the end of this frame; promises settle in the order of the calls
   */
  score(frame: Int16Array): Promise<number>;
}
