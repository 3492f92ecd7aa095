/**
 * Recorded speech: Debian's prompt packages, cut into sentences, single words, vowels and syllables.
 *
 * @module
 */

import { LINE_HZ } from "../../audio/rates.ts";
import { readWav } from "../../audio/wav.ts";
import { faded, levelDb, samplesIn, telephoneBand } from "./signal.ts";

/** One recorded prompt, from its first sound to its last. */
export interface Prompt {
  readonly samples: Float32Array;
  /** Path within the packages: says what it is when a figure asks for a look. */
  readonly name: string;
  readonly durationMs: number;
  /** Longest silence within. */
  readonly longestPauseMs: number;
}

/** What one talker has said. */
export interface Talker {
  readonly name: string;
  /** At least 0.8 s without a long pause. */
  readonly sentences: readonly Prompt[];
  /** 200 to 600 ms in one piece: numbers, short words; no names of letters. */
  readonly words: readonly Prompt[];
  /** Steady vowels of 120 to 400 ms, cut from longer prompts. */
  readonly vowels: readonly Prompt[];
  /** Voiced stretches of 150 to 400 ms between two dips of level, cut from longer prompts. */
  readonly syllables: readonly Prompt[];
}

const HOP_MS = 10;
const HOP = samplesIn(HOP_MS);
/** Sound begins this far below the loud parts (the 90th percentile of level). */
const SOUND_BELOW_LOUD_DB = 30;
/** A recording whose own noise is nearer than this to its loud parts has no certain onset. */
const QUIETEST_NOISE_DB = 44;
/** Not speech, or not only. */
const NO_SPEECH = /tone|beep|\/tt-|silence|confbridge-(join|leave)\.|jeopardy|screaming|jingle/;
/** The name of a letter may be a vowel and nothing else; so it is no word here. */
const LETTERS = /\/(letters|ascii)/;
/** Vowels and syllables are cut from this many sentences. */
const CUT_SENTENCES = 50;

/**
 * Reads all prompts of a package and sorts them.
 *
 * @param soundBelowLoudDb Sound begins and ends this far below the loud parts of a prompt
 */
export function readTalker(
  folder: string,
  soundBelowLoudDb: number = SOUND_BELOW_LOUD_DB,
): Talker {
  const name = folder.replace(/^.*\//, "");
  const prompts = [...wavFiles(folder)]
    .filter((path) => !NO_SPEECH.test(path))
    .map((path) => readPrompt(path, soundBelowLoudDb))
    .filter((prompt) => prompt !== undefined);
  const isWord = ({ name, durationMs, longestPauseMs }: Prompt) =>
    durationMs >= 200 && durationMs <= 600 && longestPauseMs <= 120 && !LETTERS.test(name);
  const isSentence = ({ durationMs, longestPauseMs }: Prompt) =>
    durationMs >= 800 && durationMs <= 6_000 && longestPauseMs <= 500;
  const sentences = prompts.filter(isSentence);
  const toCut = sentences.filter((_, i) => i % Math.ceil(sentences.length / CUT_SENTENCES) === 0);
  return {
    name,
    sentences,
    words: prompts.filter(isWord),
    vowels: toCut.flatMap(vowelsOf),
    syllables: toCut.flatMap(syllablesOf),
  };
}

/** Every WAV file in a folder and those below it, always in the same order. */
export function* wavFiles(folder: string): Generator<string> {
  const entries = [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* wavFiles(path);
    else if (entry.isFile && entry.name.endsWith(".wav")) yield path;
  }
}

function readPrompt(path: string, soundBelowLoudDb: number): Prompt | undefined {
  const { hz, channels: [pcm = new Int16Array()] } = readWav(Deno.readFileSync(path));
  if (hz !== LINE_HZ || pcm.length < samplesIn(250) || pcm.length > samplesIn(12_000)) return;
  const samples = telephoneBand(Float32Array.from(pcm, (sample) => sample / 32_768));
  const levels = hopLevels(samples, HOP);
  const sorted = levels.toSorted((a, b) => a - b);
  const loud = sorted[Math.floor(sorted.length * 0.9)] ?? -200;
  const noise = sorted[Math.max(2, Math.floor(sorted.length * 0.04))] ?? 0;
  if (loud < -50 || noise > loud - QUIETEST_NOISE_DB) return;
  const sounds = (level: number) => level > loud - soundBelowLoudDb;
  const first = levels.findIndex(sounds);
  const last = levels.findLastIndex(sounds);
  let [pause, longestPause] = [0, 0];
  for (const level of levels.slice(first, last)) {
    pause = sounds(level) ? 0 : pause + 1;
    longestPause = Math.max(longestPause, pause);
  }
  const cut = samples.slice(first * HOP, (last + 1) * HOP);
  return {
    samples: faded(cut, 3, 5),
    name: path.replace(/^.*sounds\//, ""),
    durationMs: cut.length * 1_000 / LINE_HZ,
    longestPauseMs: longestPause * HOP_MS,
  };
}

function hopLevels(samples: Float32Array, hop: number): number[] {
  return Array.from(
    { length: Math.floor(samples.length / hop) },
    (_, i) => levelDb(samples, i * hop, (i + 1) * hop),
  );
}

/** How periodic 30 ms around `at` are, 0 to 1: the best normalised autocorrelation for 75 to 400 Hz. */
export function periodicity(samples: Float32Array, at: number): number {
  const length = samplesIn(30);
  const from = Math.max(0, at - (length >> 1));
  let best = 0;
  for (let lag = 20; lag <= 106; lag++) {
    let [cross, own, shifted] = [0, 1e-9, 1e-9];
    for (let i = from; i < from + length; i++) {
      const [a, b] = [samples[i] ?? 0, samples[i + lag] ?? 0];
      cross += a * b;
      own += a * a;
      shifted += b * b;
    }
    best = Math.max(best, cross / Math.sqrt(own * shifted));
  }
  return best;
}

/** How unlike the spectra of two 20-ms pieces are: mean difference in dB over the slopes of the sound. */
function shapeOf(samples: Float32Array, from: number): number[] {
  const lags = [1, 2, 3, 4, 5, 6, 8, 10];
  let own = 1e-9;
  for (let i = from; i < from + 160; i++) own += (samples[i] ?? 0) ** 2;
  return lags.map((lag) => {
    let cross = 0;
    for (let i = from; i < from + 160; i++) cross += (samples[i] ?? 0) * (samples[i + lag] ?? 0);
    return cross / own;
  });
}

/** Longest run of voiced frames whose shape stays near the one in its middle. */
function vowelsOf(prompt: Prompt): Prompt[] {
  const frame = samplesIn(20);
  const count = Math.floor(prompt.samples.length / frame);
  const voiced: boolean[] = [];
  const shapes: number[][] = [];
  for (let i = 0; i < count; i++) {
    voiced.push(periodicity(prompt.samples, i * frame + 80) > 0.75);
    shapes.push(shapeOf(prompt.samples, i * frame));
  }
  const near = (a: number, b: number) => {
    const [left = [], right = []] = [shapes[a], shapes[b]];
    return Math.hypot(...left.map((value, i) => value - (right[i] ?? 0))) < 0.55;
  };
  const found: Prompt[] = [];
  for (let start = 0; start < count; start++) {
    let end = start;
    while (end < count && voiced[end] && near(start, end) && (end - start) * 20 < 400) end++;
    if ((end - start) * 20 >= 120) {
      found.push(piece(prompt, start * frame, end * frame, "vowel"));
      start = end;
    }
  }
  return found;
}

/** Voiced stretches between two dips of 12 dB. */
function syllablesOf(prompt: Prompt): Prompt[] {
  const frame = samplesIn(20);
  const levels = hopLevels(prompt.samples, frame);
  const loud = levels.toSorted((a, b) => a - b)[Math.floor(levels.length * 0.9)] ?? -200;
  const found: Prompt[] = [];
  for (let start = 0; start < levels.length; start++) {
    let end = start;
    while (
      (levels[end] ?? -200) > loud - 14 && periodicity(prompt.samples, end * frame + 80) > 0.6
    ) end++;
    const ms = (end - start) * 20;
    if (ms >= 150 && ms <= 400) {
      found.push(piece(prompt, start * frame, end * frame, "syllable"));
    }
    start = Math.max(start, end);
  }
  return found;
}

function piece(prompt: Prompt, from: number, to: number, what: string): Prompt {
  const samples = faded(prompt.samples.slice(from, to), 20, 40);
  return {
    samples,
    name: `${prompt.name}#${what}@${Math.round(from / 8)}`,
    durationMs: samples.length * 1_000 / LINE_HZ,
    longestPauseMs: 0,
  };
}
