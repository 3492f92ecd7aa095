import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { DEFAULT_TURN_SETTINGS } from "../../lib/turns/turn_settings.ts";
import {
  answers,
  AUTOMATIC,
  automaticCall,
  clearsOf,
  SILENCE_MS,
  spokenIn,
} from "../support/automatic_call.ts";
import { test } from "../support/flights.ts";
import { asModelHears, callerVoice, startCall } from "../support/scenario.ts";

test("automatic: a call greets, streams every frame, and takes the service's turns for the caller's", async () => {
  const call = await automaticCall({
    sounds: ({ line }) => {
      line.pause(3_000);
      for (const turn of [1, 2]) {
        line.say(callerVoice(1_000, turn));
        line.pause(4_000);
      }
    },
    ms: 13_000,
  });
  const { model, line, record } = call;
  assertEquals(model.texts.length, 1, "the greeting's cue");
  const sent = model.audio.length;
  assertLessOrEqual(line.said.length - sent, 2, "every frame is sent");
  assertEquals(concat(model.audio), asModelHears(line.said).subarray(0, sent * 320));
  assertEquals(spokenIn(call), [
    "agent:Answer number 0.",
    "caller:turn 1",
    "agent:Answer number 1.",
    "caller:turn 2",
    "agent:Answer number 2.",
  ]);
  assertEquals(clearsOf(call), []);
  const starts = record().transcript.filter(({ party }) => party === "caller");
  for (const [n, { startMs }] of starts.entries()) {
    assertAlmostEquals(startMs, 3_000 + n * 5_000, 60);
  }
  for (const { party, heardMs, spokenMs } of record().transcript) {
    if (party === "agent") assertEquals(heardMs, spokenMs, "heard to its end");
  }
});

for (const tellsActivity of [true, false]) {
  test(`automatic: the record knows where the time went when the service ${tellsActivity ? "tells" : "does not tell"} of activity`, async () => {
    const { record, model } = await automaticCall({
      sounds: ({ line }) => {
        line.pause(4_000);
        line.say(callerVoice(1_000));
      },
      ms: 9_000,
      model: { tellsActivity },
    });
    const [turn, ...others] = record().turns;
    assert(turn);
    assertEquals(others, []);
    assertAlmostEquals(turn.speechEndedMs, 5_000, 60);
    const closedAtMs = model.turns[0]?.closedAtMs ?? 0;
    assertEquals(turn.firstModelAudioMs, closedAtMs + 200);
    assertEquals(turn.decidedMs, tellsActivity ? closedAtMs : closedAtMs + 200);
    assert(turn.firstHeardMs !== undefined);
  });
}

test("automatic: an answer is played although the caller is not found to have finished here", async () => {
  const call = await automaticCall({
    sounds: ({ line }) => {
      line.pause(3_000);
      line.say(callerVoice(1_000));
    },
    ms: 8_000,
    model: { detection: { prefixPaddingMs: 20, silenceDurationMs: 100 }, thinkMs: 60 },
  });
  const { line, model } = call;
  const firstAudioMs = model.firstAudioAtMs[1] ?? Infinity;
  assertLessOrEqual(firstAudioMs, 4_250, "before the hangover of 500 ms is over");
  const firstSent = line.sent.find(({ event, atMs }) => event === "media" && atMs > 3_500);
  assertEquals(firstSent?.atMs, firstAudioMs);
  assertEquals(clearsOf(call), []);
});

test("automatic: a caller who says nothing is asked, told goodbye and hung up on", async () => {
  const call = await startCall({
    model: { answers, detection: { silenceDurationMs: SILENCE_MS } },
    agent: {
      turns: { ...DEFAULT_TURN_SETTINGS, automatic: AUTOMATIC },
      deadAir: { askAfterMs: 4_000, asks: ["There?"], goodbye: "Bye.", longestHoldMs: 0 },
    },
  });
  await call.clock.advance(40_000);
  assertEquals(await call.ended, { ending: "agent-hung-up" });
  assertEquals(call.model.violations, []);
  assertEquals(call.model.texts.length, 3);
  assertEquals(call.model.turns, []);
});

test("automatic: frames that stop in mid-speech end the service's turn, by silence and by a word", async () => {
  const call = await automaticCall({
    sounds: ({ line }) => {
      line.pause(3_000);
      line.say(callerVoice(1_000));
      line.stall(4_000);
    },
    ms: 9_000,
  });
  const { model } = call;
  const stoppedMs = 4_000 + DEFAULT_TURN_SETTINGS.framesStoppedMs;
  assertEquals(model.audioEndedAtMs.length, 1, "told once");
  assertAlmostEquals(model.audioEndedAtMs[0] ?? 0, stoppedMs, 40);
  assertAlmostEquals(model.turns[0]?.closedAtMs ?? 0, stoppedMs, 40);
  assertEquals(spokenIn(call).at(-1), "agent:Answer number 1.");
  assert(model.lastAudioAtMs > 8_500, "frames that come again are heard again");
});

test("automatic: what is said while the model is being set up is heard, from the first frame on", async () => {
  const { model, line } = await automaticCall({
    sounds: ({ line }) => line.say(callerVoice(1_000)),
    ms: 6_000,
    model: { setupMs: 1_500 },
  });
  assertEquals(
    concat(model.audio).subarray(0, 16_000),
    asModelHears(line.said).subarray(0, 16_000),
  );
  assertEquals(model.turns.length, 1);
});

function concat(chunks: readonly Int16Array[]): Int16Array {
  const pcm = new Int16Array(chunks.length * 320);
  for (const [n, chunk] of chunks.entries()) pcm.set(chunk, n * 320);
  return pcm;
}
