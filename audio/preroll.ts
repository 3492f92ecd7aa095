/**
 * The last moments of audio, kept for when it turns out that somebody had begun to speak.
 *
 * @module
 */

/** One kept frame. */
interface KeptFrame {
  readonly streamMs: number;
  readonly pcm: Int16Array;
}

/**
 * A bounded queue of frames, the oldest of which make room for new ones. A frame that was taken out is gone, so
 * nothing can be sent twice.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const preroll = new Preroll(2);
 * for (const n of [0, 1, 2]) preroll.push(Int16Array.of(n), n * 20);
 * assertEquals(preroll.takeFrom(0), [Int16Array.of(1), Int16Array.of(2)]);
 * assertEquals(preroll.takeFrom(0), []);
 * ```
 */
export class Preroll {
  readonly #capacity: number;
  #frames: KeptFrame[] = [];

  /** Keeps at most `capacity` frames. */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(`Cannot keep ${capacity} frames: expected a whole number from 1`);
    }
    this.#capacity = capacity;
  }

  /**
   * Keeps a frame.
   *
   * @param pcm Its samples; not copied
   * @param streamMs Media time at which it begins; never earlier than the last one's
   */
  push(pcm: Int16Array, streamMs: number): void {
    this.#frames.push({ streamMs, pcm });
    if (this.#frames.length > this.#capacity) this.#frames.shift();
  }

  /** Takes out everything, and gives the frames that begin at `streamMs` or later, oldest first. */
  takeFrom(streamMs: number): Int16Array[] {
    const taken = this.#frames.filter((frame) => frame.streamMs >= streamMs);
    this.#frames = [];
    return taken.map((frame) => frame.pcm);
  }
}
