/** A call that comes apart, and goes on. */
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import type { CallSnapshot } from "../../lib/records/call_snapshot.ts";
import { test } from "../support/flights.ts";
import { agentVoice, callerVoice, type ScenarioOptions, startCall } from "../support/scenario.ts";
import { snapshotOf } from "../support/snapshot.ts";

const CALL_SID = "CA" + "1".repeat(32);
const answers = (index: number) => ({
  pcm: agentVoice(4_000, index + 1),
  text: " one two three four five six seven eight",
});

/** A call that comes back from another instance. */
function comeBack(change: Partial<CallSnapshot> = {}, options: Partial<ScenarioOptions> = {}) {
  const resumed = { ...snapshotOf(CALL_SID), ...change };
  return startCall({ model: { answers }, ...options, continuity: { term: 2, resumed } });
}

test("a call is kept for others every 5 s, at each turn, and when the server begins to drain", async () => {
  const { clock, line, snapshots, draining } = await startCall({ model: { answers } });
  line.pause(60_000);
  await clock.advance(300);
  const atFirst = snapshots.length;
  assert(atFirst > 0);
  for (let times = 0; times < 4; times++) {
    const before = snapshots.length;
    await clock.advance(5_000);
    assert(snapshots.length > before);
  }
  const before = snapshots.length;
  draining.abort();
  await clock.advance(0);
  assertEquals(snapshots.length, before + 1);
  line.hangUp();
  const last = snapshots.at(-1);
  assertAlmostEquals(last?.callMs ?? 0, clock.nowMs(), 50);
  assertEquals(last?.record.transcript.length, 1);
  line.close(1000);
  await clock.advance(100);
  assertEquals(clock.pendingTimers, 0);
});

test("a call that comes back goes on with its handle, is not greeted, and keeps one record", async () => {
  const { clock, line, model, ended, record } = await comeBack();
  assertEquals(model.handle, "handle-1");
  line.pause(6_000);
  line.say(callerVoice(1_000));
  line.pause(2_000);
  line.hangUp();
  await clock.advance(10_000);
  assertEquals((await ended).ending, "caller-hung-up");
  assertEquals(model.texts.length, 1);
  assertStringIncludes(model.texts[0] ?? "", "Do not greet again");
  assert(!model.texts[0]?.includes("you speak first"));
  const { transcript, turns, tokens, faults, answeredEpochMs, durationMs } = record();
  assertEquals(transcript.slice(0, 2).map(({ text }) => text), ["Hello.", "A table for two."]);
  assertEquals(transcript.length, 5, "and the bridge, the turn, the answer");
  assert((transcript[2]?.startMs ?? 0) >= 60_000);
  assertEquals(turns.length, 2);
  assertEquals(tokens.total, 120);
  assertEquals(faults["frame-filled"], 2);
  assertEquals(answeredEpochMs, Date.UTC(2026, 0, 5, 8, 59, 0));
  assertAlmostEquals(durationMs ?? 0, 69_000, 200);
});

test("a call that comes back is told which words of the open answer were heard", async () => {
  const { record } = snapshotOf(CALL_SID);
  const cases: [Partial<CallSnapshot>, string][] = [
    [{ isAnswerOpen: false }, "ask the caller to go on"],
    [{ isAnswerOpen: true }, "answer what the caller said last"],
    [{
      isAnswerOpen: true,
      record: {
        ...record,
        transcript: [{
          ...{ party: "agent", startMs: 0, text: "We open at nine and close at five." },
          ...{ spokenMs: 4_000, heardMs: 2_000, heardText: "We open at", interrupted: true },
        }],
      },
    }, 'heard only: "We open at"'],
  ];
  for (const [change, words] of cases) {
    const { model, line, clock } = await comeBack(change);
    await clock.advance(100);
    assertStringIncludes(model.texts[0] ?? "", words);
    line.close(1000);
    await clock.advance(100);
  }
});

test("the time limit goes on counting over a come-back and the break before it", async () => {
  const { clock, line, ended, record } = await comeBack({
    takenEpochMs: Date.UTC(2026, 0, 5, 8, 59, 50),
  }, { maxCallSeconds: 100 });
  line.pause(60_000);
  await clock.advance(60_000);
  assertEquals((await ended).ending, "time-limit-reached");
  assertAlmostEquals(record().durationMs ?? 0, 100_000, 1_000);
  assertAlmostEquals(line.heard.length * 20, 30_000, 1_000);
});

test("a call that comes back where the wall clock is an hour off has lasted as long as it has [K03]", async () => {
  for (const aheadMs of [-3_600_000, 3_600_000]) {
    const { clock, line, ended, record } = await comeBack({
      takenEpochMs: Date.UTC(2026, 0, 5, 8, 59, 59, 500) - aheadMs,
      callMs: 60_000,
    });
    line.pause(5_000);
    line.hangUp();
    await clock.advance(6_000);
    assertEquals((await ended).ending, "caller-hung-up");
    assertAlmostEquals(record().durationMs ?? 0, 60_500 + 5_000, 1_000);
  }
});

test("a call that may be handed over is, at once, and what was heard is kept before its stream closes", async () => {
  const { clock, line, model, ended, stop, snapshots, record } = await startCall({
    model: { answers },
    canHandOver: true,
  });
  line.pause(60_000);
  await clock.advance(2_300);
  assertEquals(line.closeCode, undefined);
  stop.abort();
  await clock.advance(0);
  assertEquals((await ended).ending, "handed-over");
  assertEquals(line.closeCode, 1000);
  assert(model.isClosed);
  const last = snapshots.at(-1);
  assertEquals(last?.isAnswerOpen, true);
  const [greeting] = last?.record.transcript ?? [];
  assertEquals(greeting?.interrupted, true);
  assertAlmostEquals(greeting?.heardMs ?? 0, 2_000, 100);
  assertEquals(greeting?.heardText, "one two three four");
  assertEquals(record().ending, "handed-over");
  await clock.advance(3_000);
  assertEquals(clock.pendingTimers, 0);
});

test("a call that is saying goodbye is not handed over, and says so to whoever asks", async () => {
  const { clock, line, ended, stop, snapshots } = await startCall({
    model: { answers },
    canHandOver: true,
    maxCallSeconds: 60,
  });
  line.pause(60_000);
  await clock.advance(44_000);
  assertEquals(snapshots.at(-1)?.isLeaving, false);
  await clock.advance(6_000);
  assertEquals(snapshots.at(-1)?.isLeaving, true);
  stop.abort();
  await clock.advance(5_000);
  assertEquals((await ended).ending, "time-limit-reached");
});

test("a line that is lost leaves a snapshot of the moment [T11]", async () => {
  const { clock, line, ended, snapshots } = await startCall({ model: { answers } });
  line.pause(60_000);
  await clock.advance(2_300);
  line.close(1006);
  await clock.advance(500);
  assertEquals((await ended).ending, "line-lost");
  assertAlmostEquals(snapshots.at(-1)?.callMs ?? 0, 2_300, 30);
  assertEquals(snapshots.at(-1)?.isAnswerOpen, true);
  assertEquals(snapshots.at(-1)?.isLeaving, false);
});

test("a wall clock that jumps an hour changes no duration and no pace [K03]", async () => {
  const lengths: number[] = [];
  for (const jumpMs of [-3_600_000, 0, 3_600_000]) {
    const { clock, line, ended, record } = await startCall({ model: { answers } });
    line.pause(6_000);
    line.say(callerVoice(1_000));
    line.pause(5_000);
    line.hangUp();
    await clock.advance(3_000);
    clock.jumpWallClock(jumpMs);
    await clock.advance(12_000);
    assertEquals((await ended).ending, "caller-hung-up");
    assertAlmostEquals(record().durationMs ?? 0, 12_000, 100);
    assertEquals(record().turns.length, 1);
    lengths.push(line.sent.length);
  }
  assertEquals(new Set(lengths).size, 1, "the same messages to the line");
});
