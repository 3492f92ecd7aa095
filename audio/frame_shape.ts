/**
 * What a frame of telephone sound looks like: how its energy lies over the bands, which harmonics it has, and how
 * periodic it is. The caller's frame and the frame that the line plays meanwhile are seen in one transform.
 *
 * @module
 */

import { LINE_FRAME_SAMPLES as FRAME, LINE_HZ } from "./rates.ts";

const SIZE = 256;
const BIN_HZ = LINE_HZ / SIZE;
/** Corners of the bands, narrower where speech has more to tell. */
const BAND_CORNERS_HZ = [250, 400, 550, 750, 1_000, 1_300, 1_650, 2_050, 2_500, 3_000, 3_400];
/** Number of bands. */
export const BANDS: number = BAND_CORNERS_HZ.length - 1;
const CORNER_BINS = BAND_CORNERS_HZ.map((hz) => Math.round(hz / BIN_HZ));
/** Bins in which harmonics are compared: 250 to 2750 Hz. */
const FIRST_FINE = 8;
/** Number of those bins. */
export const FINE = 80;
/** Harmonics stand out against the mean of this many bins to either side. */
const FINE_REACH = 4;
/** Power of the quietest mu-law step: below it there is only the coder. */
const SMALLEST_POWER = 1e-8;
const SCALE = 1 / 32_768;

/** What one frame of one direction looks like; the arrays are overwritten with the next frame. */
export interface FrameShape {
  /** Level of the whole, in dBFS. */
  levelDb: number;
  /** Level of each band, in dBFS. */
  readonly bandsDb: Float64Array;
  /** Harmonics: log power of each bin against its neighbours, with a norm of 1; all zero without sound. */
  readonly fine: Float64Array;
}

/** Looks at frames of both directions. */
export class FrameShapes {
  /** What came from the caller. */
  readonly caller: FrameShape = emptyShape();
  /** What the line played. */
  readonly played: FrameShape = emptyShape();
  /** How periodic the caller's sound is, 0 to 1. */
  voicing = 0;
  readonly #callerWindow = new Float64Array(SIZE);
  readonly #playedWindow = new Float64Array(SIZE);
  readonly #real = new Float64Array(SIZE);
  readonly #imaginary = new Float64Array(SIZE);
  readonly #power = new Float64Array(SIZE / 2);
  readonly #sums = new Float64Array(SIZE / 2 + 1);
  readonly #half = new Float64Array(SIZE / 2);

  /** Looks at the next frames of 160 samples. */
  push(caller: Int16Array, played: Int16Array): void {
    slide(this.#callerWindow, caller);
    slide(this.#playedWindow, played);
    for (let i = 0; i < SIZE; i++) {
      const place = REVERSED[i] as number;
      const weight = HANN[i] as number;
      this.#real[place] = weight * (this.#callerWindow[i] as number);
      this.#imaginary[place] = weight * (this.#playedWindow[i] as number);
    }
    transform(this.#real, this.#imaginary);
    this.#describe(this.caller, 1);
    this.#describe(this.played, -1);
    this.voicing = this.#periodicity();
  }

  /** The spectrum of a real signal is the even part of the packed one, that of the other the odd part. */
  #describe(shape: FrameShape, part: 1 | -1): void {
    const re = this.#real;
    const im = this.#imaginary;
    const power = this.#power;
    for (let bin = 4; bin < SIZE / 2; bin++) {
      const x = (re[bin] as number) + part * (re[SIZE - bin] as number);
      const y = (im[bin] as number) - part * (im[SIZE - bin] as number);
      power[bin] = (x * x + y * y) * POWER_SCALE + 1e-12;
    }
    let total = 0;
    for (let band = 0; band < BANDS; band++) {
      let sum = 0;
      const end = CORNER_BINS[band + 1] as number;
      for (let bin = CORNER_BINS[band] as number; bin < end; bin++) sum += power[bin] as number;
      total += sum;
      shape.bandsDb[band] = 10 * Math.log10(sum + SMALLEST_POWER);
    }
    shape.levelDb = 10 * Math.log10(total + SMALLEST_POWER);
    this.#describeFine(shape);
  }

  #describeFine({ fine }: FrameShape): void {
    const power = this.#power;
    const sums = this.#sums;
    const first = FIRST_FINE - FINE_REACH;
    let sum = 0;
    for (let bin = first; bin < FIRST_FINE + FINE + FINE_REACH; bin++) {
      sums[bin] = sum;
      power[bin] = Math.log(power[bin] as number);
      sum += power[bin] as number;
    }
    sums[FIRST_FINE + FINE + FINE_REACH] = sum;
    let norm = 1e-9;
    for (let i = 0; i < FINE; i++) {
      const bin = FIRST_FINE + i;
      const around = (sums[bin + FINE_REACH + 1] as number) - (sums[bin - FINE_REACH] as number);
      const height = (power[bin] as number) - around / (2 * FINE_REACH + 1);
      fine[i] = height;
      norm += height * height;
    }
    const scale = 1 / Math.sqrt(norm);
    for (let i = 0; i < FINE; i++) fine[i] = (fine[i] as number) * scale;
  }

  /** The best normalised autocorrelation for 75 to 400 Hz, at half the rate. */
  #periodicity(): number {
    const window = this.#callerWindow;
    const half = this.#half;
    for (let i = 0; i < SIZE / 2; i++) {
      half[i] = (window[2 * i] as number) + (window[2 * i + 1] as number);
    }
    const length = SIZE / 2 - LONGEST_PERIOD;
    let own = 1e-7;
    for (let i = 0; i < length; i++) own += (half[i] as number) ** 2;
    let shifted = own;
    let best = 0;
    for (let lag = 1; lag < SHORTEST_PERIOD; lag++) shifted += this.#shift(lag, length);
    // Two lags at a time, so that no sum waits for itself.
    for (let lag = SHORTEST_PERIOD; lag < LONGEST_PERIOD; lag += 2) {
      let even = 0;
      let odd = 0;
      for (let i = 0, j = lag; i < length; i++, j++) {
        const sample = half[i] as number;
        even += sample * (half[j] as number);
        odd += sample * (half[j + 1] as number);
      }
      shifted += this.#shift(lag, length);
      if (even > 0) best = Math.max(best, even / Math.sqrt(own * shifted));
      shifted += this.#shift(lag + 1, length);
      if (odd > 0) best = Math.max(best, odd / Math.sqrt(own * shifted));
    }
    return best;
  }

  /** What the energy of the shifted piece gains and loses from one lag to the next. */
  #shift(lag: number, length: number): number {
    const half = this.#half;
    return (half[length + lag - 1] as number) ** 2 - (half[lag - 1] as number) ** 2;
  }
}

/** At half the rate: 400 Hz and 75 Hz; an even number of them. */
const SHORTEST_PERIOD = 10;
const LONGEST_PERIOD = 53;

const HANN = Float64Array.from(
  { length: SIZE },
  (_, i) => 0.5 - 0.5 * Math.cos(2 * Math.PI * (i + 0.5) / SIZE),
);
/** Halves of the packed spectrum, two-sided power, and what the window takes (3/8). */
const POWER_SCALE = 0.25 * 2 / (SIZE * SIZE * 0.375);
const COSINES = Float64Array.from({ length: SIZE / 2 }, (_, i) => Math.cos(2 * Math.PI * i / SIZE));
const SINES = Float64Array.from({ length: SIZE / 2 }, (_, i) => -Math.sin(2 * Math.PI * i / SIZE));
const REVERSED = Uint8Array.from({ length: SIZE }, (_, i) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= ((i >> bit) & 1) << (7 - bit);
  return reversed;
});

function emptyShape(): FrameShape {
  return { levelDb: -80, bandsDb: new Float64Array(BANDS).fill(-80), fine: new Float64Array(FINE) };
}

function slide(window: Float64Array, frame: Int16Array): void {
  window.copyWithin(0, FRAME);
  const kept = SIZE - FRAME;
  for (let i = 0; i < FRAME; i++) window[kept + i] = (frame[i] as number) * SCALE;
}

/** Radix 2, in place; the input lies in bit-reversed order. The first two passes need no multiplication. */
function transform(re: Float64Array, im: Float64Array): void {
  for (let a = 0; a < SIZE; a += 4) {
    const b = a + 1;
    const c = a + 2;
    const d = a + 3;
    const sumRe = (re[a] as number) + (re[b] as number);
    const sumIm = (im[a] as number) + (im[b] as number);
    const restRe = (re[a] as number) - (re[b] as number);
    const restIm = (im[a] as number) - (im[b] as number);
    const nextRe = (re[c] as number) + (re[d] as number);
    const nextIm = (im[c] as number) + (im[d] as number);
    const turnedRe = (im[c] as number) - (im[d] as number);
    const turnedIm = (re[d] as number) - (re[c] as number);
    re[a] = sumRe + nextRe;
    im[a] = sumIm + nextIm;
    re[b] = restRe + turnedRe;
    im[b] = restIm + turnedIm;
    re[c] = sumRe - nextRe;
    im[c] = sumIm - nextIm;
    re[d] = restRe - turnedRe;
    im[d] = restIm - turnedIm;
  }
  for (let length = 8; length <= SIZE; length <<= 1) {
    const half = length >> 1;
    const stride = SIZE / length;
    for (let k = 0, turn = 0; k < half; k++, turn += stride) {
      const c = COSINES[turn] as number;
      const s = SINES[turn] as number;
      for (let upper = k; upper < SIZE; upper += length) {
        const lower = upper + half;
        const x = (re[lower] as number) * c - (im[lower] as number) * s;
        const y = (re[lower] as number) * s + (im[lower] as number) * c;
        re[lower] = (re[upper] as number) - x;
        im[lower] = (im[upper] as number) - y;
        re[upper] = (re[upper] as number) + x;
        im[upper] = (im[upper] as number) + y;
      }
    }
  }
}
