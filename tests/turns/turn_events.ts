/**
 * Facts for the turn machine, and the machine played through them.
 *
 * @module
 */

import {
  NOBODYS_TURN,
  step,
  type TurnEvent,
  type TurnOrder,
  type TurnState,
} from "../../lib/turns/turn_machine.ts";
import { DEFAULT_TURN_SETTINGS, type TurnRules } from "../../lib/turns/turn_settings.ts";

export const RULES: TurnRules = {
  ...DEFAULT_TURN_SETTINGS,
  longestActivityMs: 10_000,
  bargeIn: "decide",
};

export function play(
  events: readonly TurnEvent[],
  bargeIn: TurnRules["bargeIn"] = "decide",
  more: Partial<TurnRules> = {},
): { state: TurnState; orders: TurnOrder[] } {
  let state = NOBODYS_TURN;
  const orders: TurnOrder[] = [];
  for (const event of events) {
    const [next, given] = step(state, event, { ...RULES, bargeIn, ...more });
    state = next;
    orders.push(...given);
  }
  return { state, orders };
}

export const started = (streamMs: number): TurnEvent => ({
  type: "speech-started",
  streamMs,
  onsetMs: streamMs - 60,
});
export const ended = (streamMs: number): TurnEvent => ({ type: "speech-ended", streamMs });
export const heard = (streamMs: number): TurnEvent => ({ type: "frame-heard", streamMs });
export const stopped = (streamMs: number): TurnEvent => ({ type: "frames-stopped", streamMs });
export const playing = (streamMs: number): TurnEvent => ({ type: "playout-started", streamMs });
export const played = (streamMs: number): TurnEvent => ({ type: "playout-finished", streamMs });
export const keys = (streamMs: number, isSpeaking = false): TurnEvent => ({
  type: "keys-began",
  streamMs,
  isSpeaking,
});
export const keyed = (streamMs: number): TurnEvent => ({ type: "keys-ended", streamMs });
export const suspected = (streamMs: number): TurnEvent => ({
  type: "voice-suspected",
  streamMs,
  onsetMs: streamMs - 80,
});
export const confirmed = (streamMs: number): TurnEvent => ({ type: "voice-confirmed", streamMs });
export const dismissed = (streamMs: number, isWordLike = false): TurnEvent => ({
  type: "voice-dismissed",
  streamMs,
  isWordLike,
});
