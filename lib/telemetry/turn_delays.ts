/**
 * What callers wait for, turn by turn.
 *
 * @module
 */

import type { TurnLatency } from "../records/call_record.ts";

/** Bounds of delays: from a frame or two to longer than anybody waits. */
export const DELAY_SECONDS: readonly number[] = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10];

/** Bounds of calls: from a wrong number to an hour. */
export const CALL_SECONDS: readonly number[] = [5, 15, 30, 60, 120, 300, 600, 1_800, 3_600];

/** One of the delays of a turn. */
export type TurnDelay = "end_of_turn" | "model_first_audio" | "answer_sent" | "answer_heard";

/** The delays of a turn, and what they say. */
export const TURN_DELAYS: readonly { readonly name: TurnDelay; readonly help: string }[] = [
  { name: "end_of_turn", help: "From the caller's last word until their turn is taken to be over" },
  { name: "model_first_audio", help: "From the end of a turn until the model's first audio" },
  { name: "answer_sent", help: "From the caller's last word until audio goes to the line" },
  { name: "answer_heard", help: "From the caller's last word until the line has played audio" },
];

/** The delays of a turn in seconds; those that it did not come to are left out. */
export function turnDelays(turn: TurnLatency): (readonly [TurnDelay, number])[] {
  const { speechEndedMs, decidedMs, activityEndSentMs } = turn;
  const delays: readonly (readonly [TurnDelay, number, number | undefined])[] = [
    ["end_of_turn", speechEndedMs, decidedMs],
    ["model_first_audio", activityEndSentMs, turn.firstModelAudioMs],
    ["answer_sent", speechEndedMs, turn.firstMediaSentMs],
    ["answer_heard", speechEndedMs, turn.firstHeardMs],
  ];
  return delays.flatMap(([name, fromMs, toMs]) =>
    toMs === undefined ? [] : [[name, Math.max(0, toMs - fromMs) / 1_000] as const]
  );
}
