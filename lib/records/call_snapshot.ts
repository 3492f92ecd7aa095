/**
 * What another instance needs to go on with a call whose process is gone.
 *
 * @module
 */

import type { CallRecord, TranscriptEntry } from "./call_record.ts";

/** How snapshots are written; another version of this program may do it otherwise. */
export const SNAPSHOT_FORMAT = 1;

/** A caller who could not be put through. */
export interface FailedTransfer {
  /** To whom, by the name that the agent file gives them. */
  readonly destination: string;
  /** Why. */
  readonly reason: "busy" | "no-answer" | "failed";
}

/** A call at one moment, small enough for one value of a store. */
export interface CallSnapshot {
  /** {@linkcode SNAPSHOT_FORMAT}. */
  readonly format: typeof SNAPSHOT_FORMAT;
  /** Which admission of the call it is of. */
  readonly term: number;
  /** When it was taken, wall clock. */
  readonly takenEpochMs: number;
  /** How long the call had lasted. */
  readonly callMs: number;
  /** What the model's service takes the conversation up from, if it gave such a handle. */
  readonly handle?: string | undefined;
  /** Whether the goodbye has been said: such a call does not come back. */
  readonly isLeaving: boolean;
  /** Whether the agent owed an answer, or was in the middle of one. */
  readonly isAnswerOpen: boolean;
  /** To whom the caller is being put through, by the name that the agent file gives them. */
  readonly transfer?: string | undefined;
  /** To whom they could not be, and why; the agent is to say so. */
  readonly failedTransfer?: FailedTransfer | undefined;
  /** The record so far, with the latest words only. */
  readonly record: CallRecord;
}

/** Most of the transcript, as JSON: well below what a store takes as one value. */
const MOST_WORDS_BYTES = 40_000;
/** Latest turns whose times are kept. */
const MOST_TURNS = 50;

const encoder = new TextEncoder();

/** A record with its latest words only. */
export function withLatestWords(record: CallRecord): CallRecord {
  const kept: TranscriptEntry[] = [];
  let bytes = 0;
  for (const entry of record.transcript.toReversed()) {
    bytes += encoder.encode(JSON.stringify(entry)).length;
    if (bytes > MOST_WORDS_BYTES) break;
    kept.unshift(entry);
  }
  return { ...record, transcript: kept, turns: record.turns.slice(-MOST_TURNS) };
}

/** The latest words of a record with those before them, where an earlier record has them. */
export function withEarlierWords(latest: CallRecord, earlier: CallRecord | undefined): CallRecord {
  const [first] = latest.transcript;
  const [firstTurn] = latest.turns;
  if (!earlier) return latest;
  const words = earlier.transcript.filter(({ startMs }) => !first || startMs < first.startMs);
  const turns = earlier.turns.filter(({ speechEndedMs }) =>
    !firstTurn || speechEndedMs < firstTurn.speechEndedMs
  );
  return {
    ...latest,
    transcript: [...words, ...latest.transcript],
    turns: [...turns, ...latest.turns],
  };
}
