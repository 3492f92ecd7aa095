import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import fc from "fast-check";
import { fileToPcm } from "../../audio/file_to_pcm.ts";
import { levelDbfs } from "../../audio/level.ts";
import { encodeMulaw } from "../../audio/mulaw.ts";
import { LINE_FRAME_SAMPLES, LINE_HZ } from "../../audio/rates.ts";
import { agentLine, type CallerLineName, speechFile } from "../../emulators/speech.ts";
import type { AgentConfig } from "../../lib/agents/agent_config.ts";
import { digitsCue } from "../../lib/call/cues.ts";
import { asCallerHears, placeOnLine } from "../support/call_audio.ts";
import type { FakeLine } from "../support/fake_line.ts";
import { LevelVad } from "../support/level_vad.ts";
import { asModelHears, placeOf, type Scenario, startCall } from "../support/scenario.ts";
import type { ModelScript } from "../support/scripted_model.ts";

/** The answer that is broken into, ten seconds of speech, and what follows. */
const LONG = agentLine("by-the-window");
const SHORT = agentLine("of-course");
const LONG_ON_LINE = asCallerHears(LONG.pcm24k);
const LONG_MS = LONG_ON_LINE.length / 8;
/** Set-up of the model, and its first thought. */
const BEGINS_AT_MS = 290;
const PREROLL_MS = 300;
const MOST_SAID_TWICE_MS = 300;
/** From the onset of a sound to the decision. */
const DECIDE_MS = 600;
/** Frames, and what the line and we may differ by. */
const FRAME_MS = 20;
const CUT_NOTE = 'The caller broke in. They had heard: "{{heard}}"';

/** Places a call whose agent says the long answer first; `sounds` are what the caller does meanwhile. */
async function hold(
  options: {
    sounds: (line: FakeLine) => void;
    agent?: Partial<AgentConfig>;
    mode?: AgentConfig["bargeIn"]["mode"];
    model?: Partial<ModelScript>;
  },
): Promise<Scenario> {
  const { sounds, agent, mode = "decide", model } = options;
  const call = await startCall({
    model: {
      answers: (index) => {
        const { pcm24k, text } = index === 0 ? LONG : SHORT;
        return { pcm: pcm24k, text };
      },
      setupMs: 90,
      ...model,
    },
    agent: {
      bargeIn: { mode, minSpeechMs: 40, backchannelMaxMs: 450 },
      cutNote: CUT_NOTE,
      ...agent,
    },
    vad: new LevelVad(40),
  });
  sounds(call.line);
  call.line.pause(LONG_MS + 4_000);
  call.line.hangUp();
  return call;
}

/** Lets the call go on to its end. */
async function finish({ clock, ended, model }: Scenario): Promise<void> {
  await clock.advance(40_000);
  assertEquals(await ended, { ending: "caller-hung-up" });
  assertEquals(model.violations, []);
  assertEquals(clock.pendingTimers, 0);
}

/** A part of the long answer that was heard without a break, in its own time. */
interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  /** When it began to sound. */
  readonly atMs: number;
}

/** The parts of the long answer that were heard before anything else was said; each is the same to the bit. */
function stretchesHeard({ line }: Scenario): Stretch[] {
  const heard = heardOn(line);
  const stretches: Stretch[] = [];
  const messages = line.sent.filter(({ event }) => event !== "mark");
  for (const [n, message] of messages.entries()) {
    if (message.event !== "media" || messages[n - 1]?.event === "media") continue;
    const begin = Math.floor(message.atMs / FRAME_MS) * LINE_FRAME_SAMPLES;
    const clear = messages.slice(n).find(({ event }) => event === "clear");
    const end = clear ? Math.floor(clear.atMs / FRAME_MS) * LINE_FRAME_SAMPLES : heard.length;
    const from = placeInLong(heard.subarray(begin, end));
    if (from === undefined) break;
    const to = Math.min(from + end - begin, LONG_ON_LINE.length);
    stretches.push({ fromMs: from / 8, toMs: to / 8, atMs: message.atMs });
  }
  return stretches;
}

function heardOn(line: FakeLine): Uint8Array {
  return new Uint8Array(line.heard.flatMap((frame) => [...frame]));
}

/** Where bytes lie in the long answer, as far as it goes; of several places, which only silence has, the longest. */
function placeInLong(bytes: Uint8Array): number | undefined {
  let [place, longest] = [-1, LINE_FRAME_SAMPLES];
  for (let at = 0; at < LONG_ON_LINE.length; at++) {
    const length = Math.min(bytes.length, LONG_ON_LINE.length - at);
    let same = 0;
    while (same < length && bytes[same] === LONG_ON_LINE[at + same]) same++;
    if (same === length && same > longest) [place, longest] = [at, same];
  }
  return place < 0 ? undefined : place;
}

/** A recorded line of the caller, and how long it takes until it is loud. */
function spoken(name: CallerLineName): { mulaw: Uint8Array; onsetMs: number } {
  const pcm = fileToPcm(Deno.readFileSync(speechFile("caller", name)), LINE_HZ);
  const frames = Math.floor(pcm.length / LINE_FRAME_SAMPLES);
  let quiet = 0;
  while (quiet < frames && levelDbfs(frameOf(pcm, quiet)) < -40) quiet++;
  return { mulaw: toMulaw(pcm), onsetMs: quiet * FRAME_MS };
}

function frameOf(pcm: Int16Array, n: number): Int16Array {
  return pcm.subarray(n * LINE_FRAME_SAMPLES, (n + 1) * LINE_FRAME_SAMPLES);
}

function toMulaw(pcm: Int16Array): Uint8Array {
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  return mulaw;
}

/** A voice of 120 Hz with the mouth closed; `glide` moves its spectrum as an opening mouth does, from 0 to 1. */
function hum(ms = 250, glide = 0): Uint8Array {
  const length = ms * 8;
  return toMulaw(Int16Array.from({ length }, (_, i) => {
    const fade = Math.min(1, i / 160, (length - i) / 160);
    const opening = glide * i / length;
    let sum = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic++) {
      const slope = harmonic <= 4 ? 1 / harmonic : opening / 4;
      sum += slope * Math.sin(2 * Math.PI * 120 * harmonic * i / LINE_HZ);
    }
    return 3_000 * fade * sum;
  }));
}

for (const name of ["wait", "stop"] as const) {
  for (const atMs of [2_000, 3_400, 5_000]) {
    Deno.test(`"${name}" at ${atMs} ms silences the agent at once and takes the floor`, async () => {
      const { mulaw, onsetMs } = spoken(name);
      const speechAtMs = atMs + onsetMs;
      const call = await hold({
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

Deno.test("a hum only makes the agent pause: it goes on, the same to the bit, nothing lost, little twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1_500, max: LONG_MS - 800 }),
      fc.integer({ min: 150, max: 350 }),
      fc.constantFrom(1.1, 3, 50),
      async (atMs, lastsMs, pace) => {
        const call = await hold({
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

Deno.test("what was heard is known after hums and an interruption", async () => {
  const { mulaw } = spoken("wait");
  const call = await hold({
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

Deno.test("a sound that may have been a word reaches the model when the answer is over", async () => {
  const call = await hold({
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

Deno.test("a key settles what a hold has left open", async () => {
  const call = await hold({
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

Deno.test("a caller who hangs up in a hold has heard what was heard", async () => {
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
  Deno.test(`a sound of ${lastsMs} ms in which the service breaks off the answer leaves no activity open`, async () => {
    const call = await hold({
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

  Deno.test(`a sound of ${lastsMs} ms just behind the answer leaves no activity open`, async () => {
    const call = await hold({
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

for (
  const [delayMs, gainDb] of [[100, -20], [20, -20], [300, -20], [200, -30], [60, -40]] as const
) {
  Deno.test(`the agent's own echo, ${delayMs} ms late at ${gainDb} dB, opens no turn`, async () => {
    const call = await hold({ sounds: (line) => line.echo = { delayMs, gainDb } });
    await finish(call);
    assertEquals(call.model.turns, []);
    assertEquals(call.model.texts.length, 1);
    const stretches = stretchesHeard(call);
    assertEquals(stretches.at(-1)?.toMs, LONG_MS, "the answer was not heard to its end");
    assertLessOrEqual(stretches.length, 3, "the agent stammers");
  });
}

Deno.test("a caller who speaks into the agent's echo is heard", async () => {
  const { mulaw, onsetMs } = spoken("wait");
  const call = await hold({
    sounds: (line) => {
      line.echo = { delayMs: 100, gainDb: -20 };
      line.pause(4_000);
      line.say(mulaw);
    },
  });
  await finish(call);
  assertEquals(call.model.turns.length, 1);
  assertLessOrEqual(
    (call.model.turns[0]?.openedAtMs ?? Infinity) - 4_000 - onsetMs,
    DECIDE_MS + FRAME_MS,
  );
});

for (const [name, atMs] of [["wait", 3_000], ["table", 3_000], ["story", 1_000]] as const) {
  Deno.test(`mode "never": "${name}" is told, all of it, when the answer is over`, async () => {
    const { mulaw, onsetMs } = spoken(name);
    const call = await hold({
      mode: "never",
      sounds: (line) => {
        line.pause(atMs);
        line.say(mulaw);
      },
    });
    await finish(call);
    const { line, model } = call;
    assertEquals(line.sent.filter(({ event }) => event === "clear"), []);
    assertEquals(stretchesHeard(call), [{ fromMs: 0, toMs: LONG_MS, atMs: BEGINS_AT_MS }]);
    assertEquals(model.turns.length, 1);
    assertGreaterOrEqual(model.turns[0]?.openedAtMs ?? 0, BEGINS_AT_MS + LONG_MS);
    const heard = model.heardIn(0);
    const fromMs = placeOf(heard, asModelHears(line.said), 320) / 16;
    assertAlmostEquals(fromMs, atMs + onsetMs - PREROLL_MS, 100);
    assertGreaterOrEqual(fromMs + heard.length / 16, atMs + mulaw.length / 8 - 100);
  });
}

Deno.test('mode "never": a caller who speaks when the answer ends has the floor, from the first word on', async () => {
  const { mulaw, onsetMs } = spoken("story");
  const atMs = BEGINS_AT_MS + Math.floor(LONG_MS / 20) * 20 - 4_000;
  const call = await hold({
    mode: "never",
    sounds: (line) => {
      line.pause(atMs);
      line.say(mulaw);
    },
  });
  await finish(call);
  const { line, model } = call;
  assertEquals(stretchesHeard(call)[0]?.toMs, LONG_MS);
  const fromMs = placeOf(model.heardIn(0), asModelHears(line.said), 320) / 16;
  assertAlmostEquals(fromMs, atMs + onsetMs - PREROLL_MS, 100);
});

Deno.test("nothing is noted where the agent file has no words for it", async () => {
  const call = await hold({
    agent: { cutNote: "" },
    sounds: (line) => {
      line.pause(3_000);
      line.say(spoken("wait").mulaw);
    },
  });
  await finish(call);
  assertEquals(call.model.turns.length, 1);
  assertEquals(call.model.texts.length, 1);
});
