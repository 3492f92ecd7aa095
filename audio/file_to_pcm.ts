/**
 * Sound files of any rate as the PCM that a call needs. For whole files; streams have `resample.ts`.
 *
 * @module
 */

import { lowPassTap } from "./fir.ts";
import { mixToMono, saturate } from "./pcm.ts";
import { MODEL_INPUT_HZ } from "./rates.ts";
import { readWav } from "./wav.ts";

/** Zero crossings of the sinc on each side of an output. */
const LOBES = 48;
/** Kernel values per zero crossing; a straight line between two of them errs by less than -100 dB. */
const STEPS = 512;
/** Where the gain is a half, as a part of the lower rate's band: 80 dB are reached at its edge. */
const CUTOFF = 0.95;
const BETA = 8;

/**
 * Reads a WAV file as PCM16 mono; stereo is mixed.
 *
 * @param bytes What the file holds
 * @param hz Rate to convert to; unless given, what the model hears
 * @throws {WavError} If the bytes are no WAV file that can be read
 *
 * @example A tenth of a second from a compact disc
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeWav } from "./wav.ts";
 * const file = writeWav({ hz: 44_100, channels: [new Int16Array(4410), new Int16Array(4410)] });
 * assertEquals(fileToPcm(file).length, 1600);
 * ```
 */
export function fileToPcm(bytes: Uint8Array, hz: number = MODEL_INPUT_HZ): Int16Array<ArrayBuffer> {
  const { hz: fromHz, channels: [left = new Int16Array(0), right] } = readWav(bytes);
  return convertRate(right ? mixToMono(left, right) : left, { fromHz, toHz: hz });
}

/**
 * Converts samples from one rate to another, in place in time: what sounded at a moment sounds at the same moment.
 *
 * Each output is a sum of inputs around it under a windowed sinc, which is looked up in a table.
 *
 * @throws {RangeError} If a rate is not a positive whole number
 *
 * @example Twice the rate, twice the samples
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(convertRate(new Int16Array(3), { fromHz: 8_000, toHz: 16_000 }).length, 6);
 * ```
 */
export function convertRate(
  samples: Int16Array,
  { fromHz, toHz }: { readonly fromHz: number; readonly toHz: number },
): Int16Array<ArrayBuffer> {
  for (const hz of [fromHz, toHz]) {
    if (!Number.isSafeInteger(hz) || hz <= 0) {
      throw new RangeError(`Cannot convert sample rate: ${hz} Hz`);
    }
  }
  if (fromHz === toHz) return new Int16Array(samples);
  const lobesPerSample = CUTOFF * Math.min(1, toHz / fromHz);
  const reach = LOBES / lobesPerSample;
  const kernel = sincTable();
  const converted = new Int16Array(Math.ceil(samples.length * toHz / fromHz));
  for (let o = 0; o < converted.length; o++) {
    const centre = o * fromHz / toHz;
    const last = Math.min(samples.length - 1, Math.floor(centre + reach));
    let sum = 0;
    for (let i = Math.max(0, Math.ceil(centre - reach)); i <= last; i++) {
      const at = Math.abs(i - centre) * lobesPerSample * STEPS;
      const below = Math.floor(at);
      const value = kernel[below] as number;
      const next = kernel[below + 1] as number;
      sum += (samples[i] as number) * (value + (at - below) * (next - value));
    }
    converted[o] = saturate(sum * lobesPerSample);
  }
  return converted;
}

/** One side of the windowed sinc; two values more than it is long, for the line to the next one. */
function sincTable(): Float64Array {
  const design = { cutoff: 0.5, reach: LOBES, beta: BETA };
  return Float64Array.from(
    { length: LOBES * STEPS + 2 },
    (_, step) => lowPassTap(step / STEPS, design),
  );
}
