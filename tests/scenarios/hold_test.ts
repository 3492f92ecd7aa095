import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import fc from "fast-check";
import { FRAME_MS, LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import { digitsCue } from "../../lib/call/cues.ts";
import { asCallerHears, placeOnLine } from "../support/call_audio.ts";
import { test } from "../support/flights.ts";
import {
  BEGINS_AT_MS,
  CUT_NOTE,
  finish,
  heardOn,
  hum,
  LONG,
  LONG_MS,
  SHORT,
  SPOKEN,
  startHeldCall,
  stretchesHeard,
} from "../support/held_call.ts";
import { LevelVad } from "../support/level_vad.ts";
import { asModelHears, placeOf, startCall } from "../support/scenario.ts";

const PREROLL_MS = 300;
const MOST_SAID_TWICE_MS = 300;
/** From the onset of a sound to the decision. */
const DECIDE_MS = 600;

for (const name of ["wait", "stop"] as const) {
  for (const atMs of [2_000, 3_400, 5_000]) {
    test(`"${name}" at ${atMs} ms silences the agent at once and takes the floor [T07]`, async () => {
      const { mulaw, onsetMs } = SPOKEN[name];
      const speechAtMs = atMs + onsetMs;
      const call = await startHeldCall({
        sounds: (line) => {
          line.pause(atMs);
          line.say(mulaw);
        },
      });
      await finish(call);
      const { line, model, record } = call;
      const clear = line.sent.find(({ event }) => event === "clear");
      assert(clear, "the agent talked on");
      assertLessOrEqual(clear.atMs - speechAtMs, 220);
      const [turn] = model.turns;
      assert(turn?.closedAtMs, "the caller did not get the floor");
      assertEquals(model.turns.length, 1);
      assertLessOrEqual(turn.openedAtMs - speechAtMs, DECIDE_MS + FRAME_MS);
      const { closedAtMs } = turn;
      const between = line.sent.filter((message) =>
        message.event === "media" && message.atMs >= clear.atMs && message.atMs < closedAtMs
      );
      assertEquals(between, [], "the old answer went on");
      assertEquals(stretchesHeard(call).length, 1);
      assert(placeOnLine(asCallerHears(SHORT.pcm24k), heardOn(line)) >= 0, "no answer came");

      const beganMs = placeOf(model.heardIn(0), asModelHears(line.said), 320) / 16;
      assertAlmostEquals(
        beganMs,
        speechAtMs - PREROLL_MS,
        120,
        "what was said before the decision",
      );

      const [entry] = record().transcript;
      const [stretch] = stretchesHeard(call);
      assert(entry?.interrupted && entry.heardText !== undefined);
      assertAlmostEquals(entry.heardMs ?? 0, stretch?.toMs ?? 0, FRAME_MS);
      const note = model.texts[turn.textsBefore - 1];
      assertEquals(note, CUT_NOTE.replace("{{heard}}", entry.heardText));
      assertEquals(model.texts.length, 2, "the greeting and the note");
      assert(LONG.text.startsWith(`${entry.heardText} `), "whole words");
      const heardPart = (entry.heardMs ?? 0) / (entry.spokenMs ?? 1);
      assertAlmostEquals(entry.heardText.length, LONG.text.length * heardPart, 12);
    });
  }
}

test("a hum only makes the agent pause: it goes on, the same to the bit, nothing lost, little twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1_500, max: LONG_MS - 800 }),
      fc.integer({ min: 150, max: 350 }),
      fc.constantFrom(1.1, 3, 50),
      async (atMs, lastsMs, pace) => {
        const call = await startHeldCall({
          sounds: (line) => {
            line.pause(atMs);
            line.say(hum(lastsMs));
          },
          model: { pace },
        });
        await finish(call);
        const { model, record } = call;
        assertEquals(model.turns, [], "the hum took the floor");
        assertEquals(model.texts.length, 1, "the model was told");
        const stretches = stretchesHeard(call);
        assertEquals(stretches.length, 2);
        const [before, after] = stretches;
        assert(before && after);
        assertEquals(before.fromMs, 0);
        assertLessOrEqual(after.fromMs, before.toMs, "something was lost");
        assertLessOrEqual(before.toMs - after.fromMs, MOST_SAID_TWICE_MS);
        assertEquals(after.toMs, LONG_MS);
        assertLessOrEqual(after.atMs - BEGINS_AT_MS - before.toMs, DECIDE_MS);
        const [entry] = record().transcript;
        assertEquals([entry?.heardMs, entry?.interrupted], [entry?.spokenMs, false]);
      },
    ),
    { numRuns: 40 },
  );
});

test("what was heard is known after hums and an interruption", async () => {
  const { mulaw } = SPOKEN.wait;
  const call = await startHeldCall({
    sounds: (line) => {
      line.pause(2_000);
      line.say(hum());
      line.pause(1_600);
      line.say(hum());
      line.pause(1_600);
      line.say(mulaw);
    },
  });
  await finish(call);
  const stretches = stretchesHeard(call);
  assertEquals(stretches.length, 3);
  const heardMs = stretches.at(-1)?.toMs ?? 0;
  // Two pauses, and what was said twice, are less of the answer than the clock says.
  assertGreater(
    call.line.sent.findLast(({ event }) => event === "clear")?.atMs ?? 0,
    heardMs + 800,
  );
  const [entry] = call.record().transcript;
  assert(entry?.interrupted);
  assertAlmostEquals(entry.heardMs ?? 0, heardMs, FRAME_MS);
  assertEquals(call.model.turns.length, 1);
});

/** A sound of the caller, after a pause. */
const anySound = fc.record({
  afterMs: fc.integer({ min: 0, max: 4_000 }),
  sound: fc.oneof(
    fc.constantFrom("wait" as const, "stop" as const),
    fc.integer({ min: 20, max: 400 }),
  ),
});

test("whatever the caller does, the answer is whole, every word is told once, and no activity stays open", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anySound, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(1.1, 3, 50),
      async (sounds, pace) => {
        const words: { name: "wait" | "stop"; atMs: number }[] = [];
        const call = await startHeldCall({
          sounds: (line) => {
            let atMs = 0;
            for (const { afterMs, sound } of [{ afterMs: 1_500, sound: 0 }, ...sounds]) {
              const mulaw = typeof sound === "number" ? hum(sound) : SPOKEN[sound].mulaw;
              const beginsMs = atMs + Math.ceil(afterMs / FRAME_MS) * FRAME_MS;
              if (typeof sound !== "number") words.push({ name: sound, atMs: beginsMs });
              line.pause(afterMs);
              line.say(mulaw);
              atMs = beginsMs + Math.floor(mulaw.length / LINE_FRAME_SAMPLES) * FRAME_MS;
            }
          },
          model: { pace },
        });
        await finish(call);
        const { model, line, record } = call;
        for (const { closedAtMs } of model.turns) assert(closedAtMs, "an activity stayed open");
        const stretches = stretchesHeard(call);
        for (const [n, { fromMs }] of stretches.entries()) {
          const toMs = stretches[n - 1]?.toMs ?? 0;
          assert(fromMs <= toMs && fromMs >= toMs - MOST_SAID_TWICE_MS, `${fromMs} behind ${toMs}`);
        }
        const [entry] = record().transcript;
        assertAlmostEquals(entry?.heardMs ?? 0, stretches.at(-1)?.toMs ?? 0, FRAME_MS);

        const told = model.turns.flatMap(({ chunks }) => chunks.map(String));
        const said = asModelHears(line.said);
        for (const { name, atMs } of words) {
          const loudMs = atMs + SPOKEN[name].onsetMs + 60;
          const frame = String(said.subarray(loudMs * 16, (loudMs + FRAME_MS) * 16));
          const times = words.filter((word) => word.name === name).length;
          assertEquals(
            told.filter((chunk) => chunk === frame).length,
            times,
            `"${name}" at ${atMs} ms`,
          );
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("a sound that may have been a word reaches the model when the answer is over", async () => {
  const call = await startHeldCall({
    sounds: (line) => {
      line.pause(3_000);
      line.say(hum(300, 0.4));
    },
  });
  await finish(call);
  const { model, line } = call;
  const [, after] = stretchesHeard(call);
  assertEquals(after?.toMs, LONG_MS, "the answer was not finished");
  assertEquals(model.turns.length, 1);
  const overMs = (after?.atMs ?? 0) + LONG_MS - (after?.fromMs ?? 0);
  assertGreaterOrEqual(model.turns[0]?.openedAtMs ?? 0, overMs);
  const said = asModelHears(line.said);
  const fromMs = placeOf(model.heardIn(0), said, 320) / 16;
  assertAlmostEquals(fromMs, 3_000 - PREROLL_MS, 40);
  assertGreaterOrEqual(model.heardIn(0).length / 16, PREROLL_MS + 300);
  assertEquals(model.texts.length, 1, "there is nothing to note");
  assert(placeOnLine(asCallerHears(SHORT.pcm24k), heardOn(line)) >= 0, "it was not answered");
});

test("a key settles what a hold has left open", async () => {
  const call = await startHeldCall({
    sounds: (line) => {
      line.pause(3_000);
      line.say(hum(200));
      line.press("7");
      line.press("#");
    },
  });
  await finish(call);
  assertEquals(call.model.turns.map(({ texts }) => texts), [[digitsCue("7")]]);
  assertEquals(stretchesHeard(call).length, 1, "the old answer went on");
  assertEquals(call.line.sent.filter(({ event }) => event === "clear").length, 1);
});

test("a caller who hangs up in a hold has heard what was heard", async () => {
  const call = await startCall({
    model: { answers: () => ({ pcm: LONG.pcm24k, text: LONG.text }), setupMs: 90 },
    agent: { bargeIn: { mode: "decide", minSpeechMs: 40, backchannelMaxMs: 450 } },
    vad: new LevelVad(40),
  });
  call.line.pause(3_000);
  call.line.say(hum(200));
  call.line.hangUp();
  await call.clock.advance(4_000);
  assertEquals((await call.ended).ending, "caller-hung-up");
  const [entry] = call.record().transcript;
  assertAlmostEquals(entry?.heardMs ?? 0, stretchesHeard(call)[0]?.toMs ?? -1, FRAME_MS);
  assertEquals(entry?.interrupted, true);
});

for (const lastsMs of [40, 80, 300]) {
  test(`a sound of ${lastsMs} ms in which the service breaks off the answer leaves no activity open`, async () => {
    const call = await startHeldCall({
      sounds: (line) => {
        line.pause(3_000);
        line.say(hum(lastsMs));
      },
    });
    const { clock, line, model } = call;
    while (!line.sent.some(({ event }) => event === "clear")) await clock.advance(20);
    model.post({ type: "generation-interrupted" });
    await clock.advance(3_000);
    for (const { closedAtMs } of model.turns) assert(closedAtMs, "the activity is still open");
    await finish(call);
  });

  test(`a sound of ${lastsMs} ms just behind the answer leaves no activity open`, async () => {
    const call = await startHeldCall({
      sounds: (line) => {
        line.pause(BEGINS_AT_MS + LONG_MS + 180);
        line.say(hum(lastsMs));
      },
    });
    await call.clock.advance(BEGINS_AT_MS + LONG_MS + 3_000);
    for (const { closedAtMs } of call.model.turns) assert(closedAtMs, "the activity is still open");
    assertEquals(stretchesHeard(call)[0]?.toMs, LONG_MS);
    await finish(call);
  });
}

test("nothing is noted where the agent file has no words for it", async () => {
  const call = await startHeldCall({
    agent: { cutNote: "" },
    sounds: (line) => {
      line.pause(3_000);
      line.say(SPOKEN.wait.mulaw);
    },
  });
  await finish(call);
  assertEquals(call.model.turns.length, 1);
  assertEquals(call.model.texts.length, 1);
});
