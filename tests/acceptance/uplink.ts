/**
 * Which of the caller's frames came to the model, and when.
 *
 * @module
 */

import { decodeMulaw } from "../../audio/mulaw.ts";
import { FRAME_MS, LINE_HZ, MODEL_INPUT_FRAME_SAMPLES, MODEL_INPUT_HZ } from "../../audio/rates.ts";
import { readFrameCodes } from "../../emulators/frame_code.ts";
import type { HeardWindow, SessionRecord } from "../../emulators/gemini_records.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";

/** One of the caller's frames, found at the model. */
export interface ArrivedFrame {
  readonly code: number;
  readonly atMs: number;
}

/** The numbered frames of one window, as they came. */
export function framesInWindow(window: HeardWindow): ArrivedFrame[] {
  const codes = readFrameCodes(window.pcm, MODEL_INPUT_HZ);
  return codes.flatMap((code, n) => {
    const samples = (n + 1) * MODEL_INPUT_FRAME_SAMPLES;
    const arrival = window.arrivals.find((one) => one.samples >= samples);
    return code === undefined || !arrival ? [] : [{ code, atMs: arrival.atMs }];
  });
}

/** The numbered frames that came in all windows of a call, connection after connection. */
export function framesAtModel(sessions: readonly SessionRecord[]): ArrivedFrame[] {
  return sessions.flatMap(({ windows }) => windows.flatMap(framesInWindow));
}

/** What became of frames that were said. */
export interface Arrival {
  /** Frames that never came; the last two may lie across the end and are not asked for. */
  readonly missing: number;
  /** Frames that came behind one that was said after them, within one window. */
  readonly outOfOrder: number;
}

/** Which of the frames with numbers from `first` on came. */
export function arrivalOf(
  frames: readonly ArrivedFrame[],
  { first, length }: { first: number; length: number },
): Arrival {
  const seen = frames.map(({ code }) => code).filter((code) =>
    code >= first && code < first + length
  );
  const asked = Array.from({ length: length - 2 }, (_, n) => first + n);
  return {
    missing: asked.filter((code) => !seen.includes(code)).length,
    outOfOrder: seen.filter((code, n) => code < (seen[n - 1] ?? code)).length,
  };
}

/** When each numbered frame left the telephone, as the line's schedule had it. */
export function saidFrames(report: PhoneCallReport): ArrivedFrame[] {
  const pcm = new Int16Array(report.said.length);
  decodeMulaw(report.said, pcm);
  const startMs = report.audioStartedAtMs ?? 0;
  return readFrameCodes(pcm, LINE_HZ).flatMap((code, n) =>
    code === undefined ? [] : [{ code, atMs: startMs + (n + 1) * FRAME_MS }]
  );
}
