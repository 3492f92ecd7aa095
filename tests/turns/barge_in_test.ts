import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { BargeInJudge, type BargeInOrder, wordLikeness } from "../../lib/turns/barge_in.ts";
import type { BargeInFrame } from "../../lib/turns/barge_in_evidence.ts";
import { type BargeInSettings, DEFAULT_BARGE_IN } from "../../lib/turns/turn_settings.ts";

const BANDS = 10;
const LONGEST_DECISION_MS = 600;

/** A frame without its time; `tilt` says by how many dB each band is louder than the one below. */
interface Sound {
  readonly levelDb: number;
  readonly tilt: number;
  readonly voicing: number;
  readonly speechProbability: number;
  readonly echoLikeness: number;
  readonly echoExcessDb: number;
  readonly isEchoCertain: boolean;
}

const QUIET: Sound = {
  levelDb: -75,
  tilt: 0,
  voicing: 0.1,
  speechProbability: 0.02,
  echoLikeness: 0,
  echoExcessDb: Infinity,
  isEchoCertain: true,
};
const HUM = { ...QUIET, levelDb: -28, tilt: -3, voicing: 0.95, speechProbability: 0.8 };
const OPEN_VOWEL = { ...HUM, levelDb: -22, tilt: -1, speechProbability: 0.95 };
const CLOSE_VOWEL = { ...OPEN_VOWEL, levelDb: -26, tilt: -3.5 };
const HISS = { ...OPEN_VOWEL, levelDb: -34, tilt: 2, voicing: 0.2 };
const CLICK = { ...HISS, levelDb: -18, tilt: 0, speechProbability: 0.5 };
const COUGH = { ...HISS, levelDb: -15, tilt: -1, voicing: 0.35, speechProbability: 0.7 };
const ECHO = { ...OPEN_VOWEL, levelDb: -40, echoLikeness: 0.6, echoExcessDb: 0 };

/** Frames of a sound, one behind the other. */
type Run = readonly [sound: Sound, frames: number];
const SYLLABLES: readonly Run[] = [[HISS, 4], [OPEN_VOWEL, 7], [CLOSE_VOWEL, 5], [HISS, 3]];
const SENTENCE = [...SYLLABLES, ...SYLLABLES, ...SYLLABLES];
/** What a cough has of voice is the smaller part. */
const COUGHS: readonly Run[] = [
  [COUGH, 5],
  [{ ...COUGH, tilt: -3, voicing: 0.7 }, 5],
  [{ ...COUGH, tilt: 1.5, levelDb: -22 }, 5],
  [QUIET, 40],
];

type TimedOrder = BargeInOrder & { atMs: number };

function frameOf(sound: Sound, endMs: number): BargeInFrame {
  const { levelDb, tilt } = sound;
  const bandsDb = Array.from({ length: BANDS }, (_, band) => levelDb - 10 + tilt * (band - 4.5));
  return { ...sound, endMs, bandsDb };
}

/** Hears runs of frames during one long answer. */
function judge(runs: readonly Run[], settings: Partial<BargeInSettings> = {}): TimedOrder[] {
  const judge = new BargeInJudge(BANDS, { ...DEFAULT_BARGE_IN, ...settings });
  const orders: TimedOrder[] = [];
  let endMs = 0;
  for (const [sound, frames] of runs) {
    for (let n = 0; n < frames; n++) {
      const order = judge.hear(frameOf(sound, endMs += 20), true);
      if (order) orders.push({ ...order, atMs: endMs });
    }
  }
  return orders;
}

const types = (orders: readonly TimedOrder[]) => orders.map(({ type }) => type);

Deno.test("BargeInJudge holds for a sentence and gives it the floor within 600 ms", () => {
  const orders = judge([[QUIET, 100], ...SENTENCE]);
  assertEquals(types(orders), ["hold", "interrupt"]);
  for (const order of orders) {
    assertEquals(order.onsetMs, 2_000);
    assertLessOrEqual(order.atMs - order.onsetMs, LONGEST_DECISION_MS);
  }
  assertEquals(orders[0]?.atMs, 2_040);
});

Deno.test("BargeInJudge dates the onset back to sound that the network did not know for speech", () => {
  const breath = { ...HISS, speechProbability: 0.1 };
  const [hold] = judge([[QUIET, 100], [breath, 5], ...SENTENCE]);
  assertEquals(hold, { type: "hold", onsetMs: 2_000, atMs: 2_140 });
  for (const [gapFrames, onsetMs] of [[1, 2_000], [3, 2_000], [4, 2_180], [8, 2_260]] as const) {
    const [hold] = judge([[QUIET, 100], [breath, 5], [QUIET, gapFrames], ...SENTENCE]);
    assertEquals(hold?.onsetMs, onsetMs, `${gapFrames} frames`);
  }
});

Deno.test("BargeInJudge holds for a hum and lets the answer go on", () => {
  for (const frames of [5, 10, 15, 20]) {
    const orders = judge([[QUIET, 100], [HUM, frames], [QUIET, 50]]);
    assertEquals(types(orders), ["hold", "resume"], `${frames} frames`);
    const [, resume] = orders;
    assert(resume?.type === "resume" && resume.heard === "voice");
    assertEquals(resume.atMs, 2_000 + Math.min(20 * frames + 120, 580), `${frames} frames`);
  }
});

Deno.test("BargeInJudge lets no click, cough or mere breath take the floor", () => {
  const none: Run[][] = [[[CLICK, 1], [QUIET, 40]], [[{ ...HISS, speechProbability: 0.3 }, 30]]];
  for (const runs of none) assertEquals(judge([[QUIET, 100], ...runs]), []);
  const letGo: Run[][] = [[[CLICK, 2], [QUIET, 40]], [...COUGHS], [...COUGHS, ...COUGHS]];
  for (const runs of letGo) {
    const orders = judge([[QUIET, 100], ...runs]);
    assert(orders.length > 0);
    for (const [i, order] of orders.entries()) {
      assertEquals(order.type, i % 2 === 0 ? "hold" : "resume");
      if (order.type === "resume") assertEquals(order.heard, "noise");
    }
  }
});

Deno.test("BargeInJudge is not held up by an echo, and hears the caller who speaks into it", () => {
  assertEquals(judge([[QUIET, 50], [ECHO, 200]]), []);
  const unknown = { ...ECHO, echoExcessDb: Infinity, isEchoCertain: false, echoLikeness: 0.3 };
  assertEquals(judge([[QUIET, 50], [unknown, 50]]), []);
  const above = { echoLikeness: 0.5, echoExcessDb: 15 };
  const sentence = SENTENCE.map(([sound, frames]): Run => [{ ...sound, ...above }, frames]);
  assertEquals(types(judge([[QUIET, 50], [ECHO, 50], ...sentence])), ["hold", "interrupt"]);
});

Deno.test("BargeInJudge lets the answer go on when what it held for turns out to be echo", () => {
  const orders = judge([[QUIET, 100], [HUM, 5], [ECHO, 50]]);
  assertEquals(types(orders), ["hold", "resume"]);
  const [, resume] = orders;
  assert(resume?.type === "resume" && resume.heard === "echo");
  assertEquals(resume.atMs, 2_000 + 5 * 20 + 4 * 20);
});

Deno.test("BargeInJudge asks for more while nobody knows if there is an echo", () => {
  const sentence = SENTENCE.map(([sound, frames]): Run => [
    { ...sound, isEchoCertain: false },
    frames,
  ]);
  const wary = judge([[QUIET, 100], ...sentence]);
  const sure = judge([[QUIET, 100], ...SENTENCE]);
  assertEquals(types(wary), ["hold", "interrupt"]);
  assertEquals(wary[0]?.atMs, 2_100);
  assert((wary[1]?.atMs ?? 0) >= 2_360 && (sure[1]?.atMs ?? 0) < 2_360);
});

Deno.test("BargeInJudge orders nothing when it is set to never", () => {
  assertEquals(judge([[QUIET, 100], ...SENTENCE, [HUM, 100]], { mode: "never" }), []);
});

Deno.test("BargeInJudge gives the floor at the first speech when it is set to immediate", () => {
  for (const minSpeechMs of [20, 60, 200]) {
    const settings = { mode: "immediate", minSpeechMs } as const;
    assertEquals(judge([[QUIET, 100], [HUM, 12], [QUIET, 20], ...SENTENCE], settings), [
      { type: "interrupt", onsetMs: 2_000, atMs: 2_000 + minSpeechMs },
    ]);
  }
});

Deno.test("BargeInJudge holds after minSpeechMs of speech and not for less", () => {
  for (const minSpeechMs of [20, 40, 100, 200, 400]) {
    const frames = minSpeechMs / 20;
    const [hold] = judge([[QUIET, 100], [HUM, frames]], { minSpeechMs });
    assertEquals(hold?.type, "hold");
    assertEquals(hold?.atMs, 2_000 + minSpeechMs);
    assertEquals(judge([[QUIET, 100], [HUM, frames - 1], [QUIET, 30]], { minSpeechMs }), []);
  }
});

Deno.test("BargeInJudge gives the floor to a hum that lasts longer than backchannelMaxMs", () => {
  for (const backchannelMaxMs of [200, 300, 450, 1_000]) {
    const orders = judge([[QUIET, 100], [HUM, 150]], { backchannelMaxMs });
    const taken = orders.find(({ type }) => type === "interrupt");
    assertEquals(taken?.atMs, 2_000 + backchannelMaxMs - backchannelMaxMs % 20 + 20);
    const frames = Math.floor(backchannelMaxMs / 20);
    const short = judge([[QUIET, 100], [HUM, frames], [QUIET, 100]], { backchannelMaxMs });
    assert(!types(short).includes("interrupt"), `${backchannelMaxMs} ms`);
  }
});

Deno.test("BargeInJudge counts hums together that follow closely, and not those that do not", () => {
  const closely: Run[] = [[HUM, 15], [QUIET, 20], [HUM, 15], [QUIET, 20]];
  assertEquals(types(judge([[QUIET, 100], ...closely])), ["hold", "resume", "hold", "interrupt"]);
  const apart: Run[] = [[HUM, 15], [QUIET, 60], [HUM, 15], [QUIET, 60]];
  assertEquals(types(judge([[QUIET, 100], ...apart])), ["hold", "resume", "hold", "resume"]);
});

Deno.test("BargeInJudge orders nothing after an interruption until the agent has begun anew", () => {
  const judge = new BargeInJudge(BANDS, { ...DEFAULT_BARGE_IN, mode: "decide" });
  const given: string[] = [];
  let endMs = 0;
  const hear = (runs: readonly Run[], isAgentsTurn: boolean) => {
    for (const [sound, frames] of runs) {
      for (let n = 0; n < frames; n++) {
        const order = judge.hear(frameOf(sound, endMs += 20), isAgentsTurn);
        if (order) given.push(order.type);
      }
    }
  };
  hear([[QUIET, 50], ...SENTENCE, ...SENTENCE], true);
  assertEquals(given, ["hold", "interrupt"]);
  hear([...SENTENCE, [QUIET, 50]], false);
  judge.answerBegan();
  hear([[QUIET, 50], [HUM, 5]], true);
  assertEquals(given, ["hold", "interrupt", "hold"]);
  // The answer is gone while it is held: nothing is left to decide.
  hear([[QUIET, 50]], false);
  hear([[QUIET, 50], ...SENTENCE], true);
  assertEquals(given, ["hold", "interrupt", "hold", "hold", "interrupt"]);
});

Deno.test("wordLikeness() is higher for a voice that moves than for one that does not, at any level", () => {
  const likeness = (runs: readonly Run[], gainDb: number) => {
    const judge = new BargeInJudge(BANDS, DEFAULT_BARGE_IN);
    let endMs = 0;
    for (const [sound, frames] of [[QUIET, 50] as const, ...runs]) {
      const louder = sound === QUIET ? sound : { ...sound, levelDb: sound.levelDb + gainDb };
      for (let n = 0; n < frames; n++) judge.hear(frameOf(louder, endMs += 20), true);
    }
    return wordLikeness(judge.evidence);
  };
  for (const gainDb of [-12, 0, 12]) {
    assert(likeness(SYLLABLES, gainDb) > likeness([[HUM, 19]], gainDb) + 2, `${gainDb} dB`);
  }
});

const sound = fc.oneof(
  fc.constantFrom(QUIET, HUM, OPEN_VOWEL, CLOSE_VOWEL, HISS, CLICK, COUGH, ECHO),
  fc.record({
    levelDb: fc.integer({ min: -80, max: -5 }),
    tilt: fc.integer({ min: -4, max: 4 }),
    voicing: fc.double({ min: 0, max: 1, noNaN: true }),
    speechProbability: fc.double({ min: 0, max: 1, noNaN: true }),
    echoLikeness: fc.double({ min: -0.2, max: 1, noNaN: true }),
    echoExcessDb: fc.constantFrom(-3, 0, 5, 10, 30, Infinity),
    isEchoCertain: fc.boolean(),
  }),
);
const runsOfSound = fc.array(fc.tuple(sound, fc.integer({ min: 1, max: 30 })), {
  minLength: 5,
  maxLength: 40,
  size: "max",
});

Deno.test("BargeInJudge decides once about each hold, within 600 ms of the onset, and never without one [C02]", () => {
  const settings = fc.record({
    mode: fc.constant("decide"),
    minSpeechMs: fc.integer({ min: 0, max: 500 }),
    backchannelMaxMs: fc.integer({ min: 0, max: 2_000 }),
  });
  fc.assert(
    fc.property(runsOfSound, settings, (runs, settings) => {
      const judge = new BargeInJudge(BANDS, settings);
      let endMs = 0;
      let held: BargeInOrder | undefined;
      for (const [sound, frames] of runs) {
        for (let n = 0; n < frames; n++) {
          const order = judge.hear(frameOf(sound, endMs += 20), true);
          if (order) {
            assertEquals(order.type === "hold", held === undefined);
            assertLessOrEqual(order.onsetMs, endMs - 20);
            if (held) assertEquals(order.onsetMs, held.onsetMs);
            held = order.type === "hold" ? order : undefined;
          }
          if (held) assertLessOrEqual(endMs - held.onsetMs, LONGEST_DECISION_MS - 20);
          if (order?.type === "interrupt") judge.answerBegan();
        }
      }
    }),
    { numRuns: 2_000 },
  );
});
