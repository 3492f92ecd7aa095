/**
 * Teaches a pupil: stretches of calls taken at random, and steps of Adam (Kingma and Ba 2014) whose length rises and falls
 * again.
 *
 * @module
 */

import type { Chance } from "../barge_in/chance.ts";
import type { Lesson } from "./lesson.ts";
import { PARAMETERS, Pupil, STRETCH } from "./pupil.ts";
import { CUES, UNITS } from "../../lib/turns/pause_clock.ts";

/** Stretches a step, unless told otherwise. */
const BATCH = 64;
const LONGEST_STEP = 8e-3;
/** Share of the training in which steps grow longer. */
const WARMING = 0.3;
/** A step is shortened whose gradient is longer than this. */
const LONGEST_GRADIENT = 1;
const FIRST_DECAY = 0.9;
const SECOND_DECAY = 0.999;
const TINY = 1e-8;

/** How often every frame is heard, on average, and who is told. */
export interface Curriculum {
  readonly rounds: number;
  /** Stretches a step; 64 unless given. */
  readonly batch?: number;
  readonly chance: Chance;
  /** After each round: its number from 1 on, and the loss a frame. */
  readonly tell: (round: number, loss: number) => void;
}

/** Teaches; returns who has learnt. */
export function train(lessons: readonly Lesson[], curriculum: Curriculum): Pupil {
  const { rounds, batch = BATCH, chance, tell } = curriculum;
  const pupil = new Pupil();
  const reach = 1 / Math.sqrt(UNITS);
  for (let i = 0; i < PARAMETERS; i++) pupil.parameters[i] = chance.between(-reach, reach);
  pupil.setNear();
  const adam = new Adam(pupil, batch);
  const frames = lessons.reduce((sum, { since }) => sum + since.length, 0);
  const steps = Math.ceil(frames / (batch * STRETCH));
  const take = takerOf(lessons, chance);
  for (let round = 0; round < rounds; round++) {
    let loss = 0;
    for (let step = 0; step < steps; step++) {
      pupil.gradients.fill(0);
      for (let n = 0; n < batch; n++) {
        const lesson = take();
        loss += pupil.study(lesson, chance.below(lesson.cues.length / CUES - STRETCH));
      }
      adam.step(stepLength((round * steps + step) / (rounds * steps)));
    }
    tell(round + 1, loss / (steps * batch));
  }
  return pupil;
}

/** Takes lessons at random, each as often as its share and length say. */
function takerOf(lessons: readonly Lesson[], chance: Chance): () => Lesson {
  let total = 0;
  const ends = lessons.map(({ share, since }) => total += share * since.length);
  return () => {
    const at = chance.unit() * total;
    return lessons[ends.findIndex((end) => at < end)] as Lesson;
  };
}

function stepLength(progress: number): number {
  const share = progress < WARMING
    ? 0.04 + 0.96 * progress / WARMING
    : 0.5 + 0.5 * Math.cos(Math.PI * (progress - WARMING) / (1 - WARMING));
  return LONGEST_STEP * share;
}

class Adam {
  readonly #pupil: Pupil;
  readonly #batch: number;
  readonly #mean = new Float64Array(PARAMETERS);
  readonly #square = new Float64Array(PARAMETERS);
  #steps = 0;

  constructor(pupil: Pupil, batch: number) {
    this.#pupil = pupil;
    this.#batch = batch;
  }

  step(length: number): void {
    const { parameters, gradients } = this.#pupil;
    let square = 0;
    for (const gradient of gradients) square += (gradient / this.#batch) ** 2;
    const scale = Math.min(1, LONGEST_GRADIENT / Math.sqrt(square + TINY)) / this.#batch;
    this.#steps++;
    const first = 1 - FIRST_DECAY ** this.#steps;
    const second = 1 - SECOND_DECAY ** this.#steps;
    for (let i = 0; i < PARAMETERS; i++) {
      const gradient = scale * (gradients[i] as number);
      const mean = FIRST_DECAY * (this.#mean[i] as number) + (1 - FIRST_DECAY) * gradient;
      const power = SECOND_DECAY * (this.#square[i] as number) +
        (1 - SECOND_DECAY) * gradient * gradient;
      this.#mean[i] = mean;
      this.#square[i] = power;
      parameters[i] = (parameters[i] as number) -
        length * (mean / first) / (Math.sqrt(power / second) + TINY);
    }
  }
}
