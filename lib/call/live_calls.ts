/**
 * The calls that run in this process, for those who look on.
 *
 * @module
 */

import { CallSight, type Speaker } from "./call_sight.ts";
import type { CallFacts } from "./leg.ts";

/** A running call in a list. */
export interface LiveCall extends CallFacts {
  /** When it was answered, wall clock. */
  readonly answeredEpochMs: number;
  /** Who has the floor. */
  readonly speaker: Speaker;
  /** What was said last. */
  readonly last: string;
}

/** Longest `last` of a list. */
const LAST_CHARACTERS = 120;

/** Knows the sight of every running call. */
export class LiveCalls {
  readonly #sights = new Map<string, CallSight>();

  /** A call begins. */
  begin(facts: CallFacts): CallSight {
    const sight = new CallSight(facts);
    this.#sights.set(facts.callSid, sight);
    return sight;
  }

  /** A call is over. */
  end(sight: CallSight, ending: string): void {
    sight.ended(ending);
    const { callSid } = sight.facts;
    if (this.#sights.get(callSid) === sight) this.#sights.delete(callSid);
  }

  /** The sight of a running call. */
  get(callSid: string): CallSight | undefined {
    return this.#sights.get(callSid);
  }

  /** Every running call that has begun, the newest first. */
  list(): LiveCall[] {
    return [...this.#sights.values()].reverse().flatMap((sight) => {
      const record = sight.record();
      if (!record) return [];
      const last = record.transcript.findLast(({ text }) => text !== "")?.text ?? "";
      return [{
        ...sight.facts,
        answeredEpochMs: record.answeredEpochMs,
        speaker: sight.speaker,
        last: last.slice(0, LAST_CHARACTERS),
      }];
    });
  }
}
