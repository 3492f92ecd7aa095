import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { encodeMulaw } from "../../audio/mulaw.ts";
import type { DeadAirConfig } from "../../lib/agents/agent_config.ts";
import { asCallerHears, placeOnLine } from "../support/call_audio.ts";
import { test } from "../support/flights.ts";
import { LevelVad } from "../support/level_vad.ts";
import { agentVoice, callerVoice, type Scenario, startCall } from "../support/scenario.ts";
import type { ModelScript } from "../support/scripted_answers.ts";

const ASK_AFTER_MS = 8_000;
/** It is looked every half second. */
const LOOK_MS = 500;
/** Until the first sound of the greeting, and of any other answer. */
const THINK_MS = 200;
const ANSWER_MS = 2_000;
const DEAD_AIR: DeadAirConfig = {
  askAfterMs: ASK_AFTER_MS,
  asks: ["Are you there?", "Can you hear me?"],
  goodbye: "Call again.",
  longestHoldMs: 90_000,
};
const ALL_SAID = [...DEAD_AIR.asks, DEAD_AIR.goodbye];

/** Places a call with an agent that looks after silence. */
function startWatchedCall(
  options: {
    model?: Partial<ModelScript>;
    deadAir?: Partial<DeadAirConfig>;
    vad?: LevelVad;
    mode?: "decide" | "immediate";
  } = {},
): Promise<Scenario> {
  const { model, deadAir, vad, mode = "decide" } = options;
  return startCall({
    model: {
      answers: (index) => ({ pcm: agentVoice(ANSWER_MS, index + 1), text: ` Answer ${index}.` }),
      thinkMs: THINK_MS,
      ...model,
    },
    agent: {
      deadAir: { ...DEAD_AIR, ...deadAir },
      bargeIn: { mode, minSpeechMs: 40, backchannelMaxMs: 450 },
    },
    ...(vad ? { vad } : {}),
  });
}

/** Which of the words of the agent file the model was told to say, in order. */
function asked({ model }: Scenario): string[] {
  const phrases = model.texts.map((text) =>
    ALL_SAID.find((phrase) => text.includes(`"${phrase}"`))
  );
  return phrases.filter((phrase) => phrase !== undefined);
}

/** A loud steady chord, as on hold; no voice. */
function music(ms: number): Uint8Array {
  const pcm = Int16Array.from({ length: ms * 8 }, (_, i) => {
    const chord = [262, 330, 392].map((hz) => Math.sin(2 * Math.PI * hz * i / 8_000));
    return 3_000 * chord.reduce((sum, value) => sum + value, 0);
  });
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  return mulaw;
}

test("a caller who says nothing is asked twice, told goodbye and hung up on by 45 s [T10]", async () => {
  const call = await startWatchedCall();
  await call.clock.advance(60_000);
  assertEquals(await call.ended, { ending: "agent-hung-up" });
  assertEquals(asked(call), ALL_SAID);
  assertEquals(call.model.turns, []);
  assertEquals(call.line.closeCode, 1000);
  assertEquals(call.clock.pendingTimers, 0);

  const { durationMs = Infinity, transcript } = call.record();
  assertLessOrEqual(durationMs, 45_000);
  assertEquals(transcript.length, 4);
  for (const { heardMs, spokenMs, interrupted } of transcript) {
    assertEquals([heardMs, interrupted], [spokenMs, false]);
  }
  const heard = new Uint8Array(call.line.heard.flatMap((frame) => [...frame]));
  const goodbye = asCallerHears(agentVoice(ANSWER_MS, 4));
  assert(placeOnLine(goodbye, heard) >= 0, "the goodbye was not heard to its end");

  for (const [n, { startMs }] of transcript.slice(1).entries()) {
    const before = transcript[n];
    const quietMs = startMs - THINK_MS - (before?.startMs ?? 0) - (before?.spokenMs ?? 0);
    assertAlmostEquals(quietMs, ASK_AFTER_MS + LOOK_MS, LOOK_MS + 20);
  }
});

for (const mode of ["decide", "immediate"] as const) {
  test(`a caller who speaks is asked anew, from the first question on (${mode})`, async () => {
    const call = await startWatchedCall({ mode });
    const { line, clock, ended } = call;
    // The second question ends at about 23 s.
    line.pause(24_000);
    line.say(callerVoice(600));
    await clock.advance(24_000);
    assertEquals(asked(call), DEAD_AIR.asks);
    await clock.advance(9_000);
    assertEquals(asked(call), DEAD_AIR.asks, "asked too soon after the caller spoke");
    await clock.advance(60_000);
    assertEquals((await ended).ending, "agent-hung-up");
    assertEquals(asked(call), [...DEAD_AIR.asks, ...ALL_SAID]);
  });
}

test("a caller who speaks into the goodbye is not hung up on", async () => {
  const call = await startWatchedCall();
  const { line, clock } = call;
  while (asked(call).length < 3) await clock.advance(100);
  line.pause(900);
  line.say(callerVoice(800));
  line.pause(6_000);
  line.hangUp();
  await clock.advance(8_000);
  assertEquals((await call.ended).ending, "caller-hung-up");
  assertEquals(call.model.turns.length, 1);
  assertEquals(call.model.violations, []);
});

test("a caller who presses keys is asked anew, from the first question on", async () => {
  const call = await startWatchedCall();
  const { line, clock } = call;
  line.pause(24_000);
  line.press("5");
  line.pause(60);
  line.press("#");
  await clock.advance(80_000);
  assertEquals((await call.ended).ending, "agent-hung-up");
  assertEquals(asked(call), [...DEAD_AIR.asks, ...ALL_SAID]);
});

test("a caller whose line plays music on hold is not asked, and is once it is over", async () => {
  const call = await startWatchedCall({ vad: new LevelVad(Infinity) });
  const { line, clock } = call;
  line.pause(3_000);
  line.say(music(60_000));
  await clock.advance(63_000);
  assertEquals(asked(call), []);
  // What sounds is forgotten in about two seconds, and a part of the silence was counted before.
  await clock.advance(ASK_AFTER_MS + 2_000);
  assertEquals(asked(call), DEAD_AIR.asks.slice(0, 1));
  await clock.advance(40_000);
  assertEquals((await call.ended).ending, "agent-hung-up");
});

test("a caller who is on hold for ever is hung up on at last", async () => {
  const call = await startWatchedCall({
    vad: new LevelVad(Infinity),
    deadAir: { longestHoldMs: 20_000 },
  });
  call.line.say(music(200_000));
  await call.clock.advance(25_000);
  assertEquals(asked(call), []);
  await call.clock.advance(100_000);
  assertEquals(asked(call), ALL_SAID);
  assertEquals((await call.ended).ending, "agent-hung-up");
});

test("nobody is asked while the agent speaks", async () => {
  const call = await startWatchedCall({
    model: { answers: (index) => ({ pcm: agentVoice(index === 0 ? 30_000 : 500), text: "" }) },
  });
  await call.clock.advance(38_000);
  assertEquals(asked(call), []);
  await call.clock.advance(1_500);
  assertEquals(asked(call).length, 1);
  call.line.hangUp();
  await call.clock.advance(100);
  await call.ended;
});

test("nobody is asked while the model takes its time to answer, nor to greet", async () => {
  const thinkMs = 1_900;
  const call = await startWatchedCall({ model: { thinkMs }, deadAir: { askAfterMs: 2_000 } });
  const { line, clock } = call;
  line.pause(5_000);
  line.say(callerVoice(800));
  // The greeting is over at 4 s. The answer begins 2.4 s after the caller has stopped, and ends two later.
  await clock.advance(5_800 + 500 + thinkMs + ANSWER_MS + 2_000 - LOOK_MS);
  assertEquals(asked(call), []);
  await clock.advance(2 * LOOK_MS + 500);
  assertEquals(asked(call).length, 1);
  line.hangUp();
  await clock.advance(100);
  await call.ended;
});

test("nobody is asked where the agent file does not say so", async () => {
  const call = await startCall({
    model: { answers: () => ({ pcm: agentVoice(ANSWER_MS), text: "" }) },
    agent: { deadAir: null },
  });
  await call.clock.advance(120_000);
  assertEquals(call.model.texts.length, 1, "only the greeting");
  call.line.hangUp();
  await call.clock.advance(100);
  assertEquals((await call.ended).ending, "caller-hung-up");
});

for (const deadAir of [null, DEAD_AIR]) {
  const agent = deadAir ? "an agent that asks" : "an agent that does not ask";
  test(`a line on which no frames come is closed within 20 s by ${agent} [T10]`, async () => {
    const { line, clock, ended, record } = await startCall({
      model: { answers: () => ({ pcm: agentVoice(ANSWER_MS), text: "" }) },
      agent: { deadAir },
    });
    line.stall(100_000);
    await clock.advance(100_000);
    assertEquals((await ended).ending, "line-dead");
    assertLessOrEqual(record().durationMs ?? Infinity, 20_000);
    assertEquals(record().faults["line-silent"], 1);
    assertEquals(clock.pendingTimers, 0);
  });
}

test("a line on which frames cease is closed within 20 s, whatever else it says [T10]", async () => {
  const { line, clock, ended, record } = await startWatchedCall();
  line.pause(5_000);
  line.stall(100_000);
  await clock.advance(100_000);
  assertEquals((await ended).ending, "line-dead");
  assertLessOrEqual(record().durationMs ?? Infinity, 25_000);
});
