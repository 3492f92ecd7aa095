/**
 * What a caller heard, 20 ms by 20 ms: silence, the agent, or something else that says the call is alive. The agent's
 * frames are known by the numbers in them.
 *
 * @module
 */

import { decodeMulaw } from "../../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES, LINE_HZ } from "../../audio/rates.ts";
import { isAudible } from "../../emulators/caller_script.ts";
import { CODES, readFrameCodes } from "../../emulators/frame_code.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";

/** 20 ms at the caller's ear. */
export interface HeardFrame {
  /** When they began. */
  readonly atMs: number;
  /** `other` is a bridge, or a voice outside of the stream. */
  readonly sound: "silence" | "agent" | "other";
  /** Number of the agent's frame. */
  readonly code: number | undefined;
}

/** A stretch of time. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Everything that was heard, first to last. */
export function heardFrames(report: PhoneCallReport): HeardFrame[] {
  const pcm = new Int16Array(report.heard.length);
  decodeMulaw(report.heard, pcm);
  const codes = readFrameCodes(pcm, LINE_HZ);
  return codes.map((code, n) => {
    const atMs = (report.audioStartedAtMs ?? 0) + n * FRAME_MS;
    const start = n * LINE_FRAME_SAMPLES;
    const isOther = isAudible(report.heard.subarray(start, start + LINE_FRAME_SAMPLES)) ||
      report.spoken.some((voice) => atMs >= voice.atMs && atMs < voice.atMs + voice.lastedMs);
    const sound = code !== undefined ? "agent" : isOther ? "other" : "silence";
    return { atMs, sound, code };
  });
}

/** How much silence there was in a span. */
export function silenceMs(heard: readonly HeardFrame[], { fromMs, toMs }: Span): number {
  const silent = heard.filter(({ atMs, sound }) =>
    sound === "silence" && atMs >= fromMs && atMs < toMs
  );
  return silent.length * FRAME_MS;
}

/** When the first sound began, of the agent alone if asked, from a moment on. */
export function firstSoundMs(
  heard: readonly HeardFrame[],
  fromMs: number,
  by: "anybody" | "agent" = "anybody",
): number | undefined {
  return heard.find(({ atMs, sound }) =>
    atMs >= fromMs && (by === "agent" ? sound === "agent" : sound !== "silence")
  )?.atMs;
}

/** The agent's frames with numbers from `first` on, as many as `length`, as they were heard. */
export function framesOfAnswer(
  heard: readonly HeardFrame[],
  { first, length }: { first: number; length: number },
): HeardFrame[] {
  return heard.filter(({ code }) =>
    code !== undefined && (code - first % CODES + CODES) % CODES < length
  );
}

/** How an answer was heard. */
export interface AnswerHeard {
  /** Frames that were not heard; the first and the last may be silent and are not asked for. */
  readonly missing: number;
  /** Frames that were heard again. */
  readonly repeated: number;
  /** Longest silence between two of its frames. */
  readonly longestGapMs: number;
}

/** Says how an answer was heard whose frames have numbers from `first` on. */
export function answerHeard(
  heard: readonly HeardFrame[],
  answer: { first: number; length: number },
): AnswerHeard {
  const frames = framesOfAnswer(heard, answer);
  const seen = new Set(frames.map(({ code }) => code));
  const inner = Array.from({ length: answer.length - 3 }, (_, n) => (answer.first + 1 + n) % CODES);
  const steps = frames.slice(1).map(({ atMs }, n) => atMs - (frames[n]?.atMs ?? atMs) - FRAME_MS);
  return {
    missing: inner.filter((code) => !seen.has(code)).length,
    repeated: frames.length - seen.size,
    longestGapMs: Math.max(0, ...steps),
  };
}
