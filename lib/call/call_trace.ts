/**
 * How loud both sides of a call were of late, and how likely the caller spoke: what a moving picture is drawn from.
 *
 * @module
 */

import { levelDbfs } from "../../audio/level.ts";
import { decodeMulaw } from "../../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES } from "../../audio/rates.ts";

/** What a column of the picture stands for. */
const COLUMN_MS = 100;
/** How much is kept. */
const MOST_COLUMNS = 100;
/** What silence is told as. */
const SILENCE_DBFS = -96;

/** One column: its number since the answer, levels of caller and agent in whole dBFS, probability of speech in percent. */
export type TraceColumn = readonly [number, number, number, number];

/** The last ten seconds of sound. */
export class CallTrace {
  readonly #columns = new Map<number, { caller: number; agent: number; speech: number }>();
  readonly #pcm = new Int16Array(LINE_FRAME_SAMPLES);
  /** When the agent's audio that was sent so far will have been played. */
  #agentUntilMs = 0;

  /** A frame of the caller's came. */
  callerFrame(mulaw: Uint8Array, callMs: number): void {
    const column = this.#at(callMs);
    column.caller = Math.max(column.caller, this.#levelOf(mulaw));
  }

  /** A frame of the caller's was scored. */
  scored(speechProbability: number, callMs: number): void {
    const column = this.#at(callMs);
    column.speech = Math.max(column.speech, Math.round(speechProbability * 100));
  }

  /** Audio of the agent's went to the line, to be played behind what went before. */
  agentAudio(mulaw: Uint8Array, callMs: number): void {
    this.#agentUntilMs = Math.max(this.#agentUntilMs, callMs);
    for (let from = 0; from < mulaw.length; from += LINE_FRAME_SAMPLES) {
      const column = this.#at(this.#agentUntilMs);
      const frame = mulaw.subarray(from, from + LINE_FRAME_SAMPLES);
      column.agent = Math.max(column.agent, this.#levelOf(frame));
      this.#agentUntilMs += FRAME_MS;
    }
  }

  /** What was not played yet is dropped. */
  agentCleared(callMs: number): void {
    this.#agentUntilMs = Math.min(this.#agentUntilMs, callMs);
    const last = Math.floor(callMs / COLUMN_MS);
    for (const [number, column] of this.#columns) if (number > last) column.agent = SILENCE_DBFS;
  }

  /** The columns that are complete, from a number on, oldest first. */
  columns(from: number, callMs: number): TraceColumn[] {
    const end = Math.floor(callMs / COLUMN_MS);
    return [...this.#columns]
      .filter(([number]) => number >= from && number < end)
      .sort(([a], [b]) => a - b)
      .map(([number, { caller, agent, speech }]) => [number, caller, agent, speech]);
  }

  #at(callMs: number): { caller: number; agent: number; speech: number } {
    const number = Math.floor(callMs / COLUMN_MS);
    const known = this.#columns.get(number);
    if (known) return known;
    const column = { caller: SILENCE_DBFS, agent: SILENCE_DBFS, speech: 0 };
    this.#columns.set(number, column);
    for (const old of this.#columns.keys()) {
      if (this.#columns.size <= MOST_COLUMNS) break;
      this.#columns.delete(old);
    }
    return column;
  }

  #levelOf(mulaw: Uint8Array): number {
    const pcm = this.#pcm.subarray(0, mulaw.length);
    decodeMulaw(mulaw, pcm);
    return Math.max(SILENCE_DBFS, Math.round(levelDbfs(pcm)));
  }
}
