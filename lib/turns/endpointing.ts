/**
 * Where the caller's speech begins and ends, from the detector's probabilities.
 *
 * Speech begins when frames of speech have followed one another for the onset time, and is dated back to the first of
 * them. It ends when no frame has reached the lower threshold for the hangover, and is dated back to the last that
 * did. Two thresholds keep a voice that fades from flickering.
 *
 * @module
 */

import type { TurnSettings } from "./turn_settings.ts";

/** One heard frame; `endMs` is the media time at which it ends. */
export interface HeardFrame {
  /** Media time at which the frame ends. */
  readonly endMs: number;
  /** Its length. */
  readonly lengthMs: number;
  /** Probability that it is speech, 0 to 1. */
  readonly speechProbability: number;
}

/** What is believed so far. */
export type SpeechState =
  | { phase: "quiet"; runMs: number }
  | { phase: "speech"; lastSpeechMs: number };

/** A change of belief. */
export type SpeechEvent =
  /** The caller has begun to speak; `onsetMs` is where. */
  | { type: "speech-started"; onsetMs: number }
  /** The caller has stopped; `lastSpeechMs` is where. */
  | { type: "speech-ended"; lastSpeechMs: number };

/** Nobody has spoken yet. */
export const QUIET: SpeechState = { phase: "quiet", runMs: 0 };

/** Hears one frame: what is believed after it, and the change if there is one. */
export function hearFrame(
  state: SpeechState,
  frame: HeardFrame,
  settings: TurnSettings,
): [SpeechState, SpeechEvent | undefined] {
  const { endMs, lengthMs, speechProbability } = frame;
  if (state.phase === "quiet") {
    if (speechProbability < settings.speechProbability) return [QUIET, undefined];
    const runMs = state.runMs + lengthMs;
    if (runMs < settings.onsetMs) return [{ phase: "quiet", runMs }, undefined];
    return [
      { phase: "speech", lastSpeechMs: endMs },
      { type: "speech-started", onsetMs: endMs - runMs },
    ];
  }
  if (speechProbability >= settings.pauseProbability) {
    return [{ phase: "speech", lastSpeechMs: endMs }, undefined];
  }
  if (endMs - state.lastSpeechMs < settings.hangoverMs) return [state, undefined];
  return [QUIET, { type: "speech-ended", lastSpeechMs: state.lastSpeechMs }];
}
