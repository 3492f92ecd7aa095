/**
 * How long callers waited, turn by turn: what lists of calls show of it. Pure.
 *
 * @module
 */

import type { TurnLatency } from "./call_record.ts";

/** Delays of a call's latest turns, in whole milliseconds. */
export interface CallDelays {
  /** From the caller's last word until they heard an answer; turns without one are left out. */
  readonly answerMs: readonly number[];
  /** From the caller's last word until their turn was taken to be over. */
  readonly endOfTurnMs: readonly number[];
}

/** Turns that are told of: lists stay small however long a call was. */
const MOST_TURNS = 100;

/** The delays of some turns. */
export function delaysOf(turns: readonly TurnLatency[]): CallDelays {
  const latest = turns.slice(-MOST_TURNS);
  return {
    answerMs: latest.flatMap(({ firstHeardMs, speechEndedMs }) =>
      firstHeardMs === undefined ? [] : [Math.round(firstHeardMs - speechEndedMs)]
    ),
    endOfTurnMs: latest.map(({ decidedMs, speechEndedMs }) =>
      Math.round(decidedMs - speechEndedMs)
    ),
  };
}
