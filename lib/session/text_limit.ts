/**
 * How many texts a program may send in a minute. Pure: time is given.
 *
 * @module
 */

const MINUTE_MS = 60_000;

/** Counts over the last minute, whenever that is. */
export class TextLimit {
  readonly #perMinute: number;
  #sentMs: number[] = [];

  /**
   * Nothing was sent yet.
   *
   * @throws {RangeError} If the number is not a whole one above 0
   */
  constructor(perMinute: number) {
    if (!Number.isInteger(perMinute) || perMinute < 1) {
      throw new RangeError("Cannot limit texts: expected a whole number of at least 1 a minute");
    }
    this.#perMinute = perMinute;
  }

  /**
   * Asks to send one more; it counts as sent if it may be.
   *
   * @param nowMs The time, monotonic
   * @returns How long until there is room; 0: now
   */
  take(nowMs: number): number {
    this.#sentMs = this.#sentMs.filter((sentMs) => nowMs - sentMs < MINUTE_MS);
    const [oldestMs = nowMs] = this.#sentMs;
    if (this.#sentMs.length >= this.#perMinute) return oldestMs + MINUTE_MS - nowMs;
    this.#sentMs.push(nowMs);
    return 0;
  }
}
