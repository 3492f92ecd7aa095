/**
 * Small tools for making test sound: samples are floats from -1 to 1 at 8 kHz.
 *
 * @module
 */

import { kaiser } from "../../audio/fir.ts";
import { LINE_HZ } from "../../audio/rates.ts";

/** A level in dB as a factor of amplitude. */
export function amplitude(db: number): number {
  return 10 ** (db / 20);
}

/** Root-mean-square level in dB; silence is -200. */
export function levelDb(samples: Float32Array, from = 0, to: number = samples.length): number {
  let energy = 0;
  for (let i = from; i < to; i++) energy += (samples[i] ?? 0) ** 2;
  return 10 * Math.log10(Math.max(energy / Math.max(1, to - from), 1e-20));
}

/** Scales so that the level is `db`. */
export function atLevel(samples: Float32Array, db: number): Float32Array<ArrayBuffer> {
  const gain = amplitude(db - levelDb(samples));
  return Float32Array.from(samples, (sample) => sample * gain);
}

/** Adds `sound` from sample `at` on. */
export function mixIn(into: Float32Array, sound: Float32Array, at: number): void {
  for (let i = Math.max(0, -at); i < sound.length && at + i < into.length; i++) {
    into[at + i] = (into[at + i] ?? 0) + (sound[i] ?? 0);
  }
}

/** Number of samples in some time. */
export function samplesIn(ms: number): number {
  return Math.round(ms * LINE_HZ / 1_000);
}

/** Convolves, and takes away the delay of a symmetric filter. */
export function filtered(samples: Float32Array, taps: Float64Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(samples.length);
  const middle = (taps.length - 1) >> 1;
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    const first = Math.max(0, i + middle - samples.length + 1);
    const last = Math.min(taps.length - 1, i + middle);
    for (let tap = first; tap <= last; tap++) {
      sum += (taps[tap] as number) * (samples[i + middle - tap] as number);
    }
    out[i] = sum;
  }
  return out;
}

/** What a telephone line leaves of a sound: 300 to 3400 Hz. */
export function telephoneBand(samples: Float32Array): Float32Array<ArrayBuffer> {
  return filtered(samples, TELEPHONE_TAPS);
}

/** Symmetric band-pass (windowed sinc, Kaiser window) that halves at its corners. */
export function bandPass(lowHz: number, highHz: number, taps = 201): Float64Array {
  const middle = (taps - 1) / 2;
  return Float64Array.from({ length: taps }, (_, tap) => {
    const distance = tap - middle;
    const ideal = distance === 0
      ? 2 * (highHz - lowHz) / LINE_HZ
      : (Math.sin(2 * Math.PI * highHz * distance / LINE_HZ) -
        Math.sin(2 * Math.PI * lowHz * distance / LINE_HZ)) / (Math.PI * distance);
    return ideal * kaiser(distance / middle, 6);
  });
}

const TELEPHONE_TAPS = bandPass(250, 3_450);

/** Plays faster or slower: higher and shorter, or lower and longer. One prompt talker becomes several. */
export function spedUp(samples: Float32Array, factor: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(Math.floor(samples.length / factor));
  for (let i = 0; i < out.length; i++) {
    const place = i * factor;
    const left = Math.floor(place);
    const part = place - left;
    const [a, b, c, d] = [-1, 0, 1, 2].map((step) => samples[left + step] ?? 0) as [
      number,
      number,
      number,
      number,
    ];
    out[i] = b + part * 0.5 *
        (c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)));
  }
  return out;
}

/** Fades both ends. */
export function faded(
  samples: Float32Array,
  inMs: number,
  outMs: number,
): Float32Array<ArrayBuffer> {
  const [rise, fall] = [samplesIn(inMs), samplesIn(outMs)];
  return samples.map((sample, i) =>
    sample * Math.min(1, (i + 1) / rise, (samples.length - i) / fall)
  ) as Float32Array<ArrayBuffer>;
}
