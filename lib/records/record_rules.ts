/**
 * What an agent allows to be kept of its calls.
 *
 * @module
 */

import type { CallRecord } from "./call_record.ts";

/** What may be kept, and for how long. */
export interface KeepRules {
  /** Whether what was said is kept. */
  readonly transcript: boolean;
  /** For how long, in days. */
  readonly keepDays: number;
}

/** A record as it may be kept. */
export function asAllowed(record: CallRecord, { transcript, keepDays }: KeepRules): CallRecord {
  return { ...record, keepDays, ...(transcript ? {} : { transcript: [] }) };
}
