/**
 * Recognises the bundled recordings of the caller by the rise and fall of their loudness, as a model recognises words: from
 * what arrives, and not by being told. It survives the telephone, and silence on both sides; it knows no other speech.
 *
 * @module
 */

import { MODEL_INPUT_HZ } from "../audio/rates.ts";
import { CALLER_LINES, callerLine, type CallerLineName } from "./speech.ts";

/** Samples in a block of 10 ms. */
const BLOCK = MODEL_INPUT_HZ / 100;
/** The telephone ends at 4 kHz: the mean of this many samples does too. */
const SMOOTHED = 4;
/** Correlation from which it is the same recording: through the telephone those have 0.92 and more, others below 0.75. */
const SAME = 0.8;
/** Part of the sound of a turn that a recording must explain. */
const NEARLY_ALL = 0.8;
/** Part of a recording that may be missing at either end. */
const MISSING = 0.1;

const contours = new Map<CallerLineName, Float64Array>();

/**
 * The words of the recording that is heard.
 *
 * @param pcm16k All audio of a turn, 16 kHz
 * @returns Its text; nothing if it is none of them, or not whole
 */
export function recogniseCaller(pcm16k: Int16Array): string {
  const heard = contour(pcm16k);
  let best = { likeness: SAME, text: "" };
  for (const name of Object.keys(CALLER_LINES) as CallerLineName[]) {
    const likeness = likenessTo(contourOf(name), heard);
    if (likeness > best.likeness) best = { likeness, text: CALLER_LINES[name] };
  }
  return best.text;
}

/** Root-mean-square amplitude of each block of 10 ms; the last one may be shorter. */
export function contour(pcm16k: Int16Array): Float64Array {
  const levels = new Float64Array(Math.ceil(pcm16k.length / BLOCK));
  let sum = 0;
  for (let i = 0; i < pcm16k.length; i++) {
    sum += (pcm16k[i] as number) - (pcm16k[i - SMOOTHED] ?? 0);
    levels[Math.floor(i / BLOCK)] = (levels[Math.floor(i / BLOCK)] as number) + sum * sum;
  }
  return levels.map((energy) => Math.sqrt(energy / BLOCK) / SMOOTHED);
}

function contourOf(name: CallerLineName): Float64Array {
  let known = contours.get(name);
  if (!known) contours.set(name, known = contour(callerLine(name).pcm16k));
  return known;
}

/** The best correlation of a recording with a part of what was heard that holds nearly all of its sound. */
function likenessTo(known: Float64Array, heard: Float64Array): number {
  const slack = Math.floor(known.length * MISSING);
  const padded = new Float64Array(heard.length + 2 * slack);
  padded.set(heard, slack);
  const enough = NEARLY_ALL * total(padded);
  let best = 0;
  for (let at = 0; at + known.length <= padded.length; at++) {
    const part = padded.subarray(at, at + known.length);
    if (total(part) >= enough) best = Math.max(best, correlation(known, part));
  }
  return best;
}

function total(levels: Float64Array): number {
  return levels.reduce((sum, level) => sum + level, 0);
}

function correlation(a: Float64Array, b: Float64Array): number {
  const meanA = total(a) / a.length;
  const meanB = total(b) / b.length;
  let both = 0, onlyA = 0, onlyB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number - meanA;
    const y = b[i] as number - meanB;
    both += x * y;
    onlyA += x * x;
    onlyB += y * y;
  }
  return both / (Math.sqrt(onlyA * onlyB) || 1);
}
