/**
 * Whether frames came in time, and whether the machine is one on which that can be asked.
 *
 * @module
 */

import { FRAME_MS, LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import type { ReceivedMessage } from "../../emulators/audio_record.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";

/** A frame that comes so long after its time is late. */
const LATE_MS = 20;
/** The server sends up to two frames in a message, so that the first of them waits for the second: so much is no lateness. */
const BATCH_MS = 20;
/** A longer pause is one between two answers. */
const PAUSE_MS = 500;
/** Beyond these the machine is too busy to judge anybody. */
const MOST_LATE_PERCENT = 0.5;
const LONGEST_LATENESS_MS = 10;

/** Frames that came, and how many of them late. */
export interface LateFrames {
  /** How many came. */
  readonly frames: number;
  /** How many of them late. */
  readonly late: number;
}

/**
 * Counts late frames. Frame k of an answer is due 20k ms after its first; one that comes early moves all dues.
 *
 * @param messages What came from the server
 * @param batchMs What is declared to be batching and not lateness
 */
export function lateFrames(
  messages: readonly ReceivedMessage[],
  batchMs: number = BATCH_MS,
): LateFrames {
  let frames = 0, late = 0;
  let answerFrames = 0, firstMs = Infinity, lastMs = -Infinity;
  for (const { event, atMs, bytes, waitingMs } of messages) {
    if (event !== "media") continue;
    const count = bytes / LINE_FRAME_SAMPLES;
    const wasDry = waitingMs <= count * FRAME_MS;
    if (wasDry && atMs - lastMs > PAUSE_MS) {
      answerFrames = 0;
      firstMs = Infinity;
    }
    firstMs = Math.min(firstMs, atMs - answerFrames * FRAME_MS);
    if (atMs - (firstMs + answerFrames * FRAME_MS) > LATE_MS + batchMs) late += count;
    frames += count;
    answerFrames += count;
    lastMs = atMs;
  }
  return { frames, late };
}

/** How many of a hundred frames were late. */
export function latePercent(counts: readonly LateFrames[]): number {
  const sum = (pick: (count: LateFrames) => number) => counts.reduce((n, one) => n + pick(one), 0);
  return 100 * sum(({ late }) => late) / Math.max(1, sum(({ frames }) => frames));
}

/** The value that so many of a hundred do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * percent / 100) - 1] ?? 0;
}

/** Why a run says nothing about times, if it does not. */
export function whyVoid(
  controls: readonly PhoneCallReport[],
  others: readonly PhoneCallReport[],
): string | undefined {
  const percent = latePercent(controls.map(({ messages }) => lateFrames(messages, 0)));
  if (percent > MOST_LATE_PERCENT) return `${percent.toFixed(1)} % late through a bare relay`;
  const latenessMs = percentile(
    [...controls, ...others].flatMap(({ frameLatenessMs }) => frameLatenessMs),
    99,
  );
  if (latenessMs <= LONGEST_LATENESS_MS) return undefined;
  return `the telephone itself was ${latenessMs.toFixed(0)} ms late at p99`;
}
