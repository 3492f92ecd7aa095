import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLessOrEqual,
  assertStringIncludes,
} from "@std/assert";
import fc from "fast-check";
import { test } from "../support/flights.ts";
import {
  agentVoice,
  asModelHears,
  callerVoice,
  pcmOf,
  placeOf,
  startCall,
} from "../support/scenario.ts";

const LONG_ANSWER_MS = 8_000;
const FULL_SCALE = 30_000;

/** Breaks into a long answer, `afterMs` after its first sound, and gives what came of it. */
async function breakIn(options: { afterMs: number; pace: number; lateChunks: number }) {
  const { afterMs, pace, lateChunks } = options;
  const scenario = await startCall({
    model: {
      answers: (index) => ({
        pcm: agentVoice(index === 0 ? 500 : index === 1 ? LONG_ANSWER_MS : 1_000, index + 1),
        text: index === 1
          ? " one two three four five six seven eight nine ten"
          : ` answer ${index}`,
      }),
      pace,
      lateChunks,
    },
  });
  const { clock, line, ended } = scenario;
  line.pause(2_000);
  line.say(callerVoice(1_000));
  // Speech ends at 3.0 s, the turn at 3.5 s, the answer begins 200 ms later.
  line.pause(700 + afterMs);
  const onsetMs = Math.ceil((3_700 + afterMs) / 20) * 20;
  line.say(callerVoice(800, 2));
  line.pause(4_000);
  line.hangUp();
  await clock.advance(3_700 + afterMs + 6_000);
  await ended;
  return { ...scenario, onsetMs };
}

test("a caller who breaks in is let in: the line is cleared and nothing of the old answer follows [T07]", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 100, max: LONG_ANSWER_MS - 500 }),
      fc.constantFrom(1.1, 2, 4, 50),
      fc.integer({ min: 0, max: 5 }),
      async (afterMs, pace, lateChunks) => {
        const { line, model, record, onsetMs } = await breakIn({ afterMs, pace, lateChunks });
        const detectedMs = onsetMs + 60;
        const clear = line.sent.find((message) => message.event === "clear");
        assert(clear, "the line was not cleared");
        assertLessOrEqual(clear.atMs - detectedMs, 100);

        const closedMs = model.turns[1]?.closedAtMs ?? 0;
        const between = line.sent.slice(line.sent.indexOf(clear)).filter((message) =>
          message.event === "media" && message.atMs < closedMs
        );
        assertEquals(between, [], "audio of the dead answer went out");
        const loudest = pcmOf(line.heard).reduce((max, sample) => Math.max(max, sample), 0);
        assert(loudest < FULL_SCALE, "late audio of the dead answer was heard");

        assertEquals(model.violations, []);
        const heard = model.heardIn(1);
        const place = placeOf(heard, asModelHears(line.said), 320);
        // The turn before ended at 3.5 s: what it had is not sent twice.
        assertEquals(
          place / 16,
          Math.max(onsetMs - 300, 3_520),
          "the interruption has its pre-roll",
        );

        const entry = record().transcript.find(({ text }) => text.startsWith("one two"));
        assert(entry?.heardMs !== undefined && entry.interrupted);
        assertAlmostEquals(entry.heardMs, clear.atMs - 3_700, 40);
        assert(entry.text.startsWith(entry.heardText ?? "?"));
        assert((entry.heardText ?? "").length < entry.text.length);
      },
    ),
    { numRuns: 60 },
  );
});

test("a caller may break in again and again", async () => {
  const { clock, line, model, ended } = await startCall({
    model: { answers: (index) => ({ pcm: agentVoice(6_000, index + 1), text: ` ${index}` }) },
  });
  for (let n = 0; n < 8; n++) {
    line.pause(1_500);
    line.say(callerVoice(700, n));
  }
  line.pause(2_000);
  line.hangUp();
  await clock.advance(25_000);
  await ended;
  assertEquals(model.turns.length, 8);
  assertEquals(model.violations, []);
  const clears = line.sent.filter((message) => message.event === "clear");
  assert(clears.length >= 8, `${clears.length} clears`);
});

test("a caller who speaks before the first sound of the answer silences it", async () => {
  const { clock, line, model, ended } = await startCall({
    model: { answers: (index) => ({ pcm: agentVoice(2_000, index + 1), text: "" }), thinkMs: 700 },
  });
  line.pause(4_000);
  line.say(callerVoice(800));
  // The turn ends 500 ms later, its answer would come 700 ms after that; the caller goes on before.
  line.pause(800);
  line.say(callerVoice(800, 2));
  line.pause(4_000);
  line.hangUp();
  await clock.advance(12_000);
  await ended;
  assertEquals(model.turns.length, 2);
  const afterFirstMs = model.turns[0]?.closedAtMs ?? 0;
  const secondClosedMs = model.turns[1]?.closedAtMs ?? 0;
  const between = line.sent.filter(({ event, atMs }) =>
    event === "media" && atMs > afterFirstMs && atMs < secondClosedMs
  );
  assertEquals(between, []);
});

test("an answer that the service breaks off by itself falls silent, and is gone on with", async () => {
  const { clock, line, model, ended, record } = await startCall({
    model: { answers: () => ({ pcm: agentVoice(6_000), text: " a long story" }), pace: 50 },
  });
  line.pause(5_000);
  line.hangUp();
  await clock.advance(2_000);
  model.post({ type: "generation-interrupted" });
  await clock.advance(4_000);
  await ended;
  const clear = line.sent.find((message) => message.event === "clear");
  assertEquals(clear?.atMs, 2_000);
  assertAlmostEquals(record().transcript[0]?.heardMs ?? 0, 1_700, 40);
  assertStringIncludes(model.texts[1] ?? "", 'up to here: "a"', "it is asked for the rest");
  const next = line.sent.find(({ event, atMs }) => event === "media" && atMs > 2_000);
  assertEquals(next?.atMs, 2_200, "which comes when it has thought");
});

test("an answer that begins while a new activity waits for its gap is not heard", async () => {
  const { clock, line, model, ended } = await startCall({
    model: {
      answers: (index) => ({ pcm: agentVoice(2_000, index + 1), text: "" }),
      thinkMs: 20,
      pace: 2,
      lateChunks: 3,
    },
  });
  line.pause(4_000);
  line.say(callerVoice(800));
  // The caller goes on just as the turn is taken to be over: 60 ms later that is noticed, 40 ms before the gap is.
  line.pause(520);
  line.say(callerVoice(800, 2));
  line.pause(4_000);
  line.hangUp();
  await clock.advance(11_000);
  await ended;
  assertEquals(model.violations, []);
  assertEquals(model.turns.length, 2);
  const heardAgainMs = model.turns[1]?.closedAtMs ?? 0;
  const clear = line.sent.findIndex(({ event }) => event === "clear");
  assertEquals(line.sent[clear]?.atMs, 4_000 + 800 + 520 + 60);
  const after = line.sent.slice(clear).filter(({ event, atMs }) =>
    event === "media" && atMs < heardAgainMs
  );
  assertEquals(after, [], "the agent talks over the caller");
});
