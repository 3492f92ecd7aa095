/** Whole calls whose model breaks off or wants to be left. */
import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { hangUp, untilEnded, wait } from "../../emulators/caller_script.ts";
import type { Fault } from "../../emulators/model_script.ts";
import { answerPlaceMs, framesOf, keptTime, turnPlaceMs } from "../support/call_audio.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { API_KEY, type FinishedCall, SocketRig } from "../support/socket_call.ts";

const ANSWERS = spoken("greeting", "of-course", "which-day");

async function callWith(faults: readonly Fault[], thinkMs = 2_000): Promise<{
  rig: SocketRig;
  finished: FinishedCall;
}> {
  const rig = await SocketRig.start({
    model: { script: { answers: ANSWERS, faults } },
  });
  const script = [
    hearsOut,
    wait(thinkMs),
    says("stop"),
    hearsOut,
    says("table"),
    hearsOut,
    hangUp(),
  ];
  return { rig, finished: await rig.call(script) };
}

/** Two turns and their answers came through, to the bit, on whatever connections. */
function assertWhole(rig: SocketRig, { report, record }: FinishedCall): void {
  const sessions = rig.sessionsOf(report.from);
  const windows = sessions.flatMap(({ windows }) => windows).filter(({ endedAtMs }) => endedAtMs);
  const last = windows.at(-1);
  assert(last && turnPlaceMs(last.pcm, framesOf(report.said)) >= 0, "the last turn is whole");
  for (const { pcm } of ANSWERS) {
    assertGreaterOrEqual(answerPlaceMs(pcm, report), 0, "each answer was heard whole");
  }
  assertEquals(sessions.flatMap(({ sent }) => sent).filter((one) => one.samplesSent > 0).length, 3);
  assertEquals(sessions.flatMap(({ violations }) => violations), []);
  assertEquals(record.ending, "caller-hung-up");
  assertEquals(record.faults, {});
  assertEquals(report.warnings, []);
}

Deno.test("a call moves to another connection while nobody speaks, and nobody notices [G08]", async () => {
  const { rig, finished } = await callWith([{
    type: "go-away",
    timeLeftMs: 10_000,
    connection: 0,
    // The greeting is over by then, and the caller thinks.
    when: { at: "turn", turn: 0, afterMs: 4_000 },
  }], 4_000);
  await using _ = rig;
  assertWhole(rig, finished);
  const sessions = rig.sessionsOf(finished.report.from);
  assertEquals(sessions.length, 2);
  assert(sessions[1]?.resumedFrom !== undefined);
  assertEquals(sessions[0]?.closeCode, 1005, "left by us");
  assertEquals(sessions[0]?.windows.length, 0, "before the first turn");
});

Deno.test("a call waits with that until an answer is over, and keeps the deadline [G09]", async () => {
  const { rig, finished } = await callWith([{
    type: "go-away",
    timeLeftMs: 10_000,
    connection: 0,
    when: { at: "answer", turn: 1, afterMs: 200 },
  }]);
  await using _ = rig;
  assertWhole(rig, finished);
  const sessions = rig.sessionsOf(finished.report.from);
  assertEquals(sessions.length, 2);
  assertEquals(sessions[0]?.closeCode, 1005);
  assertEquals(sessions[0]?.sent.at(-1)?.outcome, "complete");
});

Deno.test("a call goes on when its model is reset while the caller speaks: one answer, 1.5 s later at most [G05]", async () => {
  const { rig, finished } = await callWith([{
    type: "reset",
    connection: 0,
    // In the middle of the second turn: "table" begins about 2.5 s behind the first answer's first sound.
    when: { at: "answer", turn: 1, afterMs: 2_600 },
  }]);
  await using _ = rig;
  const { report, record } = finished;
  const sessions = rig.sessionsOf(report.from);
  assertEquals(sessions.length, 2);
  assert(sessions[1]?.resumedFrom !== undefined);
  const [broken] = sessions[0]?.windows.slice(-1) ?? [];
  assert(broken && broken.pcm.length > 0 && broken.endedAtMs === undefined, "in mid-speech");
  const window = sessions[1]?.windows.at(-1);
  assert(window && turnPlaceMs(window.pcm, framesOf(report.said)) >= 0);
  assertEquals(sessions.flatMap(({ sent }) => sent).filter((one) => one.samplesSent > 0).length, 3);
  const [usual, slow] = record.turns.map((turn) =>
    (turn.firstMediaSentMs ?? NaN) - turn.activityEndSentMs
  );
  if (keptTime(report)) assertLessOrEqual((slow ?? NaN) - (usual ?? NaN), 1_500);
  assertEquals(record.ending, "caller-hung-up");
});

Deno.test("calls behind one with a bad key are told at once, and the model is left alone [G01]", async () => {
  await using rig = await SocketRig.start({
    model: { script: { answers: [] }, badKey: API_KEY },
    settings: { fallbackNumber: "+15558880000" },
  });
  await rig.call([untilEnded()]);
  assertEquals(rig.model.connects, 1);
  const calls = Array.from({ length: 5 }, () => rig.dial([untilEnded()]).ended);
  for (const report of await Promise.all(calls)) {
    assertEquals(report.streams.length, 0);
    assertEquals(report.dials.flatMap(({ targets }) => targets), ["+15558880000"]);
  }
  assertEquals(rig.model.connects, 1);
});
