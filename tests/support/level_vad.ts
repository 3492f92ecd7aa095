/**
 * A detector for tests: whatever is loud enough is speech.
 *
 * @module
 */

import type { Vad } from "../../audio/vad.ts";

/** Scores a frame 1 if its root mean square is above a threshold, else 0; as late as a network would. */
export class LevelVad implements Vad {
  readonly #threshold: number;

  constructor(threshold = 300) {
    this.#threshold = threshold;
  }

  async score(frame: Int16Array): Promise<number> {
    await Promise.resolve();
    let sum = 0;
    for (const sample of frame) sum += sample * sample;
    return Math.sqrt(sum / frame.length) > this.#threshold ? 1 : 0;
  }
}
