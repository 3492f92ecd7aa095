/**
 * A pause clock that learns: the same network as in `lib/turns/pause_clock.ts`, run over a stretch of a call and back again
 * (backpropagation through time).
 *
 * @module
 */

import {
  CUES,
  FIRST_FRAMES,
  FURTHEST_FRAMES,
  MOST_FRAMES,
  UNITS,
  WEIGHT_SIZES,
} from "../../lib/turns/pause_clock.ts";
import type { Lesson } from "./lesson.ts";

/** Frames of a stretch. */
export const STRETCH = 400;
/** Of these nothing is asked: the network has heard too little. */
const SETTLING = 60;
/** Under the truth as often as over it, but a little rather under: who is cut off is worse off than who waits. */
const QUANTILE = 0.45;
/** Puts the counter at some five frames. */
const NEAR = -2;
/** While it learns, a third output says whether there is speech: what tells that, tells pauses. */
const HEADS = 3;
/** Sums that a frame makes: both gates and the candidate of each unit. */
const SUMS = 3 * UNITS;

const LENGTHS = {
  ...WEIGHT_SIZES,
  speech: UNITS,
  speechBias: 1,
};
type Part = keyof typeof LENGTHS;
/** How many numbers are learnt. */
export const PARAMETERS: number = Object.values(LENGTHS).reduce((sum, size) => sum + size, 0);
/** How many of them the clock has. */
export const CLOCK_PARAMETERS: number = PARAMETERS - LENGTHS.speech - LENGTHS.speechBias;

/** Views of the parts of one vector. */
function partsOf(vector: Float64Array): Record<Part, Float64Array> {
  let at = 0;
  const take = (size: number) => vector.subarray(at, at += size);
  return {
    input: take(LENGTHS.input),
    state: take(LENGTHS.state),
    bias: take(LENGTHS.bias),
    output: take(LENGTHS.output),
    outputBias: take(LENGTHS.outputBias),
    speech: take(LENGTHS.speech),
    speechBias: take(LENGTHS.speechBias),
  };
}

/** Hears stretches of calls and finds how its weights should change. */
export class Pupil {
  /** What is learnt. */
  readonly parameters = new Float64Array(PARAMETERS);
  /** How the loss changes with each, summed over the stretches since it was last emptied. */
  readonly gradients = new Float64Array(PARAMETERS);
  readonly #own = partsOf(this.parameters);
  readonly #slope = partsOf(this.gradients);
  /** For each frame: both gates, the candidate, and what the reset gate weighs. */
  readonly #reset = new Float64Array(STRETCH * UNITS);
  readonly #update = new Float64Array(STRETCH * UNITS);
  readonly #fresh = new Float64Array(STRETCH * UNITS);
  readonly #recalled = new Float64Array(STRETCH * UNITS);
  /** The units before each frame, and after the last. */
  readonly #units = new Float64Array((STRETCH + 1) * UNITS);
  /** The counter before each frame, and after the last. */
  readonly #count = new Float64Array(STRETCH + 1);
  readonly #heads = new Float64Array(STRETCH * HEADS);
  readonly #sums = new Float64Array(2 * SUMS);

  /** Has the counter set to a few frames until something else has been learnt. */
  setNear(): void {
    add(this.#own.outputBias, 1, NEAR);
  }

  /** How many frames ago the caller last spoke, as it was believed after each frame of the last stretch. */
  get believed(): Float64Array {
    return this.#count.subarray(1);
  }

  /** Hears `STRETCH` frames of a call from one on; returns the loss, a frame. */
  study(lesson: Lesson, from: number): number {
    this.#units.fill(0, 0, UNITS);
    this.#count[0] = FIRST_FRAMES;
    for (let t = 0; t < STRETCH; t++) this.#forward(lesson, { t, frame: from + t });
    return this.#back(lesson, from);
  }

  #forward({ cues }: Lesson, { t, frame }: { t: number; frame: number }): void {
    const { input, state, bias, output, outputBias, speech, speechBias } = this.#own;
    const before = this.#units.subarray(t * UNITS, (t + 1) * UNITS);
    const after = this.#units.subarray((t + 1) * UNITS, (t + 2) * UNITS);
    const sums = this.#sums;
    product(input, cues.subarray(frame * CUES, (frame + 1) * CUES), sums.subarray(0, SUMS));
    product(state, before, sums.subarray(SUMS));
    const at = t * UNITS;
    let [set, to, said] = [
      outputBias[0] as number,
      outputBias[1] as number,
      speechBias[0] as number,
    ];
    for (let i = 0; i < UNITS; i++) {
      const sum = (row: number) => (sums[row] as number) + (bias[row] as number);
      const reset = sigmoid(sum(i) + (sums[SUMS + i] as number));
      const update = sigmoid(sum(UNITS + i) + (sums[SUMS + UNITS + i] as number));
      const recalled = sums[SUMS + 2 * UNITS + i] as number;
      const fresh = Math.tanh(sum(2 * UNITS + i) + reset * recalled);
      const unit = fresh + update * ((before[i] as number) - fresh);
      this.#reset[at + i] = reset;
      this.#update[at + i] = update;
      this.#recalled[at + i] = recalled;
      this.#fresh[at + i] = fresh;
      after[i] = unit;
      set += (output[i] as number) * unit;
      to += (output[UNITS + i] as number) * unit;
      said += (speech[i] as number) * unit;
    }
    const gate = sigmoid(set);
    const setting = FURTHEST_FRAMES * sigmoid(to);
    this.#heads.set([gate, setting, sigmoid(said)], t * HEADS);
    const count = ((this.#count[t] as number) + 1) * (1 - gate) + gate * setting;
    this.#count[t + 1] = Math.min(MOST_FRAMES, count);
  }

  #back(lesson: Lesson, from: number): number {
    const asked = STRETCH - SETTLING;
    const unitSlopes = new Float64Array(UNITS);
    let loss = 0;
    let countSlope = 0;
    for (let t = STRETCH - 1; t >= 0; t--) {
      const [since, weight] = [lesson.since[from + t] ?? 0, lesson.weights[from + t] ?? 0];
      const count = this.#count[t + 1] as number;
      let speechSlope = 0;
      if (t >= SETTLING) {
        const short = since - Math.min(count, FURTHEST_FRAMES);
        loss += weight * (short > 0 ? QUANTILE : QUANTILE - 1) * short / asked;
        if (count < FURTHEST_FRAMES) {
          countSlope += weight * (short > 0 ? -QUANTILE : 1 - QUANTILE) / asked;
        }
        const isSpeech = since === 0 ? 1 : 0;
        const speech = this.#heads[t * HEADS + 2] as number;
        loss -= Math.log(isSpeech ? speech : 1 - speech) / asked;
        speechSlope = (speech - isSpeech) / asked;
      }
      countSlope = this.#backHeads(t, { countSlope, speechSlope, unitSlopes });
      const frame = from + t;
      this.#backUnits(t, lesson.cues.subarray(frame * CUES, (frame + 1) * CUES), unitSlopes);
    }
    return loss;
  }

  /** Adds what the outputs ask of the units; returns what the counter asks of the one before. */
  #backHeads(
    t: number,
    slopes: { countSlope: number; speechSlope: number; unitSlopes: Float64Array },
  ): number {
    const { countSlope, speechSlope, unitSlopes } = slopes;
    const units = this.#units.subarray((t + 1) * UNITS, (t + 2) * UNITS);
    const [gate = 0, setting = 0] = this.#heads.subarray(t * HEADS);
    const isFull = (this.#count[t + 1] as number) >= MOST_FRAMES;
    const gateSlope = isFull ? 0 : countSlope * (setting - (this.#count[t] as number) - 1);
    const set = gateSlope * gate * (1 - gate);
    const to = isFull ? 0 : countSlope * gate * setting * (1 - setting / FURTHEST_FRAMES);
    const { output, speech } = this.#own;
    const slope = this.#slope;
    for (let i = 0; i < UNITS; i++) {
      const unit = units[i] as number;
      unitSlopes[i] = (unitSlopes[i] as number) + set * (output[i] as number) +
        to * (output[UNITS + i] as number) + speechSlope * (speech[i] as number);
      add(slope.output, i, set * unit);
      add(slope.output, UNITS + i, to * unit);
      add(slope.speech, i, speechSlope * unit);
    }
    add(slope.outputBias, 0, set);
    add(slope.outputBias, 1, to);
    add(slope.speechBias, 0, speechSlope);
    return isFull ? 0 : countSlope * (1 - gate);
  }

  /** Goes back through one frame; what it asks of the units before stands in `unitSlopes` afterwards. */
  #backUnits(t: number, cues: Float64Array, unitSlopes: Float64Array): void {
    const before = this.#units.subarray(t * UNITS, (t + 1) * UNITS);
    const inputSlopes = this.#sums.subarray(0, SUMS);
    const stateSlopes = this.#sums.subarray(SUMS);
    for (let i = 0, at = t * UNITS; i < UNITS; i++, at++) {
      const slope = unitSlopes[i] as number;
      const [reset = 0, update = 0, fresh = 0] = [
        this.#reset[at],
        this.#update[at],
        this.#fresh[at],
      ];
      const ofFresh = slope * (1 - update) * (1 - fresh * fresh);
      const ofReset = ofFresh * (this.#recalled[at] as number) * reset * (1 - reset);
      const ofUpdate = slope * ((before[i] as number) - fresh) * update * (1 - update);
      inputSlopes[i] = stateSlopes[i] = ofReset;
      inputSlopes[UNITS + i] = stateSlopes[UNITS + i] = ofUpdate;
      inputSlopes[2 * UNITS + i] = ofFresh;
      stateSlopes[2 * UNITS + i] = ofFresh * reset;
      unitSlopes[i] = slope * update;
    }
    const { state } = this.#own;
    const slope = this.#slope;
    for (let row = 0; row < SUMS; row++) {
      const ofInput = inputSlopes[row] as number;
      const ofState = stateSlopes[row] as number;
      add(slope.bias, row, ofInput);
      for (let i = 0, at = row * CUES; i < CUES; i++, at++) {
        slope.input[at] = (slope.input[at] as number) + ofInput * (cues[i] as number);
      }
      for (let i = 0, at = row * UNITS; i < UNITS; i++, at++) {
        slope.state[at] = (slope.state[at] as number) + ofState * (before[i] as number);
        unitSlopes[i] = (unitSlopes[i] as number) + ofState * (state[at] as number);
      }
    }
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function add(vector: Float64Array, at: number, value: number): void {
  vector[at] = (vector[at] as number) + value;
}

/** A matrix, row by row, times a vector. */
function product(matrix: Float64Array, vector: Float64Array, into: Float64Array): void {
  let at = 0;
  for (let row = 0; row < into.length; row++) {
    let sum = 0;
    for (let i = 0; i < vector.length; i++) sum += (matrix[at++] as number) * (vector[i] as number);
    into[row] = sum;
  }
}
