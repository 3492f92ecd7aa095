/**
 * Whether a line that carries no speech carries something else for long: music on hold, mostly.
 *
 * @module
 */

/** From this level on a frame sounds. */
const SOUNDING_DBFS = -45;
/** A frame of at least this speech probability is speech, not sound. */
const SPEECH_PROBABILITY = 0.5;
/** How fast old frames are forgotten: about three seconds. */
const MEMORY_FRAMES = 150;
/** Share of sounding frames from which the line is on hold. */
const ON_HOLD_SHARE = 0.6;

/**
 * Watches over the last seconds of a line.
 *
 * @example A steady tone without speech is a line on hold, silence is not
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const watch = new HoldMusic();
 * for (let n = 0; n < 250; n++) watch.hear(-20, 0.05);
 * assertEquals(watch.isOnHold, true);
 * for (let n = 0; n < 250; n++) watch.hear(-80, 0);
 * assertEquals(watch.isOnHold, false);
 * ```
 */
export class HoldMusic {
  #share = 0;

  /** Hears a 20-ms frame; its level is that of the telephone band, so that neither hum nor an offset is music. */
  hear(levelDbfs: number, speechProbability: number): void {
    const sounds = speechProbability < SPEECH_PROBABILITY && levelDbfs > SOUNDING_DBFS;
    this.#share += ((sounds ? 1 : 0) - this.#share) / MEMORY_FRAMES;
  }

  /** Whether most of the last seconds was sound without speech. */
  get isOnHold(): boolean {
    return this.#share > ON_HOLD_SHARE;
  }
}
