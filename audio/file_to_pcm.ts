/**
 * Sound files of any rate as the PCM that a call needs. For whole files; streams have `rate_converter.ts` and `resample.ts`.
 *
 * @module
 */

import { mixToMono } from "./pcm.ts";
import { RateConverter, type Rates } from "./rate_converter.ts";
import { MODEL_INPUT_HZ } from "./rates.ts";
import { readWav } from "./wav.ts";

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
 * @throws {RangeError} If a rate is not a positive whole number
 *
 * @example Twice the rate, twice the samples
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(convertRate(new Int16Array(3), { fromHz: 8_000, toHz: 16_000 }).length, 6);
 * ```
 */
export function convertRate(samples: Int16Array, rates: Rates): Int16Array<ArrayBuffer> {
  const converter = new RateConverter(rates);
  const first = converter.push(samples);
  const rest = converter.flush();
  const converted = new Int16Array(first.length + rest.length);
  converted.set(first);
  converted.set(rest, first.length);
  return converted;
}
