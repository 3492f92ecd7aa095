/**
 * The end of turn, measured: our end-pointer beside an energy gate, WebRTC's detector, the network with a fixed hangover,
 * and a fixed hangover on the true labels, on the development set.
 *
 * @module
 */

import { decodeMulaw } from "../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES } from "../audio/rates.ts";
import { Upsampler2x } from "../audio/resample.ts";
import { SileroNetwork } from "../lib/hearing/silero_vad.ts";
import { SENSITIVITIES } from "../lib/turns/turn_settings.ts";
import { print, row } from "./measure.ts";
import { HOW_TO_GET_PROMPTS } from "./prompt_packages.ts";
import type { TurnCall } from "./turn_ends/calls.ts";
import {
  type Contestant,
  energy,
  network,
  offhook,
  truth,
  WebRtcVad,
} from "./turn_ends/contestants.ts";
import { makeDevelopmentSet } from "./turn_ends/development_set.ts";
import { type Opening, TurnScore } from "./turn_ends/score.ts";
import { loadTurnCalls } from "./turn_ends/set_files.ts";

const COLUMNS = [
  "cut %",
  "median ms",
  "p90 ms",
  "p90/median",
  "never ended %",
  "missed %",
  "false/min",
];
/** Speech at least so far above the noise is what an ordinary line has. */
const MAIN_SNR_DB = 10;
/** The share of turns that may be cut, where a hangover is chosen to be fair to a detector. */
const LARGEST_CUT = 0.02;

/** A call with the network's scores of its frames. */
export interface HeardCall {
  readonly call: TurnCall;
  readonly probabilities: Float64Array;
}

/** Plays the set to everybody and prints a table for each group of calls. */
export async function turnEndBench(): Promise<void> {
  const folder = Deno.env.get("TURN_SET");
  const calls = folder === undefined ? makeDevelopmentSet() : await loadTurnCalls(folder);
  print("\nEnd of turn, on the development set");
  if (!calls) return print(`No set: ${folder ? `nothing in ${folder}` : HOW_TO_GET_PROMPTS}`);
  const heard = await hearAll(calls);
  const webRtc = await WebRtcVad.load(3);
  for (const isMain of [true, false]) {
    const group = heard.filter(({ call }) => !isMain || (call.snrDb ?? Infinity) >= MAIN_SNR_DB);
    print(row(isMain ? `${MAIN_SNR_DB} dB and better` : "all, down to 0 dB", COLUMNS));
    const rows: Record<string, () => Contestant> = {
      "Offhook": () => offhook(),
      "Offhook, high": () => offhook(SENSITIVITIES.high),
      "Offhook, low": () => offhook(SENSITIVITIES.low),
      "energy, 500 ms": energy,
      "WebRTC (mode 3), 500 ms": () => webRtc.contestant(),
      "Silero v6, 500 ms": () => network(),
      "true labels, 500 ms": () => truth(),
    };
    for (const [name, make] of Object.entries({ "Silero v6": network, "true labels": truth })) {
      const ms = hangoverFor(LARGEST_CUT, (hangoverMs) => scoreOf(group, () => make(hangoverMs)));
      rows[`${name}, ${ms} ms: ${100 * LARGEST_CUT} % cut`] = () => make(ms);
    }
    for (const [name, make] of Object.entries(rows)) {
      print(row(name, columnsOf(scoreOf(group, make))));
    }
  }
}

/** The shortest hangover, in steps of 20 ms, that cuts no more turns than that. */
export function hangoverFor(
  largestCut: number,
  scoreAt: (hangoverMs: number) => TurnScore,
): number {
  let [low, high] = [200 / FRAME_MS, 2_000 / FRAME_MS];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scoreAt(middle * FRAME_MS).cut <= largestCut) high = middle;
    else low = middle + 1;
  }
  return low * FRAME_MS;
}

async function hearAll(calls: readonly TurnCall[]): Promise<HeardCall[]> {
  const loaded = await SileroNetwork.load();
  const heard: HeardCall[] = [];
  for (const call of calls) {
    heard.push({ call, probabilities: await probabilitiesOf(call, loaded) });
  }
  return heard;
}

/** The network's scores for the frames of a call. */
async function probabilitiesOf(call: TurnCall, loaded: SileroNetwork): Promise<Float64Array> {
  const detector = loaded.detector();
  const upsampler = new Upsampler2x();
  const line = new Int16Array(LINE_FRAME_SAMPLES);
  const probabilities = new Float64Array(call.mulaw.length / LINE_FRAME_SAMPLES);
  for (let n = 0; n < probabilities.length; n++) {
    decodeMulaw(frameOf(call, n), line);
    probabilities[n] = await detector.score(upsampler.push(line));
  }
  return probabilities;
}

/** What a contestant makes of some calls, a new one for each. */
export function scoreOf(heard: readonly HeardCall[], make: () => Contestant): TurnScore {
  const score = new TurnScore();
  for (const { call, probabilities } of heard) {
    const openings = play(call, probabilities, make());
    if (call.turns.length > 0) score.addSpoken(call.turns, openings);
    else score.addUnspoken(call.speech.length * FRAME_MS, openings);
  }
  return score;
}

function play(call: TurnCall, probabilities: Float64Array, contestant: Contestant): Opening[] {
  const openings: Opening[] = [];
  const line = new Int16Array(LINE_FRAME_SAMPLES);
  for (const [n, speechProbability] of probabilities.entries()) {
    decodeMulaw(frameOf(call, n), line);
    const endMs = (n + 1) * FRAME_MS;
    const isSpeech = call.speech[n] === 1;
    const verdict = contestant.hear({ line, endMs, speechProbability, isSpeech });
    const last = openings.at(-1);
    if (verdict === "start") openings.push({ startMs: endMs, endMs: Infinity });
    else if (verdict === "end" && last) last.endMs = endMs;
  }
  return openings;
}

function columnsOf(score: TurnScore): string[] {
  const [median, p90] = [score.delayMs(0.5), score.delayMs(0.9)];
  const percent = (part: number) => (100 * part).toFixed(1);
  return [
    percent(score.cut),
    median.toFixed(0),
    p90.toFixed(0),
    (p90 / median).toFixed(2),
    percent(score.neverEnded),
    percent(score.missed),
    score.falsePerMinute.toFixed(2),
  ];
}

function frameOf(call: TurnCall, n: number): Uint8Array {
  return call.mulaw.subarray(n * LINE_FRAME_SAMPLES, (n + 1) * LINE_FRAME_SAMPLES);
}

if (import.meta.main) {
  await turnEndBench();
  Deno.exit(0);
}
