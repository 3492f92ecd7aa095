/**
 * From any sample rate to any other, as a stream. The two changes of rate in a call have `resample.ts`, which is faster.
 *
 * @module
 */

import { lowPassTap } from "./fir.ts";
import { saturate } from "./pcm.ts";

/** Zero crossings of the sinc on each side of an output. */
const LOBES = 48;
/** Kernel values per zero crossing; a straight line between two of them errs by less than -100 dB. */
const STEPS = 512;
/** Where the gain is a half, as a part of the lower rate's band: 80 dB are reached at its edge. */
const CUTOFF = 0.95;
const BETA = 8;

/** One side of the windowed sinc; two values more than it is long, for the line to the next one. */
const KERNEL = Float64Array.from(
  { length: LOBES * STEPS + 2 },
  (_, step) => lowPassTap(step / STEPS, { cutoff: 0.5, reach: LOBES, beta: BETA }),
);

/** Which rates. */
export interface Rates {
  /** Rate of what comes in. */
  readonly fromHz: number;
  /** Rate of what goes out. */
  readonly toHz: number;
}

/**
 * Converts a stream of samples, in place in time: what sounded at a moment sounds at the same moment. Each output is a
 * sum of inputs around it under a windowed sinc, which is looked up in a table; it leaves when the last of them is there,
 * some 50 samples of the lower rate late. However the stream is cut into pushes, the output is the same to the bit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const converter = new RateConverter({ fromHz: 48_000, toHz: 16_000 });
 * const pushed = converter.push(new Int16Array(960));
 * assertEquals(pushed.length + converter.flush().length, 320);
 * ```
 */
export class RateConverter {
  readonly #rates: Rates;
  /** The kernel's zero crossings per input. */
  readonly #lobesPerSample: number;
  /** Inputs on each side that an output is made of. */
  readonly #reach: number;
  /** Inputs that are still needed. */
  #kept = new Int16Array(0);
  /** Inputs that are not needed any more. */
  #gone = 0;
  /** Outputs so far. */
  #given = 0;

  /**
   * Converts by `rates`.
   *
   * @throws {RangeError} If a rate is not a positive whole number
   */
  constructor(rates: Rates) {
    for (const hz of [rates.fromHz, rates.toHz]) {
      if (!Number.isSafeInteger(hz) || hz <= 0) {
        throw new RangeError(`Cannot convert sample rate: ${hz} Hz`);
      }
    }
    this.#rates = rates;
    this.#lobesPerSample = CUTOFF * Math.min(1, rates.toHz / rates.fromHz);
    this.#reach = LOBES / this.#lobesPerSample;
  }

  /**
   * Takes samples of any number.
   *
   * @returns What is ready, in memory of its own
   */
  push(samples: Int16Array): Int16Array<ArrayBuffer> {
    const { fromHz, toHz } = this.#rates;
    if (fromHz === toHz) return new Int16Array(samples);
    const kept = new Int16Array(this.#kept.length + samples.length);
    kept.set(this.#kept);
    kept.set(samples, this.#kept.length);
    this.#kept = kept;
    const last = this.#gone + kept.length - 1 - this.#reach;
    const ready = this.#upTo(Math.max(this.#given, Math.floor(last * toHz / fromHz) + 1));
    const needed = Math.max(0, Math.ceil(this.#given * fromHz / toHz - this.#reach));
    this.#kept = kept.slice(needed - this.#gone);
    this.#gone = Math.min(needed, this.#gone + kept.length);
    return ready;
  }

  /**
   * Ends the stream and forgets everything.
   *
   * @returns The rest
   */
  flush(): Int16Array<ArrayBuffer> {
    const { fromHz, toHz } = this.#rates;
    const total = this.#gone + this.#kept.length;
    const rest = fromHz === toHz ? new Int16Array(0) : this.#upTo(Math.ceil(total * toHz / fromHz));
    this.reset();
    return rest;
  }

  /** Forgets everything, as if new. */
  reset(): void {
    this.#kept = new Int16Array(0);
    this.#gone = this.#given = 0;
  }

  #upTo(count: number): Int16Array<ArrayBuffer> {
    const converted = new Int16Array(count - this.#given);
    for (let o = 0; o < converted.length; o++) converted[o] = this.#at(this.#given + o);
    this.#given = count;
    return converted;
  }

  #at(output: number): number {
    const { fromHz, toHz } = this.#rates;
    const kept = this.#kept;
    const centre = output * fromHz / toHz - this.#gone;
    const last = Math.min(kept.length - 1, Math.floor(centre + this.#reach));
    let sum = 0;
    for (let i = Math.max(0, Math.ceil(centre - this.#reach)); i <= last; i++) {
      const at = Math.abs(i - centre) * this.#lobesPerSample * STEPS;
      const below = Math.floor(at);
      const value = KERNEL[below] as number;
      const next = KERNEL[below + 1] as number;
      sum += (kept[i] as number) * (value + (at - below) * (next - value));
    }
    return saturate(sum * this.#lobesPerSample);
  }
}
