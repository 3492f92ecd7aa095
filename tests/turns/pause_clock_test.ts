import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { BANDS } from "../../audio/frame_shape.ts";
import { Chance } from "../../bench/barge_in/chance.ts";
import type { Lesson } from "../../bench/pause_clock/lesson.ts";
import { CLOCK_PARAMETERS, PARAMETERS, Pupil, STRETCH } from "../../bench/pause_clock/pupil.ts";
import { train } from "../../bench/pause_clock/training.ts";
import { CallerSound } from "../../lib/turns/caller_sound.ts";
import {
  CUE_BANDS,
  CUES,
  PauseClock,
  type PauseCue,
  readWeights,
  writeCues,
} from "../../lib/turns/pause_clock.ts";

const QUIET: PauseCue = {
  aboveFloorsDb: new Float64Array(CUE_BANDS),
  speechProbability: 0.01,
  levelDbfs: -65,
  loudestDbfs: -20,
  floorDbfs: -65,
};
const VOICE: PauseCue = {
  aboveFloorsDb: new Float64Array(CUE_BANDS).fill(30),
  speechProbability: 0.97,
  levelDbfs: -22,
  loudestDbfs: -20,
  floorDbfs: -65,
};

function hear(clock: PauseClock, cue: PauseCue, frames: number): void {
  for (let n = 0; n < frames; n++) clock.hear(cue);
}

Deno.test("PauseClock stands at nothing while the caller speaks and runs when they have ceased", () => {
  const clock = new PauseClock();
  hear(clock, QUIET, 100);
  hear(clock, VOICE, 50);
  assert(clock.ms < 40, `${clock.ms} ms in speech`);
  for (const frames of [10, 10, 10]) {
    const before = clock.ms;
    hear(clock, QUIET, frames);
    assert(clock.ms > before, `${clock.ms} ms after ${before}`);
  }
  assertAlmostEquals(clock.ms, 600, 100);
  hear(clock, VOICE, 5);
  assert(clock.ms < 60, `${clock.ms} ms when they go on`);
});

Deno.test("PauseClock goes no further than 1.2 s", () => {
  const clock = new PauseClock();
  hear(clock, VOICE, 20);
  hear(clock, QUIET, 50 * 60);
  assert(clock.ms > 1_000 && clock.ms <= 1_200, `${clock.ms} ms`);
});

Deno.test("PauseClock stays a number in any sound, and in none", () => {
  const clock = new PauseClock();
  for (const speechProbability of [0, 1]) {
    hear(clock, { ...QUIET, speechProbability, levelDbfs: -Infinity }, 50);
    assert(clock.ms >= 0 && clock.ms <= 1_200, `${clock.ms} ms`);
  }
  const chance = new Chance("any sound");
  for (let n = 0; n < 2_000; n++) {
    clock.hear({
      aboveFloorsDb: Float64Array.from({ length: CUE_BANDS }, () => chance.between(-100, 100)),
      speechProbability: chance.unit(),
      levelDbfs: chance.between(-200, 0),
      loudestDbfs: chance.between(-70, 0),
      floorDbfs: chance.between(-100, 0),
    });
    assert(clock.ms >= 0 && clock.ms <= 1_200, `${clock.ms} ms`);
  }
});

Deno.test("a frame has as many bands as the clock hears", () => {
  assertEquals(BANDS, CUE_BANDS);
  assertThrows(
    () => new CallerSound().hear(0.5, new Float64Array(CUE_BANDS - 1), false),
    RangeError,
    "expected 10 bands",
  );
});

Deno.test("weights of another network are refused", () => {
  assertThrows(() => readWeights("AAAA"), RangeError, "expected");
});

/** What is the same in all made-up frames. */
const SAID = { levelDbfs: -30, loudestDbfs: -20, floorDbfs: -60 };

/** Two sounds that anybody can tell apart by one band; the others tell nothing. */
function madeUpCall(chance: Chance, frames: number): { cues: PauseCue[]; lesson: Lesson } {
  const since = new Float64Array(frames);
  const cues: PauseCue[] = [];
  let [passed, left, isSpeech] = [40, 30, false];
  for (let frame = 0; frame < frames; frame++) {
    if (left-- === 0) [left, isSpeech] = [10 + chance.below(60), !isSpeech];
    passed = isSpeech ? 0 : passed + 1;
    since[frame] = Math.min(passed, 40);
    const aboveFloorsDb = Float64Array.from({ length: CUE_BANDS }, () => chance.between(0, 5));
    aboveFloorsDb[0] = isSpeech ? 15 : 0;
    cues.push({ ...SAID, aboveFloorsDb, speechProbability: 0.5 });
  }
  const numbers = new Float64Array(frames * CUES);
  for (const [n, cue] of cues.entries()) {
    writeCues(cue, numbers.subarray(n * CUES, (n + 1) * CUES));
  }
  const weights = since.map((n) => n < 10 ? 5 : 1);
  return { cues, lesson: { cues: numbers, since, weights, share: 1 } };
}

/** Weights of every part of the network: some of the many, all of the few. */
const SOME_WEIGHTS = Array.from({ length: PARAMETERS }, (_, at) => at)
  .filter((at) => at % 53 === 0 || at >= PARAMETERS - 80);

for (const counter of ["is set all the time", "runs to its end"]) {
  Deno.test(`who learns finds the slopes that small changes of the weights show, where the counter ${counter}`, () => {
    const chance = new Chance("slopes");
    const { lesson } = madeUpCall(chance, STRETCH);
    const pupil = new Pupil();
    for (let i = 0; i < PARAMETERS; i++) pupil.parameters[i] = chance.between(-0.3, 0.3);
    if (counter === "runs to its end") pupil.parameters[CLOCK_PARAMETERS - 2] = -6;
    pupil.study(lesson, 0);
    assertEquals(pupil.believed.some((frames) => frames === 60), counter === "runs to its end");
    const slopes = pupil.gradients.slice();
    const lossWith = (at: number, change: number) => {
      const was = pupil.parameters[at] as number;
      pupil.parameters[at] = was + change;
      const loss = pupil.study(lesson, 0);
      pupil.parameters[at] = was;
      return loss;
    };
    const CHANGE = 1e-5;
    for (const at of SOME_WEIGHTS) {
      const slope = (lossWith(at, CHANGE) - lossWith(at, -CHANGE)) / (2 * CHANGE);
      const by = 1e-6 + 1e-3 * Math.abs(slope);
      assertAlmostEquals(slopes[at] as number, slope, by, `weight ${at}`);
    }
  });
}

Deno.test("what was learnt comes near the truth, and the clock does the same with it", () => {
  const chance = new Chance("learning");
  const calls = Array.from({ length: 4 }, () => madeUpCall(chance, 2_000));
  const losses: number[] = [];
  const pupil = train(calls.map(({ lesson }) => lesson), {
    rounds: 20,
    batch: 2,
    chance,
    tell: (_, loss) => losses.push(loss),
  });
  assert((losses.at(-1) ?? NaN) < 0.5 * (losses[0] ?? NaN), losses.join());
  const { cues, lesson } = madeUpCall(chance, STRETCH);
  const learnt = Float32Array.from(pupil.parameters);
  pupil.parameters.set(learnt);
  pupil.study(lesson, 0);
  const bytes = new Uint8Array(learnt.buffer, 0, 4 * CLOCK_PARAMETERS);
  const clock = new PauseClock(readWeights(bytes.toBase64()));
  for (const [n, cue] of cues.entries()) {
    clock.hear(cue);
    assertAlmostEquals(clock.ms, 20 * (pupil.believed[n] as number), 1e-6, `frame ${n}`);
  }
});
