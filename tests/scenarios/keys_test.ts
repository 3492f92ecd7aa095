import { assert, assertAlmostEquals, assertEquals, assertGreaterOrEqual } from "@std/assert";
import type { DigitConfig } from "../../lib/agents/agent_config.ts";
import { digitsCue } from "../../lib/call/cues.ts";
import { asCallerHears, placeOnLine } from "../support/call_audio.ts";
import { test } from "../support/flights.ts";
import { agentVoice, callerVoice, type Scenario, startCall } from "../support/scenario.ts";
import type { ModelScript } from "../support/scripted_answers.ts";

/** Set-up of the model, and its first thought. */
const GREETING_AT_MS = 300;
const GREETING_MS = 4_000;
const TIMEOUT_MS = 2_500;

/** Places a call whose agent greets for four seconds and then says a second at a time. */
function startKeyedCall(
  options: {
    policy?: DigitConfig["policy"];
    model?: Partial<ModelScript>;
    mode?: "decide" | "immediate";
  } = {},
): Promise<Scenario> {
  const { policy = "interrupt", model, mode = "immediate" } = options;
  return startCall({
    model: { answers: (index) => ({ pcm: answer(index), text: ` Answer ${index}.` }), ...model },
    agent: {
      digits: { policy, endKey: "#", timeoutMs: TIMEOUT_MS, mostDigits: 4 },
      bargeIn: { mode, minSpeechMs: 40, backchannelMaxMs: 450 },
    },
  });
}

function answer(index: number): Int16Array {
  return agentVoice(index === 0 ? GREETING_MS : 1_000, index + 1);
}

/** Presses keys, 200 ms apart. */
function pressAll({ line }: Scenario, keys: string): void {
  for (const key of keys) {
    line.press(key);
    line.pause(200);
  }
}

async function finish({ line, clock, ended, model }: Scenario): Promise<void> {
  line.hangUp();
  await clock.advance(20_000);
  assertEquals(await ended, { ending: "caller-hung-up" });
  assertEquals(model.violations, []);
  assertEquals(clock.pendingTimers, 0);
}

/** Each turn that the model heard, as what was written in it. */
function writtenIn({ model }: Scenario): string[][] {
  return model.turns.map(({ texts }) => [...texts]);
}

/** Whether the caller has heard an answer from its beginning to its end. */
function wasHeard({ line }: Scenario, index: number): boolean {
  const heard = new Uint8Array(line.heard.flatMap((frame) => [...frame]));
  return placeOnLine(asCallerHears(answer(index)), heard) >= 0;
}

for (const mode of ["decide", "immediate"] as const) {
  test(`keys during an answer stop it at once and are told once, in a turn of their own (${mode})`, async () => {
    const call = await startKeyedCall({ mode });
    const { line, model, record } = call;
    line.pause(2_000);
    pressAll(call, "12#");
    line.pause(2_500);
    await finish(call);

    assertEquals(writtenIn(call), [[digitsCue("12")]]);
    assertEquals(model.texts.length, 2, "the greeting and the keys");
    const [clear, ...others] = line.sent.filter(({ event }) => event === "clear");
    assertEquals([clear?.atMs, others.length], [2_020, 0]);
    const { openedAtMs, closedAtMs = Infinity } = model.turns[0] ?? { openedAtMs: Infinity };
    assertAlmostEquals(openedAtMs, 2_020, 20);
    assertAlmostEquals(closedAtMs, 2_020 + 400, 20);
    const between = line.sent.filter(({ event, atMs }) =>
      event === "media" && atMs > 2_020 && atMs <= closedAtMs
    );
    assertEquals(between, [], "the agent talks over the keys");
    assert(wasHeard(call, 1), "the answer to the keys was not heard");
    const [greeting] = record().transcript;
    assert(greeting?.interrupted);
    assertAlmostEquals(greeting.heardMs ?? 0, 2_020 - GREETING_AT_MS, 20);
  });
}

test("keys are complete when no further one comes for a while", async () => {
  const call = await startKeyedCall();
  call.line.pause(6_000);
  pressAll(call, "70");
  call.line.pause(5_000);
  await finish(call);
  assertEquals(writtenIn(call), [[digitsCue("70")]]);
  assertAlmostEquals(call.model.turns[0]?.closedAtMs ?? 0, 6_020 + 200 + TIMEOUT_MS, 20);
  assert(wasHeard(call, 0) && wasHeard(call, 1));
  assertEquals(call.line.sent.filter(({ event }) => event === "clear"), []);
});

test("keys are complete by their number, and the end key alone is told as such", async () => {
  const call = await startKeyedCall();
  call.line.pause(6_000);
  pressAll(call, "1*A4");
  call.line.pause(3_000);
  pressAll(call, "#");
  call.line.pause(3_000);
  await finish(call);
  assertEquals(writtenIn(call), [[digitsCue("1*A4")], [digitsCue("#")]]);
  assert(wasHeard(call, 1) && wasHeard(call, 2));
});

test("keys that come all at once while nobody speaks are told in a turn that opens with audio", async () => {
  const call = await startKeyedCall();
  call.line.pause(6_000);
  for (const key of "99#") call.line.press(key);
  call.line.pause(3_000);
  await finish(call);
  assertEquals(writtenIn(call), [[digitsCue("99")]]);
  assertEquals(call.model.heardIn(0).length / 16, 300, "the pre-roll");
});

test("keys that follow a turn at once are told", async () => {
  for (let lateMs = 0; lateMs <= 120; lateMs += 20) {
    const call = await startKeyedCall();
    const { line, model, clock } = call;
    line.pause(6_000);
    line.say(callerVoice(800));
    while (model.turns[0]?.closedAtMs === undefined) await clock.advance(20);
    line.pause(lateMs);
    for (const key of "5#") line.press(key);
    line.pause(3_000);
    await finish(call);
    assertEquals(model.texts.slice(1), [digitsCue("5")], `${lateMs} ms late`);
    assertEquals(model.violations, []);
  }
});

test("keys while the caller speaks share the caller's turn", async () => {
  const call = await startKeyedCall();
  const { line, model } = call;
  line.pause(6_000);
  const voice = callerVoice(2_000);
  line.say(voice.subarray(0, 4_800));
  line.press("1");
  line.say(voice.subarray(4_800, 8_000));
  line.press("#");
  line.say(voice.subarray(8_000));
  line.pause(3_000);
  await finish(call);
  assertEquals(writtenIn(call), [[digitsCue("1")]]);
  assertGreaterOrEqual(model.heardIn(0).length / 16, 2_000 + 300);
});

test("keys that outlast the caller's words keep the turn open until they are complete", async () => {
  const call = await startKeyedCall();
  const { line, model } = call;
  line.pause(6_000);
  line.say(callerVoice(1_000));
  line.press("4");
  line.pause(6_000);
  await finish(call);
  assertEquals(writtenIn(call), [[digitsCue("4")]]);
  assertAlmostEquals(model.turns[0]?.closedAtMs ?? 0, 7_020 + TIMEOUT_MS, 20);
});

test("words that outlast the keys keep the turn open until the caller has finished", async () => {
  const call = await startKeyedCall();
  const { line, model } = call;
  line.pause(6_000);
  line.press("4");
  line.pause(500);
  line.say(callerVoice(1_000));
  line.press("#");
  line.say(callerVoice(1_000, 2));
  line.pause(3_000);
  await finish(call);
  assertEquals(writtenIn(call), [[digitsCue("4")]]);
  assertGreaterOrEqual(model.turns[0]?.closedAtMs ?? 0, 8_500);
});

test("keys that wait let the answer finish and are told then", async () => {
  const call = await startKeyedCall({ policy: "wait" });
  const { line, model } = call;
  line.pause(1_500);
  pressAll(call, "12#");
  line.pause(8_000);
  await finish(call);
  assertEquals(writtenIn(call), [[digitsCue("12")]]);
  assertEquals(model.texts.length, 2);
  assert(wasHeard(call, 0) && wasHeard(call, 1));
  assertEquals(line.sent.filter(({ event }) => event === "clear"), []);
  const overMs = GREETING_AT_MS + GREETING_MS;
  assertAlmostEquals(model.turns[0]?.openedAtMs ?? 0, overMs + 150, 150);
});

test("keys that wait let an answer come that is owed", async () => {
  const call = await startKeyedCall({ policy: "wait", model: { thinkMs: 2_000 } });
  const { line, model } = call;
  line.pause(7_000);
  line.say(callerVoice(800));
  while (model.turns[0]?.closedAtMs === undefined) await call.clock.advance(20);
  line.pause(500);
  pressAll(call, "12#");
  line.pause(8_000);
  await finish(call);
  assertEquals(writtenIn(call), [[], [digitsCue("12")]]);
  assert(wasHeard(call, 1) && wasHeard(call, 2));
});

test("keys that wait are told at once while nobody speaks", async () => {
  const call = await startKeyedCall({ policy: "wait" });
  call.line.pause(6_000);
  pressAll(call, "12#");
  call.line.pause(3_000);
  await finish(call);
  assertEquals(writtenIn(call), [[digitsCue("12")]]);
  assertAlmostEquals(call.model.turns[0]?.openedAtMs ?? 0, 6_020 + 400, 20);
});

test("keys that are ignored change nothing", async () => {
  const call = await startKeyedCall({ policy: "ignore" });
  call.line.pause(1_500);
  pressAll(call, "12#");
  call.line.pause(5_000);
  pressAll(call, "3");
  call.line.pause(4_000);
  await finish(call);
  assertEquals(call.model.turns, []);
  assertEquals(call.model.texts.length, 1);
  assert(wasHeard(call, 0));
  assertEquals(call.line.sent.filter(({ event }) => event === "clear"), []);
});

test("a key while the model is being set up waits for it", async () => {
  const call = await startKeyedCall({ model: { setupMs: 3_000 } });
  call.line.pause(1_000);
  pressAll(call, "8#");
  call.line.pause(6_000);
  await finish(call);
  assertEquals(writtenIn(call), [[digitsCue("8")]]);
});
