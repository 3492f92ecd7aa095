/**
 * The latest calls, kept in memory.
 *
 * @module
 */

import type { CallRecord } from "./call_record.ts";

/** The latest calls, by name; the oldest make room for new ones. */
export class RecentCalls {
  readonly #limit: number;
  readonly #records = new Map<string, CallRecord>();

  /** Keeps at most `limit` calls. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Keeps the record in place of what was known of the call. */
  save(record: CallRecord): void {
    this.#records.set(record.callSid, record);
    if (this.#records.size <= this.#limit) return;
    const [oldest] = this.#records.keys();
    if (oldest !== undefined) this.#records.delete(oldest);
  }

  /** The record of a call, if it is still kept. */
  get(callSid: string): CallRecord | undefined {
    return this.#records.get(callSid);
  }

  /** All that are kept, newest first. */
  list(): CallRecord[] {
    return [...this.#records.values()].reverse();
  }
}
