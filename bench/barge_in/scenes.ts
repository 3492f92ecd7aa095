/**
 * Calls in which the agent speaks on and on and the caller makes sounds: some mean "stop", most do not.
 *
 * @module
 */

import { encodeMulaw } from "../../audio/mulaw.ts";
import { floatToPcm } from "../../audio/pcm.ts";
import { LINE_HZ } from "../../audio/rates.ts";
import { Chance } from "./chance.ts";
import type { Prompt, Talker } from "./prompts.ts";
import {
  amplitude,
  atLevel,
  bandPass,
  faded,
  filtered,
  levelDb,
  mixIn,
  samplesIn,
  spedUp,
  telephoneBand,
} from "./signal.ts";
import { background, click, cough, hum, type NoiseKind } from "./sounds.ts";

/** Sounds that take the floor, and sounds that do not. */
export type EventKind =
  | "sentence"
  | "word"
  | "hum"
  | "vowel"
  | "syllable"
  | "cough"
  | "click";

/** A sound that the caller makes. */
export interface SceneEvent {
  readonly kind: EventKind;
  readonly name: string;
  /** Line time of its first sound. */
  readonly onsetMs: number;
  /** Line time of its last. */
  readonly endMs: number;
}

/** How the agent's voice comes back. */
export interface EchoPath {
  /** How much weaker than it was played. */
  readonly levelDb: number;
  readonly delayMs: number;
  /** What the room and the phone do to it, at 8 kHz. */
  readonly taps: readonly number[];
}

/** One call: what the caller's side sounds like without echo, and what the agent would play. */
export interface Scene {
  readonly id: string;
  /** What it is there to show: `quiet`, `noisy`, `echo`, `echo-talk` or `noise`. */
  readonly group: string;
  /** Level of the echo, or the kind of noise. */
  readonly detail: string;
  readonly events: readonly SceneEvent[];
  readonly echo: EchoPath | undefined;
  /** The caller's side, 16-bit samples at 8 kHz, not yet mu-law: echo is to be added first. */
  readonly near: Int16Array;
  /** The agent's speech without end, mu-law. */
  readonly agent: Uint8Array;
}

/** Who speaks in a set; no talker is in two sets. */
export interface Cast {
  readonly seed: string;
  readonly callers: readonly Talker[];
  readonly agents: readonly Talker[];
}

const CALL_MS = 45_000;
const ECHO_CALL_MS = 30_000;
const AGENT_DB = -20;
const LONGEST_SENTENCE_MS = 2_500;
const NOISES: readonly NoiseKind[] = ["white", "pink", "car", "street", "fan", "mains"];
/** How often each kind of sound comes. */
const MIX: readonly EventKind[] = [
  ...Array<EventKind>(5).fill("sentence"),
  ...Array<EventKind>(6).fill("word"),
  ...Array<EventKind>(4).fill("hum"),
  ...Array<EventKind>(2).fill("vowel"),
  "syllable",
  "cough",
  "cough",
  "click",
  "click",
];

/** All calls of a set; the same cast gives the same calls. */
export function makeScenes(cast: Cast): Scene[] {
  const scenes: Scene[] = [];
  const add = (group: string, detail: string, options: SceneOptions) => {
    const id = `${group}:${detail}:${scenes.length}`;
    scenes.push(makeScene({ id, group, detail }, new Chance(`${cast.seed}/${id}`), cast, options));
  };
  for (let i = 0; i < 16; i++) add("quiet", "talk", { hasEvents: true });
  for (const snrDb of [20, 10]) {
    for (const noise of NOISES) add("noisy", `${snrDb} dB`, { hasEvents: true, noise, snrDb });
  }
  for (const echoDb of [-10, -15, -20, -30, -40]) {
    for (let i = 0; i < 8; i++) add("echo", `${echoDb} dB`, { hasEvents: false, echoDb });
  }
  for (const echoDb of [-10, -20, -30]) {
    for (let i = 0; i < 5; i++) add("echo-talk", `${echoDb} dB`, { hasEvents: true, echoDb });
  }
  for (const noise of NOISES) add("noise", noise, { hasEvents: false, noise, snrDb: 10 });
  return scenes;
}

interface SceneOptions {
  readonly hasEvents: boolean;
  readonly noise?: NoiseKind;
  readonly snrDb?: number;
  readonly echoDb?: number;
}

function makeScene(
  name: Pick<Scene, "id" | "group" | "detail">,
  chance: Chance,
  cast: Cast,
  options: SceneOptions,
): Scene {
  const { hasEvents, noise, snrDb, echoDb } = options;
  const count = samplesIn(hasEvents ? CALL_MS : ECHO_CALL_MS);
  const baseDb = -26 + chance.between(-7, 5);
  const near = atLevel(background(chance, "pink", count), -68);
  const events = hasEvents
    ? addEvents(near, { chance, baseDb, talker: chance.pick(cast.callers) })
    : [];
  if (noise !== undefined && snrDb !== undefined) {
    const noiseDb = (hasEvents ? baseDb : -26) - snrDb;
    mixIn(near, atLevel(background(chance, noise, count), noiseDb), 0);
  }
  const pcm = new Int16Array(count);
  floatToPcm(near, pcm);
  return {
    ...name,
    events,
    echo: echoDb === undefined ? undefined : echoPath(chance, echoDb),
    near: pcm,
    agent: agentSpeech(chance, chance.pick(cast.agents), count),
  };
}

function addEvents(
  near: Float32Array,
  scene: { chance: Chance; baseDb: number; talker: Talker },
): SceneEvent[] {
  const { chance, baseDb, talker } = scene;
  const voice = chance.pick([0.84, 0.92, 1, 1, 1.08]);
  const events: SceneEvent[] = [];
  for (let atMs = chance.between(1_500, 3_500);;) {
    const kind = chance.pick(MIX);
    const { samples, name } = soundOf(kind, { chance, talker, voice });
    const endMs = atMs + samples.length * 1_000 / LINE_HZ;
    if (endMs > near.length * 1_000 / LINE_HZ - 2_000) return events;
    mixIn(near, atLevel(samples, baseDb + levelOffsetDb(kind, chance)), samplesIn(atMs));
    events.push({ kind, name, onsetMs: atMs, endMs });
    atMs = endMs + chance.between(2_200, 3_400);
  }
}

function soundOf(
  kind: EventKind,
  from: { chance: Chance; talker: Talker; voice: number },
): { samples: Float32Array; name: string } {
  const { chance, talker, voice } = from;
  const spoken = (prompts: readonly Prompt[], longestMs: number) => {
    const { samples, name } = chance.pick(prompts);
    const said = spedUp(samples, voice);
    const cut = said.length > samplesIn(longestMs)
      ? faded(said.slice(0, samplesIn(longestMs)), 3, 30)
      : said;
    return { samples: cut, name: `${talker.name}/${name}` };
  };
  switch (kind) {
    case "sentence":
      return spoken(talker.sentences, LONGEST_SENTENCE_MS);
    case "word":
      return spoken(talker.words, 600);
    case "vowel":
      return spoken(talker.vowels, 450);
    case "syllable":
      return spoken(talker.syllables, 450);
    case "hum": {
      const name = chance.pick(["mm", "mm-hmm", "mm-hmm", "uh-huh", "ah"] as const);
      return { samples: hum(chance, name), name };
    }
    case "cough":
      return { samples: cough(chance), name: kind };
    case "click": {
      const name = chance.pick(["door", "keys", "tap", "breath"] as const);
      return { samples: click(chance, name), name };
    }
    default:
      return kind satisfies never;
  }
}

/** Hums are softer than speech; coughs and clicks may be anything. */
function levelOffsetDb(kind: EventKind, chance: Chance): number {
  switch (kind) {
    case "sentence":
    case "word":
      return chance.between(-3, 3);
    case "hum":
    case "vowel":
    case "syllable":
      return chance.between(-9, 1);
    case "cough":
      return chance.between(-6, 6);
    case "click":
      return chance.between(-12, 3);
    default:
      return kind satisfies never;
  }
}

/** A phone's loudspeaker and microphone, a few early reflections, and the network's delay. */
function echoPath(chance: Chance, echoDb: number): EchoPath {
  const taps = new Float64Array(samplesIn(25));
  taps[0] = 1;
  for (let i = 0; i < 6; i++) {
    const at = 1 + chance.below(taps.length - 1);
    taps[at] = chance.between(-0.5, 0.5) * Math.exp(-at / 80);
  }
  const phone = bandPass(chance.between(250, 700), chance.between(2_200, 3_450), 41);
  const path = filtered(
    Float32Array.from({ length: taps.length + 40 }, (_, i) => taps[i - 20] ?? 0),
    phone,
  );
  return { levelDb: echoDb, delayMs: Math.round(chance.between(20, 300)), taps: [...path] };
}

/** Prompts one after the other, with the pauses of somebody who reads out a long answer. */
function agentSpeech(chance: Chance, talker: Talker, count: number): Uint8Array {
  const speech = new Float32Array(count);
  for (let at = samplesIn(400); at < count;) {
    const { samples } = chance.pick(talker.sentences);
    mixIn(speech, atLevel(samples, AGENT_DB), at);
    at += samples.length + samplesIn(chance.between(150, 700));
  }
  const pcm = new Int16Array(count);
  floatToPcm(telephoneBand(speech), pcm);
  const mulaw = new Uint8Array(count);
  encodeMulaw(pcm, mulaw);
  return mulaw;
}

/** The gain by which the path must be scaled so that this speech comes back at the level it says. */
export function echoGain(echo: EchoPath, agent: Float32Array): number {
  const excerpt = agent.slice(0, samplesIn(8_000));
  const back = new Float32Array(excerpt.length);
  for (let i = 0; i < back.length; i++) {
    let sum = 0;
    for (let tap = 0; tap < echo.taps.length; tap++) {
      sum += (echo.taps[tap] ?? 0) * (excerpt[i - tap] ?? 0);
    }
    back[i] = sum;
  }
  return amplitude(echo.levelDb - (levelDb(back) - levelDb(excerpt)));
}
