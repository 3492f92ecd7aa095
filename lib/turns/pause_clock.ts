/**
 * How long ago the caller last spoke, as a small trained network has it: a gated recurrent unit (Cho et al. 2014) over
 * what is known of each frame, and a counter that it sets.
 *
 * The detector tells speech from its absence, late and by talker; levels tell when sound ends, but not under noise. The
 * network has learnt from calls whose truth is known what both together say, and what a word's end sounds like that noise
 * swallows. `tasks/train_pause_clock.ts` trains it.
 *
 * @module
 */

import { PAUSE_WEIGHTS } from "./pause_weights.ts";

/** How many levels a frame is described by. */
export const CUE_BANDS = 10;
/** How many numbers describe a frame. */
export const CUES: number = CUE_BANDS + 4;
/** Numbers that the network keeps from frame to frame. */
export const UNITS = 24;
/** The counter goes no further. */
export const MOST_FRAMES = 60;
/** The furthest back to which the network sets the counter, and learns to tell. */
export const FURTHEST_FRAMES = 40;
/** Before anything was heard. */
export const FIRST_FRAMES = 20;
const FRAME_MS = 20;
/** Further back the clock has not learnt to tell. */
export const PAUSE_CLOCK_REACH_MS: number = FURTHEST_FRAMES * FRAME_MS;
const GATES = 3;

/** What is known of a frame. */
export interface PauseCue {
  /** How far each band stands above its background, in dB. */
  readonly aboveFloorsDb: ArrayLike<number>;
  /** The detector's probability of speech, 0 to 1. */
  readonly speechProbability: number;
  /** Of the whole frame. */
  readonly levelDbfs: number;
  /** The loudest of late. */
  readonly loudestDbfs: number;
  /** The background's. */
  readonly floorDbfs: number;
}

/** Writes what is known of a frame as numbers around zero, about as large as one. */
export function writeCues(cue: PauseCue, into: Float64Array): void {
  const { aboveFloorsDb, speechProbability: p, levelDbfs, loudestDbfs, floorDbfs } = cue;
  for (let b = 0; b < CUE_BANDS; b++) {
    into[b] = Math.min(24, Math.max(-4, aboveFloorsDb[b] as number)) / 10 - 0.4;
  }
  into[CUE_BANDS] = Math.log((p + 0.005) / (1.005 - p)) / 3;
  into[CUE_BANDS + 1] = 2 * p - 1;
  into[CUE_BANDS + 2] = Math.min(50, Math.max(0, loudestDbfs - floorDbfs)) / 10 - 2;
  into[CUE_BANDS + 3] = Math.max(-50, levelDbfs - loudestDbfs) / 10 + 2;
}

/** The weights, as they lie behind one another: each matrix row by row. */
export interface PauseWeights {
  /** From the cues to the reset gate, the update gate and the candidate: 3 x `UNITS` rows of `CUES`. */
  readonly input: Float64Array;
  /** From the last state to the same: 3 x `UNITS` rows of `UNITS`. */
  readonly state: Float64Array;
  /** Of the same. */
  readonly bias: Float64Array;
  /** To whether the counter is set, and to what: 2 rows of `UNITS`. */
  readonly output: Float64Array;
  /** Of the same. */
  readonly outputBias: Float64Array;
}

/** How many numbers each part of the weights has, in the order of a file of them. */
export const WEIGHT_SIZES: Readonly<Record<keyof PauseWeights, number>> = {
  input: GATES * UNITS * CUES,
  state: GATES * UNITS * UNITS,
  bias: GATES * UNITS,
  output: 2 * UNITS,
  outputBias: 2,
};

/**
 * Reads weights.
 *
 * @param base64 32-bit floats, little-endian
 * @throws {RangeError} If there are more or fewer than the network has
 */
export function readWeights(base64: string): PauseWeights {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const sizes = Object.values(WEIGHT_SIZES);
  const count = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes.length !== 4 * count) {
    throw new RangeError(`Cannot read weights: expected ${4 * count} bytes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer);
  let at = 0;
  const take = (size: number) =>
    Float64Array.from({ length: size }, () => view.getFloat32(4 * at++, true));
  return {
    input: take(WEIGHT_SIZES.input),
    state: take(WEIGHT_SIZES.state),
    bias: take(WEIGHT_SIZES.bias),
    output: take(WEIGHT_SIZES.output),
    outputBias: take(WEIGHT_SIZES.outputBias),
  };
}

/** Read once for all calls. */
let trained: PauseWeights | undefined;

/** Tells how long ago the caller of one call last spoke. */
export class PauseClock {
  readonly #weights: PauseWeights;
  readonly #cues = new Float64Array(CUES);
  /** What the cues say to each gate and candidate, and what the units of before say. */
  readonly #now = new Float64Array(GATES * UNITS);
  readonly #before = new Float64Array(GATES * UNITS);
  readonly #units = new Float64Array(UNITS);
  #frames = FIRST_FRAMES;

  /** Knows nothing of the call yet; `weights`: others than those that were trained. */
  constructor(weights?: PauseWeights) {
    this.#weights = weights ?? (trained ??= readWeights(PAUSE_WEIGHTS));
  }

  /** Time since the caller last spoke; beyond 1.2 s it is no more than that. */
  get ms(): number {
    return this.#frames * FRAME_MS;
  }

  /** Hears what is known of the next frame. */
  hear(cue: PauseCue): void {
    writeCues(cue, this.#cues);
    this.#remember();
    const { output, outputBias } = this.#weights;
    const units = this.#units;
    let set = outputBias[0] as number;
    let to = outputBias[1] as number;
    for (let i = 0; i < UNITS; i++) {
      set += (output[i] as number) * (units[i] as number);
      to += (output[UNITS + i] as number) * (units[i] as number);
    }
    const gate = sigmoid(set);
    const setting = FURTHEST_FRAMES * sigmoid(to);
    this.#frames = Math.min(MOST_FRAMES, (this.#frames + 1) * (1 - gate) + gate * setting);
  }

  /** The units take in the cues. */
  #remember(): void {
    const { input, state, bias } = this.#weights;
    const units = this.#units;
    const now = this.#now;
    const before = this.#before;
    multiply(input, this.#cues, now);
    multiply(state, units, before);
    for (let row = 0; row < now.length; row++) {
      now[row] = (now[row] as number) + (bias[row] as number);
    }
    for (let i = 0; i < UNITS; i++) {
      const update = UNITS + i;
      const candidate = 2 * UNITS + i;
      const reset = sigmoid((now[i] as number) + (before[i] as number));
      const kept = sigmoid((now[update] as number) + (before[update] as number));
      const fresh = Math.tanh((now[candidate] as number) + reset * (before[candidate] as number));
      units[i] = fresh + kept * ((units[i] as number) - fresh);
    }
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** A matrix, row by row, times a vector; four rows at a time, so that no sum waits for itself. */
function multiply(matrix: Float64Array, vector: Float64Array, into: Float64Array): void {
  const length = vector.length;
  for (let row = 0; row < into.length; row += 4) {
    let at = row * length;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = 0; i < length; i++, at++) {
      const value = vector[i] as number;
      a += (matrix[at] as number) * value;
      b += (matrix[at + length] as number) * value;
      c += (matrix[at + 2 * length] as number) * value;
      d += (matrix[at + 3 * length] as number) * value;
    }
    into[row] = a;
    into[row + 1] = b;
    into[row + 2] = c;
    into[row + 3] = d;
  }
}
