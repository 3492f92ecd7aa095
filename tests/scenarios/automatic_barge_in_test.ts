import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  automaticCall,
  clearsOf,
  LONG_MS,
  longSecond,
  SILENCE_MS,
  spokenIn,
} from "../support/automatic_call.ts";
import { test } from "../support/flights.ts";
import { callerVoice } from "../support/scenario.ts";

for (const mode of ["immediate", "decide"] as const) {
  test(`automatic: a caller who breaks in silences the answer at once when the mode is ${mode}, and nothing of it follows`, async () => {
    const bargeInMs = 6_000;
    const call = await automaticCall({
      sounds: ({ line }) => {
        line.pause(2_000);
        line.say(callerVoice(1_000));
        line.pause(bargeInMs - 3_000);
        line.say(callerVoice(1_200, 2));
      },
      ms: 12_000,
      // A service that is slower than we are: audio of the dead answer still comes.
      model: {
        answers: longSecond,
        pace: 1.3,
        lateChunks: 4,
        detection: { prefixPaddingMs: 500, silenceDurationMs: SILENCE_MS },
      },
      agent: {
        bargeIn: { mode, minSpeechMs: 40, backchannelMaxMs: 450 },
        cutNote: "heard: {{heard}}",
      },
    });
    const { line, model, record } = call;
    const [clear, ...others] = clearsOf(call);
    assert(clear !== undefined);
    assertLessOrEqual(clear - bargeInMs, 160);
    assertEquals(others, [], "the service's own interruption clears nothing more");
    const answeredAtMs = model.firstAudioAtMs[2] ?? Infinity;
    const dead = line.sent.filter(({ event, atMs }) =>
      event === "media" && atMs > clear && atMs < answeredAtMs
    );
    assertEquals(dead, [], "audio of the dead answer went out");
    assert((record().faults["late-agent-audio"] ?? 0) > 0, "it did come");
    const [, , cut] = record().transcript;
    assert(cut?.interrupted && cut.heardMs !== undefined && cut.heardMs < LONG_MS);
    assertEquals(model.texts.filter((text) => text.startsWith("heard:")).length, 1);
    assertEquals(spokenIn(call).at(-2), "caller:turn 2");
    assertEquals(spokenIn(call).at(-1), "agent:Answer number 2.");
  });
}

test("automatic: the service's interruption silences an answer that nothing here would have stopped", async () => {
  const call = await automaticCall({
    sounds: ({ line, model, clock }) => {
      line.pause(2_000);
      line.say(callerVoice(1_000));
      clock.at(6_000, () => model.post({ type: "generation-interrupted" }));
    },
    ms: 12_000,
    model: { answers: longSecond, pace: 50 },
    agent: { cutNote: "heard: {{heard}}" },
  });
  assertEquals(clearsOf(call)[0], 6_000);
  const [, , cut] = call.record().transcript;
  assert(cut?.interrupted);
  assertEquals(call.model.texts.filter((text) => text.startsWith("heard:")).length, 1);
});

test("automatic: a click holds the answer, and it goes on, all of it, when the service says nothing", async () => {
  const call = await automaticCall({
    sounds: ({ line }) => {
      line.pause(2_000);
      line.say(callerVoice(1_000));
      line.pause(3_000);
      line.say(callerVoice(60, 3));
    },
    ms: 16_000,
    model: { answers: longSecond, detection: { prefixPaddingMs: 200, silenceDurationMs: 300 } },
    agent: { bargeIn: { mode: "decide", minSpeechMs: 40, backchannelMaxMs: 450 } },
  });
  assertEquals(clearsOf(call).length, 1, "held");
  const [, , answer] = call.record().transcript;
  assertEquals(answer?.heardMs, answer?.spokenMs);
  assertEquals(answer?.interrupted, false);
  assertEquals(spokenIn(call).length, 3, "the click is no turn");
});

test('automatic: mode "never": the answer is heard to its end whatever the caller says', async () => {
  const call = await automaticCall({
    sounds: ({ line, model }) => {
      line.pause(2_000);
      line.say(callerVoice(1_000));
      line.pause(3_000);
      // A service that was told not to interrupt lets the answer end.
      model.isInterruptible = false;
      line.say(callerVoice(1_000, 2));
    },
    ms: 16_000,
    model: { answers: longSecond },
    agent: { bargeIn: { mode: "never", minSpeechMs: 40, backchannelMaxMs: 450 } },
  });
  assertEquals(clearsOf(call), []);
  const [, , answer] = call.record().transcript;
  assertEquals(answer?.heardMs, answer?.spokenMs);
});

test("automatic: keys stop the answer and reach the model outside of any activity", async () => {
  const call = await automaticCall({
    sounds: ({ line }) => {
      line.pause(2_000);
      line.say(callerVoice(1_000));
      line.pause(3_000);
      for (const key of "42#") {
        line.press(key);
        line.pause(200);
      }
    },
    ms: 12_000,
    model: { answers: longSecond },
  });
  const { model } = call;
  const [clear] = clearsOf(call);
  assertAlmostEquals(clear ?? 0, 6_000, 40);
  assertEquals(model.turns.flatMap(({ texts }) => texts), []);
  assert(model.texts.at(-1)?.endsWith("telephone: 4 2"));
  assertEquals(spokenIn(call).at(-1), "agent:Answer number 2.");
});
