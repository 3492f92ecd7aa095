/**
 * The last moments of audio, kept for when it turns out that somebody had begun to speak.
 *
 * @module
 */

/**
 * A bounded queue of frames, the oldest of which make room for new ones. A frame that was taken out is gone, so
 * nothing can be sent twice.
 *
 * Frames are copied into one piece of memory: kept each by itself, thousands would grow old and die every second, and their
 * collection would hold up every call of the process.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const preroll = new Preroll({ frames: 2, frameSamples: 1 });
 * for (const n of [0, 1, 2]) preroll.push(Int16Array.of(n), n * 20);
 * assertEquals(preroll.takeFrom(0), [Int16Array.of(1), Int16Array.of(2)]);
 * assertEquals(preroll.takeFrom(0), []);
 * ```
 */
export class Preroll {
  readonly #frameSamples: number;
  readonly #samples: Int16Array;
  /** When each frame begins, at its place. */
  readonly #streamMs: Float64Array;
  /** The place of the next frame. */
  #next = 0;
  #kept = 0;

  /** Keeps at most `frames` frames of `frameSamples` samples each. */
  constructor({ frames, frameSamples }: { frames: number; frameSamples: number }) {
    if (!Number.isInteger(frames) || frames < 1) {
      throw new RangeError(`Cannot keep ${frames} frames: expected a whole number from 1`);
    }
    this.#frameSamples = frameSamples;
    this.#samples = new Int16Array(frames * frameSamples);
    this.#streamMs = new Float64Array(frames);
  }

  /**
   * Keeps a frame.
   *
   * @param pcm Its samples
   * @param streamMs Media time at which it begins; never earlier than the last one's
   * @throws {RangeError} If it has another length than the frames that are kept here
   */
  push(pcm: Int16Array, streamMs: number): void {
    if (pcm.length !== this.#frameSamples) {
      throw new RangeError(`Cannot keep ${pcm.length} samples: expected ${this.#frameSamples}`);
    }
    this.#samples.set(pcm, this.#next * this.#frameSamples);
    this.#streamMs[this.#next] = streamMs;
    this.#next = (this.#next + 1) % this.#streamMs.length;
    this.#kept = Math.min(this.#kept + 1, this.#streamMs.length);
  }

  /** Takes out everything, and gives the frames that begin at `streamMs` or later, oldest first. */
  takeFrom(streamMs: number): Int16Array[] {
    const taken: Int16Array[] = [];
    for (let age = this.#kept; age > 0; age--) {
      const place = (this.#next - age + this.#streamMs.length) % this.#streamMs.length;
      if ((this.#streamMs[place] as number) < streamMs) continue;
      const from = place * this.#frameSamples;
      taken.push(this.#samples.slice(from, from + this.#frameSamples));
    }
    this.#kept = 0;
    return taken;
  }
}
