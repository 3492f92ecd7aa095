/** Calls that we place: who speaks first, and machines. */
import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { encodeMulaw } from "../../audio/mulaw.ts";
import type { VoicemailConfig } from "../../lib/agents/agent_config.ts";
import { test } from "../support/flights.ts";
import { agentVoice, callerVoice, type Scenario, startCall } from "../support/scenario.ts";

const MESSAGE = "Please call us back.";

interface Outbound {
  readonly scenario: Scenario;
  /** The network has found a machine. */
  readonly machine: AbortController;
  /** When each piece of sound was sent. */
  soundAtMs(): number[];
}

async function call(voicemail: VoicemailConfig = { message: MESSAGE }): Promise<Outbound> {
  const machine = new AbortController();
  const scenario = await startCall({
    // A machine that is silent before its beep is no caller who says nothing.
    agent: { deadAir: { askAfterMs: 3_000, asks: ["Hello?"], goodbye: "Bye.", longestHoldMs: 0 } },
    model: { answers: (n) => ({ pcm: agentVoice(1_500, n), text: ` answer ${n}` }) },
    tamper: (parts) => ({
      ...parts,
      outbound: { voicemail, machineAnswered: machine.signal },
    }),
  });
  const soundAtMs = () =>
    scenario.line.sent.filter(({ event }) => event === "media").map(({ atMs }) => atMs);
  return { scenario, machine, soundAtMs };
}

/** A tone of 1,000 Hz, as machines end their greeting with. */
function beep(ms: number): Uint8Array {
  const pcm = Int16Array.from(
    { length: ms * 8 },
    (_, n) => 10_000 * Math.sin(2 * Math.PI * 1_000 * n / 8_000),
  );
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  return mulaw;
}

test("an agent that called greets when nobody has spoken for 2 s", async () => {
  const { scenario: { clock, line, model, ended }, soundAtMs } = await call();
  await clock.advance(4_000);
  const [first = 0] = soundAtMs();
  assertGreaterOrEqual(first, 2_000);
  assertLessOrEqual(first, 2_500);
  assert(model.texts[1]?.includes("Hello."));
  line.close(1000);
  await clock.advance(1_000);
  await ended;
});

test("an agent that called lets the callee speak first, and answers that once", async () => {
  const { scenario: { clock, line, model, ended }, soundAtMs } = await call();
  line.pause(600);
  line.say(callerVoice(800));
  await clock.advance(6_000);
  assertEquals(model.turns.length, 1);
  assertEquals(model.texts.length, 1, "it was not told to greet beside");
  const [first = 0] = soundAtMs();
  assertGreaterOrEqual(first, 1_400);
  line.close(1000);
  await clock.advance(1_000);
  assertEquals((await ended).ending, "caller-hung-up");
});

test("an agent that called hangs up on a machine, in mid-greeting", async () => {
  const { scenario: { clock, line, ended }, machine, soundAtMs } = await call("hang-up");
  await clock.advance(2_600);
  assert(soundAtMs().length > 0);
  machine.abort();
  await clock.advance(1_000);
  assertEquals((await ended).ending, "agent-hung-up");
  assertEquals(line.sent.at(-1)?.event, "clear");
});

test("an agent leaves its message behind the beep, is not led astray by the machine, and hangs up when it was heard", async () => {
  const { scenario: { clock, line, model, ended, record }, machine, soundAtMs } = await call();
  line.pause(200);
  line.say(callerVoice(6_000));
  line.pause(400);
  line.say(beep(600));
  await clock.advance(3_000);
  machine.abort();
  const beepEndsAtMs = 200 + 6_000 + 400 + 600;
  await clock.advance(beepEndsAtMs - 3_000);
  const before = soundAtMs().filter((atMs) => atMs > 3_000);
  assertEquals(before, [], "it is silent while the machine speaks");
  await clock.advance(5_000);
  assertEquals((await ended).ending, "agent-hung-up");
  const after = soundAtMs().filter((atMs) => atMs > 3_000);
  assertGreaterOrEqual(after[0] ?? 0, beepEndsAtMs);
  assertLessOrEqual(after[0] ?? Infinity, beepEndsAtMs + 500);
  assert(model.texts.at(-1)?.includes(MESSAGE));
  const message = record().transcript.at(-1);
  assertEquals(message?.heardMs, message?.spokenMs, "all of it was heard");
  assertEquals(model.violations, []);
});

test("a machine without a beep gets the message after 30 s", async () => {
  const { scenario: { clock, model, ended }, machine, soundAtMs } = await call();
  machine.abort();
  await clock.advance(29_900);
  assertEquals(soundAtMs(), []);
  assertEquals(model.texts.length, 1, "nobody was asked whether they are there");
  await clock.advance(4_100);
  assertEquals((await ended).ending, "agent-hung-up");
  assert(model.texts.at(-1)?.includes(MESSAGE));
});

test("a model that says no message does not keep the line open", async () => {
  const machine = new AbortController();
  const { clock, ended } = await startCall({
    model: { answers: () => undefined },
    tamper: (parts) => ({
      ...parts,
      outbound: { voicemail: { message: MESSAGE }, machineAnswered: machine.signal },
    }),
  });
  machine.abort();
  await clock.advance(39_000);
  assertEquals((await ended).ending, "agent-hung-up");
});
