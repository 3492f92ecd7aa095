/**
 * What a contest about the end of a turn comes to.
 *
 * A turn is *cut* if an end is found in it, because then the model answers somebody who is still speaking. The *delay* of
 * a turn goes from its last sound to the end that is found; a turn that is not ended when the next begins was *never
 * ended*, and its delay is the whole pause. A turn is *missed* if nothing was found to begin in it.
 *
 * @module
 */

import type { Turn } from "./calls.ts";

/** A beginning and the end that followed; never ended: infinite. */
export interface Opening {
  readonly startMs: number;
  endMs: number;
}

/** A beginning is late by so much at most: later it is not that of the turn. */
const LATEST_MS = 60;

/** Counts over any number of calls. */
export class TurnScore {
  #turns = 0;
  #cut = 0;
  #missed = 0;
  #neverEnded = 0;
  readonly #delays: number[] = [];
  #falseOpenings = 0;
  #silentMs = 0;

  /** Adds a call in which somebody speaks. */
  addSpoken(turns: readonly Turn[], openings: readonly Opening[]): void {
    for (const { fromMs, toMs, nextMs } of turns) {
      this.#turns++;
      const own = openings.filter(({ startMs, endMs }) =>
        endMs > fromMs && startMs < toMs + LATEST_MS
      );
      if (own.length === 0) this.#missed++;
      if (own.some(({ endMs }) => endMs < toMs)) this.#cut++;
      const last = own.find(({ endMs }) => endMs >= toMs);
      if (!last) continue;
      if (last.endMs >= nextMs) this.#neverEnded++;
      this.#delays.push(Math.min(last.endMs, nextMs) - toMs);
    }
  }

  /** Adds a call in which nobody does. */
  addUnspoken(lengthMs: number, openings: readonly Opening[]): void {
    this.#silentMs += lengthMs;
    this.#falseOpenings += openings.length;
  }

  /** Of all turns, those that were cut: 0 to 1. */
  get cut(): number {
    return this.#cut / this.#turns;
  }

  /** Of all turns, those that were missed: 0 to 1. */
  get missed(): number {
    return this.#missed / this.#turns;
  }

  /** Of all turns whose end was waited for, those that had none: 0 to 1. */
  get neverEnded(): number {
    return this.#neverEnded / this.#delays.length;
  }

  /** Turns that were begun where nobody spoke, per minute. */
  get falsePerMinute(): number {
    return this.#falseOpenings / this.#silentMs * 60_000;
  }

  /** Delay that a part of the turns does not exceed: 0.5 is the median. */
  delayMs(part: number): number {
    const sorted = this.#delays.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
  }
}
