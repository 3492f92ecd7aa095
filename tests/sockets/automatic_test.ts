import { assert, assertEquals } from "@std/assert";
import { breakIn, hangUp, pauseFrames, waitForSilence } from "../../emulators/caller_script.ts";
import { AGENT_LINES, CALLER_LINES } from "../../emulators/speech.ts";
import { answerPlaceMs, assertFed } from "../support/call_audio.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { SocketRig } from "../support/socket_call.ts";

/** The recordings have shorter pauses. */
const AUTOMATIC = { detection: "automatic", automatic: { silenceDurationMs: 500 } };

Deno.test("an agent with automatic detection greets, answers and is broken into: the service finds the turns", async () => {
  const names = ["greeting", "by-the-window", "of-course", "goodbye"] as const;
  await using rig = await SocketRig.start({
    model: { script: { answers: spoken(...names) } },
    turns: AUTOMATIC,
  });
  const { report, record, session } = await rig.call([
    hearsOut,
    says("window"),
    breakIn(1_500),
    says("wait"),
    hearsOut,
    says("goodbye"),
    hearsOut,
    hangUp(),
  ]);
  assert(session);
  assertEquals(session.violations, []);
  assertEquals(report.warnings, []);
  assertFed(report);
  assertEquals(session.setup?.realtimeInputConfig?.automaticActivityDetection, {
    disabled: false,
    prefixPaddingMs: 20,
    silenceDurationMs: 500,
  });
  assertEquals(session.sent.map(({ outcome }) => outcome), [
    "complete",
    "interrupted",
    "complete",
    "complete",
  ]);
  for (const [turn, { pcm }] of session.sent.entries()) {
    if (turn !== 1) assert(answerPlaceMs(pcm, report) >= 0, `answer ${turn} was not heard`);
  }
  const told = record.transcript.map(({ party, text, interrupted }) =>
    interrupted ? `${party}, broken off` : `${party}: ${text}`
  );
  assertEquals(told, [
    `agent: ${AGENT_LINES.greeting}`,
    `caller: ${CALLER_LINES.window}`,
    "agent, broken off",
    `caller: ${CALLER_LINES.wait}`,
    `agent: ${AGENT_LINES["of-course"]}`,
    `caller: ${CALLER_LINES.goodbye}`,
    `agent: ${AGENT_LINES.goodbye}`,
  ]);
  assertEquals(record.turns.length, 3);
  assertEquals(report.clears.length, 1);
});

Deno.test("an agent with automatic detection answers a caller whose frames stop, although 3.8 ignores that audio ended", async () => {
  await using rig = await SocketRig.start({
    model: { script: { answers: spoken("greeting", "of-course") } },
    turns: AUTOMATIC,
  });
  const { record, session } = await rig.call([
    hearsOut,
    says("stop"),
    pauseFrames(2_500),
    waitForSilence(600),
    hangUp(),
  ]);
  assertEquals(session?.violations, []);
  assertEquals(session?.audioStreamEnds, 1);
  assertEquals(record.transcript.map(({ party }) => party), ["agent", "caller", "agent"]);
});
