/**
 * Calls on which the end of a turn is measured: one caller, sentences with pauses, noise behind them. The pauses within a
 * turn are those of somebody who goes on, at most 0.6 s; those after a turn are 1.4 s and more, in which an answer is due.
 *
 * @module
 */

import { encodeMulaw } from "../../audio/mulaw.ts";
import { floatToPcm } from "../../audio/pcm.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES, LINE_HZ } from "../../audio/rates.ts";
import { Chance } from "../barge_in/chance.ts";
import type { Talker } from "../barge_in/prompts.ts";
import { amplitude, atLevel, levelDb, mixIn, samplesIn, spedUp } from "../barge_in/signal.ts";
import { background, click, type NoiseKind } from "../barge_in/sounds.ts";

/** What the caller says until they wait for an answer, on the line's clock. */
export interface Turn {
  readonly fromMs: number;
  readonly toMs: number;
  /** When the next one begins, or the call ends. */
  readonly nextMs: number;
}

/** One call, as it comes from the line. */
export interface TurnCall {
  /** What is behind the caller; of a call in which nobody speaks, what sounds. */
  readonly noise: string;
  /** Speech over noise; absent: there is hardly any noise. */
  readonly snrDb: number | undefined;
  /** None: nobody speaks. */
  readonly turns: readonly Turn[];
  readonly mulaw: Uint8Array<ArrayBuffer>;
  /** Whether a frame holds speech, 0 or 1. */
  readonly speech: Uint8Array<ArrayBuffer>;
}

/** Who speaks in a set, and who is in the room. */
export interface TurnCast {
  readonly seed: string;
  readonly callers: readonly Talker[];
  readonly others: readonly Talker[];
  /** What plays in it; none unless given. */
  readonly music?: readonly Float32Array[];
}

/** How long calls are. */
export interface CallLengths {
  readonly callMs: number;
  /** Of those in which nobody speaks. */
  readonly unspokenMs: number;
}

const LENGTHS: CallLengths = { callMs: 80_000, unspokenMs: 40_000 };
const FIRST_MS = 1_000;
const SPEECH_DB = -26;
const IDLE_DB = -62;
const SNRS_DB = [20, 10, 5, 0] as const;
const NOISES = ["white", "pink", "car", "street", "fan", "mains", "voices"] as const;
const QUIET_CALLS = 6;
/** How often the caller goes on instead of waiting. */
const GOES_ON = 0.6;
const VOICES_IN_A_ROOM = 6;
const SPEECH: SpeechLevels = { beginsBelowLoudDb: 34, endsBelowLoudDb: 34 };
/** Shorter holes belong to speech. */
const LONGEST_HOLE_MS = 100;
const HOP_MS = 10;

const NO_SPEECH = [
  ...["silence", "white", "pink", "car", "street", "fan", "mains"] as const,
  ...["clicks", "keypad", "ringing"] as const,
] as const;

/** What is behind a caller, or sounds where nobody speaks. */
export type Background =
  | NoiseKind
  | ("voices" | "silence" | "clicks" | "typing" | "music" | "keypad" | "ringing");

/** What one call is to be. */
export interface CallPlan {
  /** Two of the same name and cast are the same call. */
  readonly name: string;
  readonly noise: Background;
  /** Speech over noise; absent: there is hardly any noise. */
  readonly snrDb?: number;
  readonly callMs: number;
  /** Whether the caller says words, too, and not only sentences. */
  readonly hasWords?: boolean;
  /** What of a sentence is speech. */
  readonly speech?: SpeechLevels;
}

/** Speech begins and ends so far below the loud parts of a sentence. */
export interface SpeechLevels {
  readonly beginsBelowLoudDb: number;
  readonly endsBelowLoudDb: number;
}

/** All calls of a set; the same cast gives the same calls. */
export function makeTurnCalls(cast: TurnCast, { callMs, unspokenMs } = LENGTHS): TurnCall[] {
  const calls: TurnCall[] = [];
  for (let n = 0; n < QUIET_CALLS; n++) {
    calls.push(spokenCall(cast, { name: `quiet ${n}`, noise: "silence", callMs }));
  }
  for (const noise of NOISES) {
    for (const snrDb of SNRS_DB) {
      calls.push(spokenCall(cast, { name: `${noise} ${snrDb}`, noise, snrDb, callMs }));
    }
  }
  for (const noise of NO_SPEECH) calls.push(unspokenCall(cast, noise, unspokenMs));
  return calls;
}

/** A call in which one caller speaks. */
export function spokenCall(cast: TurnCast, plan: CallPlan): TurnCall {
  const { name, noise, snrDb, callMs, hasWords = false } = plan;
  const chance = new Chance(`${cast.seed}/${name}`);
  const talker = chance.pick(cast.callers);
  const prompts = hasWords ? [...talker.sentences, ...talker.words] : talker.sentences;
  const voice = chance.pick([0.92, 1, 1.08]);
  const samples = new Float32Array(samplesIn(callMs));
  const speech = new Uint8Array(callMs / FRAME_MS);
  const levelOfCall = SPEECH_DB + chance.between(-8, 5);
  const turns: { fromMs: number; toMs: number }[] = [];
  let goesOn = false;
  for (let atMs = FIRST_MS + chance.between(0, 1_000);;) {
    const said = atLevel(spedUp(chance.pick(prompts).samples, voice), levelOfCall);
    const endMs = atMs + said.length * 1_000 / LINE_HZ;
    if (endMs > callMs - 2_500) break;
    mixIn(samples, said, samplesIn(atMs));
    markSpeech(speech, said, { ...(plan.speech ?? SPEECH), atMs });
    const last = turns.at(-1);
    if (goesOn && last) last.toMs = endMs;
    else turns.push({ fromMs: atMs, toMs: endMs });
    goesOn = chance.unit() < GOES_ON;
    atMs = endMs + (goesOn ? chance.between(150, 600) : chance.between(1_400, 3_000));
  }
  const behind = backgroundOf(chance, noise, { ...cast, count: samples.length });
  const noiseDb = snrDb === undefined ? IDLE_DB : levelOfCall - snrDb;
  mixIn(samples, atLevel(behind, noiseDb), 0);
  return {
    noise,
    snrDb,
    turns: turns.map((turn, n) => ({ ...turn, nextMs: turns[n + 1]?.fromMs ?? callMs })),
    mulaw: toLine(samples),
    speech,
  };
}

function unspokenCall(cast: TurnCast, noise: Background, lengthMs: number): TurnCall {
  const chance = new Chance(`${cast.seed}/nobody/${noise}`);
  const count = samplesIn(lengthMs);
  const isTone = noise === "keypad" || noise === "ringing";
  const db = noise === "silence" ? IDLE_DB : isTone ? -16 : SPEECH_DB - 10;
  const samples = atLevel(backgroundOf(chance, noise, { count, others: [] }), db);
  mixIn(samples, atLevel(background(chance, "pink", count), -72), 0);
  const speech = new Uint8Array(lengthMs / FRAME_MS);
  return { noise, snrDb: undefined, turns: [], mulaw: toLine(samples), speech };
}

/** Marks the frames of a sentence in which there is speech: all but the pauses. */
function markSpeech(
  speech: Uint8Array,
  said: Float32Array,
  { atMs, beginsBelowLoudDb, endsBelowLoudDb }: SpeechLevels & { atMs: number },
): void {
  const hop = samplesIn(HOP_MS);
  const levels = Array.from(
    { length: Math.floor(said.length / hop) },
    (_, n) => levelDb(said, n * hop, (n + 1) * hop),
  );
  const loud = levels.toSorted((a, b) => a - b)[Math.floor(levels.length * 0.9)] ?? 0;
  let lastMs = -Infinity;
  for (const [n, level] of levels.entries()) {
    const toMs = (n + 1) * HOP_MS;
    const goesOn = toMs - lastMs === HOP_MS;
    if (level < loud - (goesOn ? endsBelowLoudDb : beginsBelowLoudDb)) continue;
    const fromMs = toMs - lastMs > LONGEST_HOLE_MS + HOP_MS ? n * HOP_MS : lastMs;
    for (let ms = fromMs; ms < toMs; ms += HOP_MS) {
      const frame = Math.floor((atMs + ms) / FRAME_MS);
      if (frame < speech.length) speech[frame] = 1;
    }
    lastMs = toMs;
  }
}

function backgroundOf(
  chance: Chance,
  kind: Background,
  { count, others, music = [] }: Pick<TurnCast, "others" | "music"> & { count: number },
): Float32Array<ArrayBuffer> {
  switch (kind) {
    case "silence":
      return background(chance, "pink", count);
    case "voices":
      return room(chance, others, count);
    case "clicks": {
      const out = new Float32Array(count);
      for (let at = 0; at < count; at += samplesIn(chance.between(200, 1_500))) {
        mixIn(out, click(chance, chance.pick(["door", "keys", "tap", "breath"] as const)), at);
      }
      return out;
    }
    case "typing": {
      const out = new Float32Array(count);
      for (let at = 0; at < count; at += samplesIn(chance.between(600, 900))) {
        mixIn(out, click(chance, "keys"), at);
      }
      return out;
    }
    case "music": {
      const piece = chance.pick(music);
      const from = chance.below(piece.length);
      return Float32Array.from({ length: count }, (_, i) => piece[(from + i) % piece.length] ?? 0);
    }
    case "keypad":
      return tones(count, () => {
        const hz = [chance.pick([697, 770, 852, 941]), chance.pick([1_209, 1_336, 1_477])];
        return { hz, onMs: chance.between(60, 300), offMs: chance.between(60, 1_200) };
      });
    case "ringing":
      return tones(
        count,
        () =>
          chance.unit() < 0.5
            ? { hz: [440, 480], onMs: 2_000, offMs: 4_000 }
            : { hz: [480, 620], onMs: 500, offMs: 500 },
      );
    default:
      return background(chance, kind, count);
  }
}

/** Several people who speak all the time. */
function room(
  chance: Chance,
  talkers: readonly Talker[],
  count: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  for (let voice = 0; voice < VOICES_IN_A_ROOM; voice++) {
    for (let at = -chance.below(samplesIn(2_000)); at < count; at += samplesIn(100)) {
      const said = atLevel(chance.pick(chance.pick(talkers).sentences).samples, SPEECH_DB);
      mixIn(out, said, at);
      at += said.length;
    }
  }
  return out;
}

function tones(
  count: number,
  next: () => { hz: readonly number[]; onMs: number; offMs: number },
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  for (let at = samplesIn(300); at < count;) {
    const { hz, onMs, offMs } = next();
    const on = samplesIn(onMs);
    for (let i = 0; i < on && at + i < count; i++) {
      for (const each of hz) {
        out[at + i] = (out[at + i] ?? 0) + Math.sin(2 * Math.PI * each * i / LINE_HZ);
      }
    }
    at += on + samplesIn(offMs);
  }
  return out;
}

function toLine(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const headroom = Math.min(1, amplitude(-0.1) / peakOf(samples));
  const pcm = new Int16Array(samples.length);
  floatToPcm(samples.map((sample) => sample * headroom), pcm);
  const mulaw = new Uint8Array(samples.length - samples.length % LINE_FRAME_SAMPLES);
  encodeMulaw(pcm.subarray(0, mulaw.length), mulaw);
  return mulaw;
}

function peakOf(samples: Float32Array): number {
  return samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 1e-9);
}
