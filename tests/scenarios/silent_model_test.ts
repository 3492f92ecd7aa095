import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { NUDGE_CUE } from "../../lib/call/cues.ts";
import { ModelError } from "../../lib/call/model.ts";
import { test } from "../support/flights.ts";
import {
  ASKED_AT_MS,
  callAndSpeak,
  good,
  hangUpAfter,
  longestSilenceMs,
  timesHeard,
} from "../support/owed_call.ts";
import type { ScriptedAnswer } from "../support/scripted_answers.ts";
import { ScriptedModel } from "../support/scripted_model.ts";

const NOTHING = new Int16Array();
const NEAR_SILENCE = Int16Array.from({ length: 48_000 }, (_, i) => i % 3 - 1);

/** Answers that are none, by what the record calls them. */
const NO_ANSWERS: Record<string, ScriptedAnswer | undefined> = {
  "absent": undefined,
  "empty": { pcm: NOTHING, text: "" },
  "text-only": { pcm: NOTHING, text: "I write.", fault: "written" },
  "near-silent": { pcm: NEAR_SILENCE, text: " I whisper." },
  "rejected": { pcm: NOTHING, text: "", fault: "rejected" },
};

/** The questions of a call: when each is asked, and the number of its answer. */
const QUESTIONS = {
  "the call is answered": { asked: 0, atMs: 0 },
  "a turn": { asked: 1, atMs: ASKED_AT_MS },
};

for (const [problem, none] of Object.entries(NO_ANSWERS)) {
  for (const [when, { asked, atMs }] of Object.entries(QUESTIONS)) {
    test(`an answer that is ${problem} when ${when} is over is asked for again, and heard once [I6]`, async () => {
      const call = await callAndSpeak((index) => index === asked ? none : good(index));
      assertEquals(await hangUpAfter(call, 12_000), "caller-hung-up");
      const { repairs, faults, transcript } = call.record();
      assertEquals(faults[`answer-${problem}`], 1);
      assertEquals(repairs["nudge"], 1);
      assertEquals(call.model.texts.filter((text) => text === NUDGE_CUE).length, 1);
      assertEquals(timesHeard(call, good(asked + 1)), 1);
      const firstMs = call.model.firstAudioAtMs[problem === "near-silent" ? asked + 1 : asked] ?? 0;
      assertLessOrEqual(longestSilenceMs(call, atMs, firstMs), 2_000);
      const heard = transcript.filter(({ party, heardText }) => party === "agent" && heardText);
      assertEquals(heard.length, 2, "what nobody heard is not in the record as heard");
      assertEquals(call.clock.pendingTimers, 0);
    });
  }
}

/** How many answers in a row are none, and what was done. */
const LADDER: [bad: number, repairs: Record<string, number>][] = [
  [1, { "bridge": 1, "nudge": 1 }],
  [2, { "bridge": 1, "nudge": 1, "repeat-turn": 1 }],
  [3, { "bridge": 1, "nudge": 1, "repeat-turn": 1, "rotate": 1 }],
];

for (const [bad, expected] of LADDER) {
  test(`a model that answers at the ${bad + 1}. time is heard once, and the caller never waits in silence`, async () => {
    const isNone = (index: number) => index > 0 && index <= bad;
    const call = await callAndSpeak((index) => isNone(index) ? undefined : good(index));
    assertEquals(await hangUpAfter(call, 20_000), "caller-hung-up");
    assertEquals(call.record().repairs, expected);
    assertEquals(call.model.repeats, expected["repeat-turn"] ?? 0);
    assertEquals(call.model.rotations, expected["rotate"] ?? 0);
    assertEquals(timesHeard(call, good(bad + 1)), 1);
    const firstMs = call.model.firstAudioAtMs[1] ?? 0;
    assertLessOrEqual(longestSilenceMs(call, ASKED_AT_MS, firstMs), 2_000);
  });
}

test("a model that never answers is given up within ten seconds, and the caller is not left in silence [I6]", async () => {
  const call = await callAndSpeak((index) => index > 0 ? undefined : good(index));
  await call.clock.advance(30_000);
  assertEquals(await call.ended, {
    ending: "model-failed",
    detail: "Cannot get an answer from the model: absent",
  });
  const { repairs, durationMs = Infinity, endingDetail } = call.record();
  assertEquals(endingDetail, "Cannot get an answer from the model: absent");
  assertEquals(repairs, {
    "bridge": 1,
    "nudge": 1,
    "repeat-turn": 1,
    "rotate": 1,
    "give-up": 1,
  });
  assertLessOrEqual(durationMs, ASKED_AT_MS + 10_200);
  assertLessOrEqual(longestSilenceMs(call, ASKED_AT_MS, durationMs), 2_000);
  assertEquals(call.clock.pendingTimers, 0);
});

test("a model that rejects everything is given up at once", async () => {
  const rejected = { pcm: NOTHING, text: "", fault: "rejected" } as const;
  const call = await callAndSpeak(() => rejected);
  await call.clock.advance(30_000);
  assertEquals((await call.ended).ending, "model-failed");
  assertEquals(call.record().faults["answer-rejected"], 4);
  assertLessOrEqual(call.record().durationMs ?? Infinity, 1_500);
});

test("nobody asks whether the caller is there while it is the model that is silent", async () => {
  const call = await callAndSpeak((index) => index > 0 ? undefined : good(index), {
    agent: {
      deadAir: { askAfterMs: 3_000, asks: ["Are you there?"], goodbye: "Bye.", longestHoldMs: 0 },
    },
  });
  await call.clock.advance(30_000);
  await call.ended;
  const { model } = call;
  assertEquals(model.texts.filter((text) => text !== NUDGE_CUE).length, 1, "only the greeting");
});

/** The repairs behind which the answer to the question itself comes after all, and when that is. */
const LATE: [behind: string, thinkMs: number][] = [
  ["the nudge", 2_050],
  ["the nudge, and after some time", 2_700],
  ["the turn said again", 4_050],
  ["the turn said again, and after some time", 4_700],
];

for (const isStubborn of [false, true]) {
  for (const [behind, thinkMs] of LATE) {
    const how = isStubborn ? "and the repair is answered too" : "and the repair breaks it off";
    test(`an answer that comes behind ${behind} is no second answer, ${how}`, async () => {
      const answers = (index: number) => {
        if (index === 1) return { ...good(1), thinkMs };
        // A service speaks one answer at a time: the nudge has none before the late one.
        const isSkipped = index === 2 && thinkMs > 4_000;
        return isSkipped ? undefined : { ...good(index), thinkMs: 1_900 };
      };
      const call = await callAndSpeak(answers, { script: { isStubborn } });
      assertEquals(await hangUpAfter(call, 20_000), "caller-hung-up");
      const times = [1, 2, 3, 4].map((index) => timesHeard(call, good(index)));
      assertEquals(times.reduce((sum, n) => sum + n, 0), 1, `${times}`);
      const agentMs = call.record().transcript
        .filter(({ party, startMs }) => party === "agent" && startMs > ASKED_AT_MS)
        .reduce((sum, { heardMs = 0 }) => sum + heardMs, 0);
      assertLessOrEqual(agentMs, 1_500 + 500, "and of no other was much to be heard");
    });
  }
}

test("a second model goes on where the first one is silent", async () => {
  const second: ScriptedModel[] = [];
  const call = await callAndSpeak((index) => index > 0 ? undefined : good(index), {
    tamper: (parts) => ({
      ...parts,
      openSecondModel: (post, options) => {
        const model = new ScriptedModel(parts.clock, { answers: (index) => good(index + 5) });
        second.push(model);
        return model.open(post, options);
      },
    }),
  });
  assertEquals(await hangUpAfter(call, 25_000), "caller-hung-up");
  assertEquals(second.length, 1);
  assertEquals(second[0]?.texts, [NUDGE_CUE]);
  assert(call.model.isClosed && second[0]?.isClosed);
  assertEquals(call.record().repairs["second-model"], 1);
  assertEquals(timesHeard(call, good(5)), 1);
});

test("a second model greets the caller whom the first one cannot", async () => {
  const second: ScriptedModel[] = [];
  const call = await callAndSpeak(() => good(0), {
    tamper: (parts) => ({
      ...parts,
      openSecondModel: (post, options) => {
        const model = new ScriptedModel(parts.clock, { answers: (index) => good(index + 5) });
        second.push(model);
        return model.open(post, options);
      },
    }),
  });
  call.model.post({
    type: "model-lost",
    error: new ModelError("model-not-found", "no such model"),
  });
  assertEquals(await hangUpAfter(call, 12_000), "caller-hung-up");
  assertStringIncludes(second[0]?.texts[0] ?? "", "you speak first");
  assertEquals(timesHeard(call, good(5)), 1);
  assertEquals(timesHeard(call, good(0)), 0, "the first one is closed");
});
