/**
 * The two changes of rate in a call, as streams: 8 to 16 kHz towards the model, 24 to 8 kHz towards the caller.
 *
 * Both filters are Nyquist filters under a Kaiser window: the gain is a half at 4 kHz, every second (or third) tap but the
 * middle one is zero, and what is left is folded by {@linkcode FoldedFir}. Up to 3,400 Hz the gain is within 0.001 dB;
 * from 4,600 Hz up, where the images of the telephone's band begin and the aliases into it, it is below -85 dB. A tone of
 * 16 bits has all else at least 84 dB below it, rounding included.
 *
 * Sums are kept in double precision and rounded once. Positions are counted in whole samples, so nothing drifts. However
 * a stream is cut into pushes, its output is the same to the bit.
 *
 * @module
 */

import { FoldedFir, type LowPass, lowPassTap } from "./fir.ts";
import { saturate } from "./pcm.ts";

/** Inputs that are worked on at once; a longer push goes block by block through the same small memory. */
const BLOCK = 480;

/** Output memory that grows to the longest push, so that a stream of equal frames allocates nothing. */
class Output {
  #memory = new Int16Array(0);
  #view = this.#memory;

  ofLength(length: number): Int16Array<ArrayBuffer> {
    if (length > this.#memory.length) this.#memory = new Int16Array(length);
    if (length !== this.#view.length) this.#view = this.#memory.subarray(0, length);
    return this.#view;
  }
}

/** Taps on one side of the half-band filter that are not zero. */
const UP_TAPS = 18;
const UP_DELAY = 2 * UP_TAPS - 1;
/** The odd distances from the centre; both sides together let 0 Hz through unchanged. */
const UP_FIR = tapsAt(Array.from({ length: UP_TAPS }, (_, k) => 2 * k + 1), {
  design: { cutoff: 1 / 4, reach: 37, beta: 8.78 },
  sum: 1 / 2,
});

/**
 * Doubles the sample rate: 8 to 16 kHz. Two samples leave for each that enters, 35 (2.2 ms at 16 kHz) late.
 *
 * @example A tone keeps its level
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { levelDbfs } from "./level.ts";
 * const tone = Int16Array.from({ length: 1600 }, (_, i) => 8000 * Math.sin(Math.PI * i / 4));
 * const doubled = new Upsampler2x().push(tone);
 * assertAlmostEquals(levelDbfs(doubled.subarray(100)), levelDbfs(tone), 0.01);
 * ```
 */
export class Upsampler2x {
  /** By how many output samples the signal is late. */
  static readonly delaySamples: number = UP_DELAY;

  /** The last `UP_DELAY` inputs, then the block at hand. */
  readonly #line = new Float64Array(UP_DELAY + BLOCK);
  readonly #between = new Float64Array(BLOCK);
  readonly #fir = new FoldedFir(UP_FIR, {
    rising: this.#line.subarray(UP_TAPS),
    falling: this.#line,
    sums: this.#between,
  });
  readonly #output = new Output();

  /**
   * Takes samples of any number.
   *
   * @returns Twice as many; memory of the resampler, good until the next call
   */
  push(samples: Int16Array): Int16Array<ArrayBuffer> {
    const output = this.#output.ofLength(2 * samples.length);
    for (let from = 0; from < samples.length; from += BLOCK) {
      const count = Math.min(BLOCK, samples.length - from);
      for (let i = 0; i < count; i++) this.#line[UP_DELAY + i] = samples[from + i] as number;
      this.#fir.run(count);
      for (let i = 0, o = 2 * from; i < count; i++) {
        output[o++] = saturate(this.#between[i] as number);
        output[o++] = this.#line[UP_TAPS + i] as number;
      }
      this.#line.copyWithin(0, count, count + UP_DELAY);
    }
    return output;
  }

  /**
   * Ends the stream: gives the samples that are still late and forgets everything.
   *
   * @returns Memory of the resampler, good until the next call
   */
  flush(): Int16Array<ArrayBuffer> {
    const rest = this.push(new Int16Array(UP_TAPS)).subarray(0, UP_DELAY);
    this.reset();
    return rest;
  }

  /** Forgets everything, as if new. */
  reset(): void {
    this.#line.fill(0);
  }
}

/** Third-band taps that meet the samples of one lane, half of them on each side of the centre. */
const DOWN_TAPS = 36;
const DOWN_DELAY = DOWN_TAPS / 2 - 1;
/** Samples of a lane that are kept from block to block. */
const DOWN_PAST = DOWN_TAPS - 1;
/** The distances of the second lane's samples from the centre; each lane contributes a third at 0 Hz. */
const DOWN_FIR = tapsAt(
  Array.from({ length: DOWN_TAPS }, (_, k) => 3 * (k - DOWN_TAPS / 2) + 1),
  { design: { cutoff: 1 / 6, reach: 54.5, beta: 8.56 }, sum: 1 / 3 },
);

/**
 * Divides the sample rate by three: 24 to 8 kHz. One sample leaves for every three that enter, 17 (2.1 ms at 8 kHz) late.
 *
 * The input is dealt out to three lanes, as cards are. An output's centre lies in the first lane, where every other tap is
 * zero; the second and the third lane see the same taps, one forwards and one backwards.
 *
 * @example What a telephone cannot carry is gone
 * ```ts
 * import { assertLess } from "@std/assert";
 * import { levelDbfs } from "./level.ts";
 * const tone = Int16Array.from({ length: 4800 }, (_, i) => 8000 * Math.sin(2 * Math.PI * 6000 * i / 24_000));
 * assertLess(levelDbfs(new Downsampler3x().push(tone).subarray(100)), -90);
 * ```
 */
export class Downsampler3x {
  /** By how many output samples the signal is late. */
  static readonly delaySamples: number = DOWN_DELAY;

  readonly #lanes = [newLane(), newLane(), newLane()] as const;
  readonly #sums = new Float64Array(BLOCK / 3 + 1);
  readonly #fir = new FoldedFir(DOWN_FIR, {
    rising: this.#lanes[1],
    falling: this.#lanes[2],
    sums: this.#sums,
  });
  readonly #output = new Output();
  /** Samples that have entered of a group of three: 0, 1 or 2. */
  #entered = 0;

  /**
   * Takes samples of any number.
   *
   * @returns One for every three that have entered; memory of the resampler, good until the next call
   */
  push(samples: Int16Array): Int16Array<ArrayBuffer> {
    const output = this.#output.ofLength(Math.floor((this.#entered + samples.length) / 3));
    let written = 0;
    for (let from = 0; from < samples.length; from += BLOCK) {
      const count = Math.min(BLOCK, samples.length - from);
      this.#deal(samples, { from, count });
      const groups = Math.floor((this.#entered + count) / 3);
      this.#entered = (this.#entered + count) % 3;
      this.#fir.run(groups);
      const centres = this.#lanes[0];
      for (let i = 0; i < groups; i++) {
        const centre = centres[DOWN_TAPS / 2 + i] as number;
        output[written++] = saturate(centre / 3 + (this.#sums[i] as number));
      }
      for (const lane of this.#lanes) lane.copyWithin(0, groups, groups + DOWN_PAST + 1);
    }
    return output;
  }

  /**
   * Ends the stream: completes the last group with silence, gives the samples that are still late and forgets everything.
   *
   * @returns Memory of the resampler, good until the next call
   */
  flush(): Int16Array<ArrayBuffer> {
    const rest = this.push(new Int16Array(3 * DOWN_DELAY + (3 - this.#entered) % 3));
    this.reset();
    return rest;
  }

  /** Forgets everything, as if new. */
  reset(): void {
    for (const lane of this.#lanes) lane.fill(0);
    this.#entered = 0;
  }

  /** Puts the block's samples behind what the lanes keep, going on where the last block stopped. */
  #deal(samples: Int16Array, { from, count }: { from: number; count: number }): void {
    for (const [turn, lane] of this.#lanes.entries()) {
      const begun = turn < this.#entered;
      let slot = begun ? DOWN_PAST + 1 : DOWN_PAST;
      for (let i = turn - this.#entered + (begun ? 3 : 0); i < count; i += 3) {
        lane[slot++] = samples[from + i] as number;
      }
    }
  }
}

function newLane(): Float64Array<ArrayBuffer> {
  return new Float64Array(DOWN_PAST + BLOCK / 3 + 1);
}

/** The taps at some distances from the centre, scaled so that they sum up to what is wanted. */
function tapsAt(distances: number[], options: { design: LowPass; sum: number }): Float64Array {
  const taps = Float64Array.from(distances, (distance) => lowPassTap(distance, options.design));
  const total = taps.reduce((sum, tap) => sum + tap);
  return taps.map((tap) => tap * options.sum / total);
}
