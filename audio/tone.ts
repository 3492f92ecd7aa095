/**
 * Tones that are made, not recorded.
 *
 * @module
 */

import { LINE_HZ } from "./rates.ts";

/** One sine of a tone. */
export interface Sine {
  /** Its frequency. */
  readonly hz: number;
  /** Its level, root mean square. */
  readonly dbfs: number;
}

/**
 * Sines that sound together, at 8 kHz, for as long as they are asked for: however the pieces are cut, they join without
 * a step.
 *
 * @example A sine of -20 dBFS
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { levelDbfs } from "./level.ts";
 * const tone = new Tone([{ hz: 400, dbfs: -20 }]);
 * assertAlmostEquals(levelDbfs(tone.next(800)), -20, 0.01);
 * ```
 */
export class Tone {
  readonly #sines: readonly { radians: number; peak: number }[];
  #place = 0;

  /**
   * A tone that begins with its first sample.
   *
   * @param sines Its sines
   * @throws {RangeError} If one of them cannot be carried by the line
   */
  constructor(sines: readonly Sine[]) {
    for (const { hz } of sines) {
      if (hz > 0 && hz < LINE_HZ / 2) continue;
      throw new RangeError(`Cannot make a tone of ${hz} Hz: expected more than 0 and below 4000`);
    }
    this.#sines = sines.map(({ hz, dbfs }) => ({
      radians: 2 * Math.PI * hz / LINE_HZ,
      peak: Math.SQRT2 * 32_768 * 10 ** (dbfs / 20),
    }));
  }

  /** Its next samples; `gain` is asked for the place of each, counted from the first. */
  next(samples: number, gain: (place: number) => number = () => 1): Int16Array {
    const pcm = new Int16Array(samples);
    for (let i = 0; i < samples; i++, this.#place++) {
      let sum = 0;
      for (const { radians, peak } of this.#sines) sum += peak * Math.sin(radians * this.#place);
      pcm[i] = Math.round(sum * gain(this.#place));
    }
    return pcm;
  }
}

/**
 * D4 and the D above it. They are away from everything that means something on a telephone line: ringing and busy tones
 * (350, 400, 425, 440, 450, 480, 620 Hz), special information (950, 1400, 1800 Hz) and keys (697 Hz and up).
 */
const COMFORT_SINES: readonly Sine[] = [
  { hz: 293.66, dbfs: -31.5 },
  { hz: 587.33, dbfs: -35.5 },
];
/** How long it takes to come in. */
const FADE_IN_SAMPLES = 0.3 * LINE_HZ;
/** It swells and sinks so slowly that it is no cadence, and is never gone. */
const BREATH_SAMPLES = 2.4 * LINE_HZ;
const BREATH_DEPTH = 0.35;

/**
 * What a caller hears who has to wait: a soft tone of -30 dBFS that fades in and then breathes. It never ceases, so
 * nobody takes it for ringing or a busy line.
 *
 * @example Soft from the first moment
 * ```ts
 * import { assert } from "@std/assert";
 * import { levelDbfs } from "./level.ts";
 * const tone = new ComfortTone();
 * assert(levelDbfs(tone.next(160)) < -50);
 * assert(Math.abs(levelDbfs(tone.next(80_000)) - -30) < 1);
 * ```
 */
export class ComfortTone {
  readonly #tone = new Tone(COMFORT_SINES);

  /** Its next samples, at 8 kHz. */
  next(samples: number): Int16Array {
    return this.#tone.next(samples, comfortGain);
  }
}

function comfortGain(place: number): number {
  const breath = 1 + BREATH_DEPTH * Math.cos(2 * Math.PI * place / BREATH_SAMPLES);
  const fade = Math.min(1, place / FADE_IN_SAMPLES);
  return fade * fade * breath;
}
