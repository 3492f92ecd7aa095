/** A call that is looked on: nothing of it changes, and it can be ended from outside. */

import { assert, assertEquals } from "@std/assert";
import { CallSight } from "../../lib/call/call_sight.ts";
import type { CallParts } from "../../lib/call/call.ts";
import type { Clock } from "../../lib/clock.ts";
import { test } from "../support/flights.ts";
import { agentVoice, callerVoice, startCall } from "../support/scenario.ts";

/** A call in which the caller asks something after the greeting, seen or not. */
async function askedCall(sight?: CallSight, meanwhile?: (clock: Clock) => void) {
  const seen = (parts: CallParts): CallParts =>
    sight ? { ...parts, leg: sight.see(parts.leg), observer: sight } : parts;
  const call = await startCall({
    model: {
      answers: (index) => ({ pcm: agentVoice(1_000, index + 1), text: `answer ${index}` }),
    },
    tamper: seen,
  });
  call.line.pause(2_500);
  call.line.say(callerVoice(1_000));
  meanwhile?.(call.clock);
  await call.clock.advance(8_000);
  return call;
}

/** A call that nothing is known of yet. */
const NEW_CALL = { callSid: "CA1", from: "", to: "", direction: "inbound", agent: "test" } as const;

test("a call goes the same way whether somebody looks on or not", async () => {
  const unseen = await askedCall();
  const sight = new CallSight(unseen.record());
  const stopWatching = sight.watch();
  const seen = await askedCall(sight);
  assertEquals(seen.line.sent, unseen.line.sent);
  assertEquals(seen.record(), unseen.record());
  assert(sight.columns(0).some(([, caller]) => caller > -40));
  stopWatching();
  for (const { line, clock, ended } of [seen, unseen]) {
    line.hangUp();
    await clock.advance(100);
    await ended;
  }
});

test("who looks on sees what the turn machine ordered, when it ordered it", async () => {
  const sight = new CallSight(NEW_CALL);
  const { line, clock, ended, record } = await askedCall(sight);
  const [turn] = record().turns;
  const moments = sight.withMoments(record()).moments ?? [];
  assertEquals(moments.map(({ type }) => type), ["window-opened", "window-closed"]);
  assertEquals(moments[1]?.atMs, turn?.activityEndSentMs);
  line.hangUp();
  await clock.advance(100);
  await ended;
});

test("a whisper tells the model at once, breaks nothing off, and the caller hears nothing of it", async () => {
  const plain = await askedCall();
  const sight = new CallSight(NEW_CALL);
  const call = await askedCall(sight, (clock) => clock.at(4_500, () => sight.whisper("Be kind.")));
  assertEquals(call.line.sent, plain.line.sent);
  assertEquals(call.model.texts.filter((text) => text.includes(`"Be kind."`)).length, 1);
  const [moment] =
    sight.withMoments(call.record()).moments?.filter(({ type }) => type === "whispered") ?? [];
  assertEquals(moment, { type: "whispered", atMs: 4_500, detail: "Be kind." });
  for (const { line, clock, ended } of [call, plain]) {
    line.hangUp();
    await clock.advance(100);
    await ended;
  }
});

test("a call that is ended from outside says so in its outcome and its record", async () => {
  const sight = new CallSight(NEW_CALL);
  assertEquals(sight.hangUp(), false);
  const { clock, ended, record } = await askedCall(sight);
  assertEquals(sight.hangUp(), true);
  await clock.advance(1_500);
  assertEquals(await ended, { ending: "console-hung-up" });
  assertEquals(record().ending, "console-hung-up");
});
