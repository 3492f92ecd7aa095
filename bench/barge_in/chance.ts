/**
 * Chance that a seed repeats: the same sets come out on every machine.
 *
 * @module
 */

/** Random numbers from a text (mulberry32 on the FNV-1a hash of the text). */
export class Chance {
  #state: number;

  /** @param seed Any text; the same text gives the same numbers */
  constructor(seed: string) {
    let hash = 2_166_136_261;
    for (const char of seed) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619);
    this.#state = hash >>> 0;
  }

  /** From 0 up to 1. */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From `low` up to `high`. */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** A whole number from 0 up to `count`. */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  /** One of them. */
  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new RangeError("Cannot pick: there are no choices");
    return choices[this.below(choices.length)] as T;
  }

  /** Normally distributed around 0 with a deviation of 1 (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.unit()));
    return radius * Math.cos(2 * Math.PI * this.unit());
  }
}
