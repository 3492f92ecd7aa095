/** One conversation over many connections, by the real SDK, with an emulated service. */
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertStringIncludes,
} from "@std/assert";
import type { Fault } from "../../emulators/model_script.ts";
import { KEY } from "./call_side.ts";
import { coded, framesIn, RECAP, SessionSide, tone, upTo } from "./session_side.ts";

/** Loses the first connection some time after it was ready. */
function reset(afterMs: number): Fault {
  return { type: "reset", connection: 0, when: { at: "ready", afterMs } };
}

/** Closes a connection before it is set up. */
function refused(connection: number, reason: string, code = 1007): Fault {
  return { type: "close", code, reason, connection, when: { at: "setup" } };
}

function instructionsOf(side: SessionSide, connection: number): string {
  const { setup } = side.service.sessions[connection] ?? {};
  return setup?.systemInstruction?.parts?.map(({ text }) => text).join("") ?? "";
}

Deno.test("a session has all 75 frames of a setup that takes 1.5 s, in order [G04]", async () => {
  await using side = await SessionSide.open({
    faults: [{ type: "delay-setup", ms: 1_500, when: { at: "setup" } }],
  });
  side.model.openActivity();
  await side.speak(0, 75);
  side.model.closeActivity();
  await side.came("agent-audio-received");
  const [session] = side.service.sessions;
  assertEquals(framesIn(session?.windows[0]?.pcm ?? coded(0)), upTo(75));
  assertEquals(side.violations, []);
});

for (
  const [what, spokenFirst] of [["while the caller speaks", 40], ["while it is owed", 20]] as const
) {
  Deno.test(`a session that is lost ${what} says the turn again, whole, and gets one answer [G05]`, async () => {
    await using side = await SessionSide.open({ faults: [reset(600)], delivery: { thinkMs: 600 } });
    await side.stood("connected");
    side.model.openActivity();
    await side.speak(0, spokenFirst);
    side.model.closeActivity();
    const closedMs = side.clock.nowMs();
    const { how } = await side.came("model-reconnected");
    assertEquals(how, "resumed");
    const { atMs } = await side.came("agent-audio-received");
    await side.came("model-turn-completed");
    const [first, second] = side.service.sessions;
    assert(second?.resumedFrom !== undefined);
    assertEquals(second.windows.map(({ pcm }) => framesIn(pcm)), [upTo(spokenFirst)]);
    assertEquals(first?.sent.filter(({ samplesSent }) => samplesSent > 0), []);
    assertEquals(second.sent.length, 1);
    // The model takes 600 ms to think, and what is added is the rest.
    assertLessOrEqual(atMs - closedMs - 600, 1_500);
    assertEquals(side.violations, []);
  });
}

Deno.test("a session that is refused twice as invalid begins anew, by no more than 3 connections [G07]", async () => {
  const text = "Request contains an invalid argument.";
  await using side = await SessionSide.open({
    faults: [reset(300), refused(1, text), refused(2, text)],
  }, 8);
  const { how } = await side.came("model-reconnected");
  assertEquals(how, "fresh");
  await side.passes(30_000);
  assertEquals(side.service.connects - 1, 3);
  assertEquals(side.service.sessions[3]?.setup?.sessionResumption, {});
  assertStringIncludes(instructionsOf(side, 3), RECAP);
});

Deno.test("a session whose handle is refused begins anew with a recap and does not greet again [G12]", async () => {
  await using side = await SessionSide.open({
    faults: [
      { type: "reset", connection: 0, when: { at: "turn", turn: 1 } },
      refused(1, "Invalid session handle"),
    ],
  });
  side.model.sendText("Greet the caller.", { reply: true });
  await side.came("model-turn-completed");
  side.model.openActivity();
  await side.speak(0, 10);
  side.model.closeActivity();
  const askedMs = side.clock.nowMs();
  const { how } = await side.came("model-reconnected");
  assertEquals(how, "fresh");
  await side.came("model-turn-completed", 1);
  const answered = side.service.sessions[2]?.sent[0]?.firstSentAtMs ?? Infinity;
  assertLessOrEqual(answered - askedMs, 2_500);
  assertStringIncludes(instructionsOf(side, 2), RECAP);
  assertEquals(side.service.sessions[2]?.texts, []);
  assertEquals(framesIn(side.service.sessions[2]?.windows[0]?.pcm ?? coded(0)), upTo(10));
  assertEquals(side.events.filter(({ type }) => type === "model-reconnected").length, 1);
});

Deno.test("a session that begins by an expired handle begins anew [G12]", async () => {
  await using side = await SessionSide.open({ handle: "of-yesterday" });
  await side.stood("connected");
  assertEquals(side.service.connects, 2);
  assertEquals(side.service.sessions[0]?.violations.length, 1);
  assertStringIncludes(instructionsOf(side, 1), RECAP);
});

Deno.test("a session keeps its recap when it resumes later: the model has it in its instructions alone", async () => {
  await using side = await SessionSide.open({ handle: "of-yesterday" });
  assertEquals((await side.came("model-reconnected")).how, "fresh");
  side.model.rotate();
  assertEquals((await side.came("model-reconnected", 1)).how, "resumed");
  assertStringIncludes(instructionsOf(side, 2), RECAP);
});

Deno.test("rotate() closes the old socket before it opens the new one, and resumes at once [G11]", async () => {
  await using side = await SessionSide.open();
  await side.stood("connected");
  const fromMs = side.clock.nowMs();
  side.model.rotate();
  side.model.openActivity();
  await side.speak(0, 5);
  side.model.closeActivity();
  const { how, atMs } = await side.came("model-reconnected");
  assertEquals(how, "resumed");
  assertLessOrEqual(atMs - fromMs, 1_500);
  await side.came("agent-audio-received");
  assertEquals(side.service.connects, 2);
  assertEquals(framesIn(side.service.sessions[1]?.windows[0]?.pcm ?? coded(0)), upTo(5));
  assertEquals(side.violations, [], "an open socket would have been one");
});

Deno.test("a session leaves its connection before the deadline even if the service goes quiet [G10]", async () => {
  await using side = await SessionSide.open({
    faults: [
      { type: "go-away", timeLeftMs: 10_000, connection: 0, when: { at: "ready", afterMs: 500 } },
      { type: "mute", connection: 0, when: { at: "ready", afterMs: 600 } },
    ],
  });
  const due = await side.came("model-rotation-due");
  const { how, atMs } = await side.came("model-reconnected");
  assertEquals(how, "resumed");
  assertLessOrEqual(atMs, due.atMs + 10_000 - 1_000);
  assertGreaterOrEqual(atMs, due.deadlineMs);
  assertEquals(side.violations, []);
});

Deno.test("nothing counts that an old socket sends after a rotation [G16]", async () => {
  await using side = await SessionSide.open({
    answers: [{ text: " old", pcm: tone(30_000) }, { text: " new", pcm: tone(400) }],
    faults: [{ type: "ignore-close", connection: 0, when: { at: "ready" } }],
    delivery: { pace: 1 },
  });
  side.model.sendText("Speak.", { reply: true });
  await side.came("agent-audio-received", 3);
  const [old] = side.service.sessions;
  assert(old);
  const sentBefore = old.sent[0]?.samplesSent ?? 0;
  side.model.rotate();
  const heard = side.events.length;
  await side.came("model-reconnected");
  assertGreaterOrEqual(old.sent[0]?.samplesSent ?? 0, sentBefore + 24 * 200, "it did keep sending");
  const stale = side.events.slice(heard).filter(({ type }) => type.startsWith("agent-"));
  assertEquals(stale, []);
});

Deno.test("a session tells what was said since the handle, and is not answered for it", async () => {
  await using side = await SessionSide.open({ delivery: { pace: 1 } });
  await side.stood("connected");
  side.model.openActivity();
  await side.speak(0, 10);
  side.model.closeActivity();
  await side.came("agent-words-received");
  await side.passes(200);
  side.model.rotate();
  await side.came("model-reconnected");
  await side.passes(2_000);
  const second = side.service.sessions[1];
  assertEquals(second?.texts.map(({ asksForAnswer }) => asksForAnswer), [false]);
  assertStringIncludes(second?.texts[0]?.text ?? "", "Caller: Hm.\nYou: answer");
  assertEquals(second?.sent, []);
  assertEquals(second?.windows, [], "the turn has its answer, and is not said again");
});

Deno.test("repeatTurn() has the last turn answered anew", async () => {
  await using side = await SessionSide.open();
  await side.stood("connected");
  assertEquals(side.model.repeatTurn(), false);
  side.model.openActivity();
  await side.speak(0, 10);
  side.model.closeActivity();
  await side.came("model-turn-completed");
  assertEquals(side.model.repeatTurn(), true);
  await side.came("model-turn-completed", 1);
  const [session] = side.service.sessions;
  assertEquals(session?.windows.map(({ pcm }) => framesIn(pcm)), [upTo(10), upTo(10)]);
  assertEquals(side.violations, []);
});

Deno.test("a session whose handle leads to a model that says nothing begins anew when it is rotated", async () => {
  await using side = await SessionSide.open({
    answers: ({ connection }) => connection === 1 ? undefined : { text: " yes", pcm: tone(200) },
    faults: [reset(300)],
  });
  await side.came("model-reconnected");
  side.model.openActivity();
  await side.speak(0, 10);
  side.model.closeActivity();
  await side.passes(1_000);
  side.model.rotate();
  assertEquals((await side.came("model-reconnected", 1)).how, "fresh");
  await side.came("agent-audio-received");
  assertEquals(framesIn(side.service.sessions[2]?.windows[0]?.pcm ?? coded(0)), upTo(10));
});

const NO_QUOTA: Record<string, Fault> = {
  "429": { type: "refuse-upgrade", status: 429, when: { at: "upgrade" } },
  "1011": {
    type: "close",
    code: 1011,
    reason: "Resource has been exhausted (e.g. check quota).",
    when: { at: "setup" },
  },
};

for (const [answer, fault] of Object.entries(NO_QUOTA)) {
  Deno.test(`a session without quota (${answer}) tries once more, 0.5 to 2 s later [G02]`, async () => {
    await using side = await SessionSide.open({ faults: [fault] });
    const { error } = await side.came("model-lost");
    assertEquals(error.kind, "quota");
    assertEquals(side.service.connects, 2);
    const [firstMs = NaN, secondMs = NaN] = side.attemptsAtMs;
    assertGreaterOrEqual(secondMs - firstMs, 500);
    assertLessOrEqual(secondMs - firstMs, 2_000);
  });
}

for (const type of ["never-upgrade", "mute"] as const) {
  Deno.test(`a session gives a silent service (${type}) 3 s, twice, and is over within 8 s [G03]`, async () => {
    const fault: Fault = type === "mute"
      ? { type, when: { at: "setup" } }
      : { type, when: { at: "upgrade" } };
    await using side = await SessionSide.open({ faults: [fault] });
    const fromMs = side.clock.nowMs();
    const { error, atMs } = await side.came("model-lost");
    assertEquals(error.kind, "unavailable");
    assertEquals(side.service.connects, 2);
    assertLessOrEqual(atMs - fromMs, 8_000);
    assertEquals(side.model.state, "error");
  });
}

Deno.test("a session with a bad key makes one attempt, and another of the process none [G01]", async () => {
  await using side = await SessionSide.open({ badKey: KEY });
  const { error } = await side.came("model-lost");
  assertEquals(error.kind, "authentication");
  assertEquals(side.service.connects, 1);
  assertEquals(side.circuit.obstacleTo("gemini-3.8-live"), error);
  side.model.sendText("Anybody?", { reply: true });
  assertEquals(side.model.faults, new Map([["sent-after-close", 1]]));
});

Deno.test("a session says how it stands, each change once, and nothing after its close", async () => {
  await using side = await SessionSide.open({ faults: [reset(300)] });
  assertEquals(side.model.state, "connecting");
  await side.came("model-reconnected");
  const states = side.events.flatMap((event) =>
    event.type === "model-state-changed" ? [event.state] : []
  );
  assertEquals(states, ["connected", "disconnected", "connecting", "connected"]);
  side.model.close();
  side.model.close();
  const { length } = side.events;
  await side.passes(500);
  assertEquals(side.events.length, length);
  assertEquals(side.model.state, "disconnected");
});

Deno.test("a session that is closed while it connects, or waits to, leaves nothing behind", async () => {
  for (const [fault, closeMs] of [["never-upgrade", 200], ["refuse-upgrade", 1_500]] as const) {
    const failure: Fault = fault === "never-upgrade"
      ? { type: fault, when: { at: "upgrade" } }
      : { type: fault, status: 503, when: { at: "upgrade" } };
    await using side = await SessionSide.open({ faults: [failure] });
    await side.passes(closeMs);
    side.model.close();
    const { connects } = side.service;
    await side.passes(4_000);
    assertEquals(side.service.connects, connects);
  }
});
