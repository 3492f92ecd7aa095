import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
} from "@std/assert";
import { encodeMulaw } from "../../audio/mulaw.ts";
import { saturate } from "../../audio/pcm.ts";
import { Hearing } from "../../lib/call/hearing.ts";
import { DEFAULT_BARGE_IN, DEFAULT_TURN_SETTINGS } from "../../lib/turns/turn_settings.ts";
import { framesOf, noise, spoken, throughMulaw } from "../support/line_sounds.ts";

const LONGEST_DECISION_MS = 600;
/** Where speech began and ended is known to two frames. */
const LARGEST_ERROR_MS = 40;
/** The network takes frames of at least this level for speech when there is nothing else on the line. */
const SPOKEN_DBFS = -45;
/** What stands before and after the caller's words. */
const PAUSE_MS = 3_000;

type HeardThing = { type: string; atMs: number; onsetMs?: number; lastSpeechMs?: number };

interface Line {
  /** What the caller sends, from what was said; the echo comes on top. */
  readonly caller: Int16Array;
  /** Probabilities as the network would give them, by frame. */
  readonly scores: readonly number[];
  /** An answer that plays from the beginning. */
  readonly answer?: Int16Array;
  /** How much softer than the answer its echo is; it is 120 ms late. */
  readonly echoDb?: number;
}

/** Hears a whole line; an answer stops when it is held or interrupted and goes on when it is resumed. */
function hear(line: Line, hearing = newHearing()): { things: HeardThing[]; hearing: Hearing } {
  const { caller, scores, answer = new Int16Array(0), echoDb = -Infinity } = line;
  const things: HeardThing[] = [];
  const sounded = new Int16Array(caller.length);
  let [atMs, place, isPlaying, isAnswer] = [0, 0, answer.length > 0, answer.length > 0];
  for (const frame of framesOf(caller)) {
    const from = atMs * 8;
    if (isPlaying) {
      sounded.set(answer.subarray(place, place + 160), from);
      place += 160;
    }
    const gain = 10 ** (echoDb / 20);
    const heard = frame.map((sample, i) =>
      saturate(sample + gain * (sounded[from + i - 960] ?? 0))
    );
    const played = new Uint8Array(160);
    encodeMulaw(sounded.subarray(from, from + 160), played);
    const speechProbability = scores[atMs / 20] ?? 0;
    atMs += 20;
    const scored = { line: throughMulaw(heard), played, endMs: atMs, speechProbability };
    const { speech, bargeIn } = hearing.hear(scored, isAnswer);
    if (speech) things.push({ ...speech, atMs });
    if (!bargeIn) continue;
    things.push({ ...bargeIn, atMs });
    isPlaying = bargeIn.type === "resume";
    isAnswer = bargeIn.type !== "interrupt";
  }
  return { things, hearing };
}

function newHearing(): Hearing {
  return new Hearing(DEFAULT_TURN_SETTINGS, DEFAULT_BARGE_IN);
}

function silence(ms: number): Int16Array {
  return new Int16Array(ms * 8);
}

function joined(...parts: readonly Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

function mapped(pcm: Int16Array, change: (sample: number, i: number) => number): Int16Array {
  return pcm.map((sample, i) => saturate(change(sample, i)));
}

/** What the network would say of clean speech: sure where it is loud, and for 40 ms after. */
function scoresOf(pcm: Int16Array): number[] {
  let lastLoud = -Infinity;
  return [...framesOf(pcm)].map((frame, n) => {
    if (levelOf(frame) > SPOKEN_DBFS) lastLoud = n;
    return n - lastLoud <= 2 ? 0.95 : 0.03;
  });
}

function levelOf(pcm: Int16Array): number {
  const power = pcm.reduce((sum, sample) => sum + (sample / 32_768) ** 2, 0) / pcm.length;
  return 10 * Math.log10(power);
}

const words = spoken("caller", "table");
const answer = spoken("agent", "by-the-window");
const said = joined(silence(PAUSE_MS), words, silence(PAUSE_MS));
const scores = scoresOf(said);
const firstSpokenMs = 20 * scores.findIndex((score) => score > 0.5);
const lastSpokenMs = 20 * (scores.findLastIndex((score) => score > 0.5) + 1);
/** 40 dB below full scale: somebody who does not want to be overheard. */
const toWhisper = 10 ** ((-40 - levelOf(words)) / 20);

/** Noise that grows from one level to another over the whole line. */
function risingNoise(fromDbfs: number, toDbfs: number): Int16Array {
  const whole = noise(said.length / 8, { dbfs: 0, seed: 5 });
  const step = (toDbfs - fromDbfs) / said.length;
  return mapped(whole, (sample, i) => sample * 10 ** ((fromDbfs + step * i) / 20));
}

const rising = risingNoise(-65, -48);
const LINES: Record<string, Int16Array> = {
  "as it was said": said,
  "with an offset": mapped(said, (sample) => sample + 2_000),
  "in a soft voice, at -40 dBFS": mapped(said, (sample) => sample * toWhisper),
  "shouted until it clips": mapped(said, (sample) => sample * 20),
  "in noise that grows": mapped(said, (sample, i) => sample + (rising[i] ?? 0)),
  "on a line that hums": mapped(
    said,
    (sample, i) => sample + 800 * Math.sin(2 * Math.PI * 50 * i / 8_000),
  ),
};

for (const [name, caller] of Object.entries(LINES)) {
  Deno.test(`Hearing lets speech begin and end ${name}`, () => {
    const { things } = hear({ caller, scores });
    const [started, ended, ...more] = things;
    assertEquals([started?.type, ended?.type, more], ["speech-started", "speech-ended", []]);
    assertAlmostEquals(started?.onsetMs ?? NaN, firstSpokenMs, LARGEST_ERROR_MS);
    assertAlmostEquals(ended?.lastSpeechMs ?? NaN, lastSpokenMs, LARGEST_ERROR_MS);
    const afterOnsetMs = (started?.atMs ?? NaN) - firstSpokenMs;
    assert(afterOnsetMs > 0 && afterOnsetMs <= 100, `${afterOnsetMs} ms after the onset`);
    const hangoverMs = (ended?.atMs ?? NaN) - lastSpokenMs - DEFAULT_TURN_SETTINGS.hangoverMs;
    assert(hangoverMs >= 0 && hangoverMs <= 100, `${hangoverMs} ms after the hangover`);
  });

  Deno.test(`Hearing lets a caller take the floor ${name}`, () => {
    const { things } = hear({ caller, scores, answer });
    const [hold, interrupt, ...more] = things.filter(({ type }) => !type.startsWith("speech-"));
    assertEquals([hold?.type, interrupt?.type, more.length], ["hold", "interrupt", 0]);
    assertLessOrEqual(Math.abs((hold?.onsetMs ?? 0) - firstSpokenMs), 60);
    assertLessOrEqual((interrupt?.atMs ?? Infinity) - firstSpokenMs, LONGEST_DECISION_MS);
  });
}

Deno.test("Hearing is not made to hold by noise or hum of which the network is not sure", () => {
  for (const name of ["with an offset", "on a line that hums"]) {
    const caller = mapped(LINES[name] ?? said, (sample, i) => sample - (said[i] ?? 0));
    const unsure = scores.map(() => 0.45);
    assertEquals(hear({ caller, scores: unsure, answer }).things, [], name);
  }
  assertEquals(hear({ caller: rising, scores: scores.map(() => 0.45), answer }).things, []);
});

Deno.test("Hearing does not take the answer's echo for a caller, and hears the caller through it", () => {
  const quiet = silence(answer.length / 8);
  // Nothing tells the network that the voice is the agent's own.
  const fooled = scoresOf(joined(silence(120), answer));
  for (const echoDb of [-10, -20, -30]) {
    const { things } = hear({ caller: quiet, scores: fooled, answer, echoDb });
    const orders = things.filter(({ type }) => !type.startsWith("speech-"));
    assert(!orders.some(({ type }) => type === "interrupt"), `${echoDb} dB`);
    const holds = orders.filter(({ type }) => type === "hold");
    assertLessOrEqual(holds.length, 1, `${echoDb} dB`);
    assert(holds.every(({ atMs }) => atMs < 1_000), "once the echo is known it holds nothing up");
  }
  const both = scores.map((score, n) => Math.max(score, fooled[n] ?? 0));
  for (const echoDb of [-25, -35]) {
    const { things } = hear({ caller: said, scores: both, answer, echoDb });
    const taken = things.filter(({ type }) => type === "interrupt");
    assertEquals(taken.length, 1, `${echoDb} dB`);
    assertGreater(taken[0]?.atMs ?? 0, firstSpokenMs);
    assertLessOrEqual(taken[0]?.atMs ?? Infinity, firstSpokenMs + LONGEST_DECISION_MS + 100);
  }
});

Deno.test("Hearing knows on a noisy line too that there is no echo, and holds as soon as on a quiet one", () => {
  const holdAt = (dbfs: number) => {
    const hiss = noise(said.length / 8, { dbfs, seed: 3 });
    const caller = mapped(said, (sample, i) => sample + (hiss[i] ?? 0));
    return hear({ caller, scores, answer }).things.find(({ type }) => type === "hold")?.atMs;
  };
  // While it may be echo, 100 ms of speech are needed.
  for (const dbfs of [-70, -55, -50, -45]) {
    assertLessOrEqual(holdAt(dbfs) ?? Infinity, firstSpokenMs + 60, `${dbfs} dBFS`);
  }
});

Deno.test("Hearing takes music for a line on hold, and neither silence, hum, an offset nor speech", () => {
  const isOnHold = (caller: Int16Array, scores: readonly number[] = []) =>
    hear({ caller, scores }).hearing.isOnHold;
  const chord = mapped(silence(9_000), (_, i) => {
    const notes = [262, 330, 392, 523].map((hz) => Math.sin(2 * Math.PI * hz * i / 8_000));
    return 1_500 * notes.reduce((sum, note) => sum + note, 0);
  });
  assertEquals(isOnHold(chord), true);
  assertEquals(isOnHold(chord, Array(450).fill(0.9)), false);
  assertEquals(isOnHold(silence(9_000)), false);
  for (const name of ["with an offset", "on a line that hums"]) {
    assertEquals(isOnHold(LINES[name] ?? chord, scores), false, name);
  }
});

Deno.test("Hearing does not end speech that somebody else has ended", () => {
  const hearing = newHearing();
  hear({ caller: words, scores: scoresOf(words) }, hearing);
  assertEquals(hearing.isSpeech, true);
  hearing.forgetSpeech();
  assertEquals(hearing.isSpeech, false);
  assertEquals(hear({ caller: silence(2_000), scores: [] }, hearing).things, []);
});
