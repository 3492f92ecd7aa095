/**
 * What is new in the record of a call, each time it is kept: what counts and spans are made of.
 *
 * A call that has come back begins with the numbers of another run. Those were told of there, so the first record of a
 * run says where counting begins.
 *
 * @module
 */

import type { CallRecord, TurnLatency } from "../records/call_record.ts";

/** Counts by name. */
export type Counts = Readonly<Record<string, number>>;

/** What is new since a record was kept last. */
export interface CallChanges {
  /** The record as it is now. */
  readonly record: CallRecord;
  /** Whether it is the first of its run. */
  readonly isFirst: boolean;
  /** Turns of which nothing more is to come. */
  readonly turns: readonly TurnLatency[];
  /** Tokens by what they were for. */
  readonly tokens: Counts;
  /** Answers that were held, resumed and cut. */
  readonly bargeIns: Counts;
  /** What was done so that the caller did not wait in silence. */
  readonly repairs: Counts;
  /** What went wrong and was survived. */
  readonly faults: Counts;
}

/** What has been told of a call. */
interface Told {
  readonly record: CallRecord;
  /** When the speech of the last turn that was told of ended. */
  readonly turnsToMs: number;
}

/** Finds what is new in the records of all calls. */
export class CallWatch {
  readonly #told = new Map<string, Told>();

  /** Takes a record as it is kept; of a call that is over nothing is remembered. */
  take(record: CallRecord): CallChanges {
    const known = this.#told.get(record.callSid);
    const before = known?.record ?? record;
    const isOver = record.ending !== undefined;
    const fromMs = known?.turnsToMs ?? record.turns.at(-1)?.speechEndedMs ?? -Infinity;
    const turns = settled(record.turns, isOver).filter((turn) => turn.speechEndedMs > fromMs);
    if (isOver) this.#told.delete(record.callSid);
    else {
      const turnsToMs = turns.at(-1)?.speechEndedMs ?? fromMs;
      this.#told.set(record.callSid, { record, turnsToMs });
    }
    return {
      record,
      isFirst: known === undefined,
      turns,
      tokens: added({ ...before.tokens }, { ...record.tokens }),
      bargeIns: added(before.bargeIns, record.bargeIns),
      repairs: added(before.repairs, record.repairs),
      faults: added(before.faults, record.faults),
    };
  }
}

/** The last turn may still be answered, unless it was or the call is over. */
function settled(turns: readonly TurnLatency[], isOver: boolean): readonly TurnLatency[] {
  const isOpen = !isOver && turns.at(-1)?.firstHeardMs === undefined;
  return isOpen ? turns.slice(0, -1) : turns;
}

function added(before: Counts = {}, now: Counts = {}): Counts {
  const counts = Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)]);
  return Object.fromEntries(counts.filter(([, count]) => Number(count) > 0));
}
