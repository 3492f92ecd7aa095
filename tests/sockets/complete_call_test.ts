import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { breakIn, hangUp } from "../../emulators/caller_script.ts";
import { AGENT_LINES, CALLER_LINES, type CallerLineName } from "../../emulators/speech.ts";
import { print } from "../../tasks/terminal.ts";
import {
  answerPlaceMs,
  assertUnbroken,
  framesOf,
  keptTime,
  turnPlaceMs,
} from "../support/call_audio.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { SocketRig } from "../support/socket_call.ts";

const SAID: readonly CallerLineName[] = ["stop", "window", "tomorrow", "wait", "goodbye"];

Deno.test("a call greets, takes three turns, lets the caller break in, says goodbye and ends by the caller", async () => {
  const answers = spoken(
    ...["greeting", "which-day", "of-course", "by-the-window", "of-course", "goodbye"] as const,
  );
  await using rig = await SocketRig.start({ model: { script: { answers } } });
  // The first call of a process waits for the compiler now and then; this one is for the second.
  await rig.call([breakIn(100), hangUp()]);
  const finished = await rig.call([
    hearsOut,
    ...SAID.flatMap((name) => [says(name), name === "tomorrow" ? breakIn(1_000) : hearsOut]),
    hangUp(),
  ]);
  const { report, record, session } = finished;
  assert(session);
  assertUnbroken(finished);
  if (!keptTime(report)) print("  The machine did not keep time: lead and gaps do not count.");
  assertEquals(report.endedBy, "caller");
  assertEquals(rig.model.connects, 2);

  const said = framesOf(report.said);
  for (const [turn, { pcm }] of session.windows.entries()) {
    const spokenAtMs = (report.utterances[turn]?.startedAtMs ?? 0) -
      (report.audioStartedAtMs ?? 0);
    const placeMs = turnPlaceMs(pcm, said);
    assertAlmostEquals(placeMs, spokenAtMs - 300, 160, "a turn begins with its pre-roll");
    assertLessOrEqual(placeMs, spokenAtMs - 20, "and before its first sound");
  }
  for (const [turn, { pcm, outcome }] of session.sent.entries()) {
    assertEquals(outcome, turn === 3 ? "interrupted" : "complete");
    if (turn !== 3) assert(answerPlaceMs(pcm, report) >= 0, `answer ${turn} was not heard`);
  }

  assertEquals(record.ending, "caller-hung-up");
  assertEquals(record.faults["frames-stopped-in-turn"], undefined);
  assertEquals(record.turns.length, SAID.length);
  const told = record.transcript.map(({ party, text, interrupted }) =>
    interrupted ? `${party}, broken off` : `${party}: ${text}`
  );
  assertEquals(told, [
    `agent: ${AGENT_LINES.greeting}`,
    `caller: ${CALLER_LINES.stop}`,
    `agent: ${AGENT_LINES["which-day"]}`,
    `caller: ${CALLER_LINES.window}`,
    `agent: ${AGENT_LINES["of-course"]}`,
    `caller: ${CALLER_LINES.tomorrow}`,
    "agent, broken off",
    `caller: ${CALLER_LINES.wait}`,
    `agent: ${AGENT_LINES["of-course"]}`,
    `caller: ${CALLER_LINES.goodbye}`,
    `agent: ${AGENT_LINES.goodbye}`,
  ]);
  for (const { heardMs, spokenMs, interrupted } of record.transcript) {
    if (!interrupted) assertEquals(heardMs, spokenMs);
  }
  const ofThisCall = rig.logged.filter((line) => line.includes(record.callSid));
  assertLessOrEqual(ofThisCall.length, 10, ofThisCall.join("\n"));
});
