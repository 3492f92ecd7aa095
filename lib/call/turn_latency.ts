/**
 * Where the time of each turn goes, from the caller's last word to the agent's first, and what it costs.
 *
 * @module
 */

import type { TurnLatency } from "../records/call_record.ts";

/** Most turns that are kept. */
const MOST_TURNS = 1_000;

/** What may become of a turn, in order. */
export type TurnStep = "firstModelAudioMs" | "firstMediaSentMs" | "firstHeardMs";

/** Collects the times of turns. All times are milliseconds since the call was answered. */
export class TurnLatencies {
  readonly #turns: { -readonly [Key in keyof TurnLatency]: TurnLatency[Key] }[];

  /** Whether it is known when the model was told of the latest turn. */
  #isEndSent = false;

  /** Begins behind the turns on other instances. */
  constructor(past: readonly TurnLatency[] = []) {
    this.#turns = past.map((turn) => ({ ...turn }));
  }

  /** A turn of the caller is over, and the model is told; {@linkcode activityEndSent} says when it was. */
  turnEnded(times: { speechEndedMs: number; decidedMs: number; activityEndSentMs: number }): void {
    this.#turns.push({ ...times });
    this.#isEndSent = false;
    if (this.#turns.length > MOST_TURNS) this.#turns.shift();
  }

  /** The model was told that the latest turn is over; that it is told again counts for nothing. */
  activityEndSent(nowMs: number): void {
    const turn = this.#turns.at(-1);
    if (turn && !this.#isEndSent) turn.activityEndSentMs = nowMs;
    this.#isEndSent = true;
  }

  /** A step of the latest turn was reached; only the first time counts. */
  reached(step: TurnStep, nowMs: number): void {
    const turn = this.#turns.at(-1);
    if (turn) turn[step] ??= nowMs;
  }

  /** The model has billed so much, US dollars; what comes before the first turn belongs to none. */
  cost(usd: number): void {
    const turn = this.#turns.at(-1);
    if (turn) turn.costUsd = Math.round(((turn.costUsd ?? 0) + usd) * 1e6) / 1e6;
  }

  /** All turns so far. */
  turns(): TurnLatency[] {
    return this.#turns.map((turn) => ({ ...turn }));
  }
}
