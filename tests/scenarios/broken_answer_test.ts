import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { NUDGE_CUE } from "../../lib/call/cues.ts";
import { asCallerHears, placeOnLine } from "../support/call_audio.ts";
import { test } from "../support/flights.ts";
import { heardOn } from "../support/held_call.ts";
import {
  ASKED_AT_MS,
  callAndSpeak,
  good,
  hangUpAfter,
  longestSilenceMs,
  partOf,
  timesHeard,
} from "../support/owed_call.ts";
import type { Scenario } from "../support/scenario.ts";
import type { ScriptedAnswer } from "../support/scripted_answers.ts";

const PART_MS = 800;
/** The model thinks for 200 ms. */
const BEGINS_AT_MS = ASKED_AT_MS + 200;
const ENDS_AT_MS = BEGINS_AT_MS + PART_MS;

/** What the model was asked to go on from. */
function askedToGoOnFrom({ model }: Scenario): string[] {
  return model.texts.flatMap((text) => /up to here: "([^"]*)"/.exec(text)?.[1] ?? []);
}

/** Every sound of a part of an answer was heard, one behind the other. */
function assertHeardWhole({ line }: Scenario, { pcm }: ScriptedAnswer): void {
  // What the last frame is filled up with, and what a filter still had, is not of interest.
  const part = asCallerHears(pcm).subarray(0, (PART_MS - 40) * 8);
  assert(placeOnLine(part, heardOn(line)) >= 0, "not all that came was heard");
}

for (const fault of ["cut-short", "stalled"] as const) {
  test(`an answer that is ${fault} is heard as far as it came, and gone on with [I6]`, async () => {
    const part = { ...partOf(1, PART_MS), fault };
    const call = await callAndSpeak((index) => index === 1 ? part : good(index));
    assertEquals(await hangUpAfter(call, 14_000), "caller-hung-up");
    assertHeardWhole(call, part);
    assertEquals(timesHeard(call, good(2)), 1);
    assertEquals(askedToGoOnFrom(call), ["Answer 1"]);
    assertEquals(call.model.repeats, 0, "the turn would be answered from the beginning");
    const { repairs, faults, transcript } = call.record();
    assertEquals(repairs["nudge"], 1);
    assertEquals(faults[`answer-${fault}`], 1);
    const broken = transcript.filter(({ brokenOff }) => brokenOff);
    assertEquals(broken.map(({ text }) => text), ["Answer 1"]);
    const restAtMs = call.model.firstAudioAtMs[2] ?? 0;
    assertLessOrEqual(longestSilenceMs(call, BEGINS_AT_MS, restAtMs), 2_000);
  });
}

test("an answer that stalls for good is asked for on another connection within six seconds [G14]", async () => {
  const part = { ...partOf(1, PART_MS), fault: "stalled" } as const;
  const call = await callAndSpeak((index) =>
    index === 1 ? part : index === 2 ? undefined : good(index)
  );
  const { clock, model } = call;
  while (model.rotations === 0) await clock.advance(20);
  assertLessOrEqual(clock.nowMs() - ENDS_AT_MS, 6_000);
  assertEquals(await hangUpAfter(call, 6_000), "caller-hung-up");
  assertEquals(timesHeard(call, good(3)), 1);
  assertEquals(askedToGoOnFrom(call), ["Answer 1"], "the next connection is asked the same");
  assertLessOrEqual(longestSilenceMs(call, BEGINS_AT_MS, model.firstAudioAtMs[2] ?? 0), 2_000);
});

test("an answer whose connection is lost plays out, and is gone on with on the next one [G06]", async () => {
  const call = await callAndSpeak(good, { script: { pace: 3, setupMs: 900 } });
  const { clock, model } = call;
  // By then 40 per cent of it have come; the rest goes down with the connection.
  await clock.advance(BEGINS_AT_MS + 200);
  model.loseConnection();
  assertEquals(await hangUpAfter(call, 8_000), "caller-hung-up");
  assertEquals(askedToGoOnFrom(call), ["Answer 1 is here."]);
  assertEquals(timesHeard(call, good(2)), 1);
  const { repairs, transcript } = call.record();
  assertEquals(repairs["go-on"], 1);
  assertEquals(repairs["nudge"], undefined);
  const [, , broken, rest] = transcript;
  assert(broken?.brokenOff && !rest?.brokenOff);
  assertEquals(broken.heardMs, broken.spokenMs, "what had come was heard");
  assertLessOrEqual(longestSilenceMs(call, BEGINS_AT_MS, model.firstAudioAtMs[2] ?? 0), 2_000);
});

test("a connection that is lost before the answer has begun costs no answer, and brings no second one", async () => {
  const call = await callAndSpeak(good, { script: { thinkMs: 600, setupMs: 400 } });
  await call.clock.advance(ASKED_AT_MS + 300);
  call.model.loseConnection();
  assertEquals(await hangUpAfter(call, 8_000), "caller-hung-up");
  assertEquals(call.model.texts.length, 1, "only the greeting was asked for in writing");
  assertEquals([1, 2, 3].map((index) => timesHeard(call, good(index))), [0, 1, 0]);
});

test("a caller who speaks while an answer stalls has the floor, and the next answer is theirs", async () => {
  const part = { ...partOf(1, PART_MS), fault: "stalled" } as const;
  const call = await callAndSpeak((index) => index === 1 ? part : good(index));
  call.line.pause(ENDS_AT_MS + 1_700 - ASKED_AT_MS + 500);
  call.line.say(call.line.said[0] ?? new Uint8Array());
  const voice = new Uint8Array(8_000).map((_, i) => (i % 40 < 20 ? 0x00 : 0x80));
  call.line.say(voice);
  assertEquals(await hangUpAfter(call, 14_000), "caller-hung-up");
  assertEquals(call.model.turns.length, 2);
  assertEquals(call.model.texts.includes(NUDGE_CUE), false);
  assertEquals(askedToGoOnFrom(call), [], "nobody wants the rest any more");
  assertEquals(timesHeard(call, good(2)), 1);
});

test("an answer that comes slower than it is spoken is bridged and not asked for again", async () => {
  const call = await callAndSpeak((index) => index === 0 ? good(0) : undefined);
  const { clock, model } = call;
  await clock.advance(ASKED_AT_MS + 300);
  for (let n = 0; n < 3; n++) {
    model.post({
      type: "agent-audio-received",
      pcm: good(1).pcm.subarray(n * 9_600, (n + 1) * 9_600),
    });
    await clock.advance(2_200);
  }
  model.post({ type: "generation-completed" });
  assertEquals(await hangUpAfter(call, 2_000), "caller-hung-up");
  const { repairs, transcript } = call.record();
  assertEquals(repairs, { bridge: 3 });
  assertAlmostEquals(transcript.at(-1)?.heardMs ?? 0, 1_200, 5);
  assertEquals(transcript.length, 3, "it is one answer");
});
