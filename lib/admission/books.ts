/**
 * What books of calls do, wherever they are kept.
 *
 * @module
 */

import type { CallEntry } from "./call_entry.ts";

/** What became of a call that asked to be let in. */
export type Admission =
  /** Its stream may come; the document may be one that was given before. */
  | { type: "admitted"; entry: CallEntry; isNew: boolean }
  /** There is no room, or no call is taken. */
  | { type: "turned-away"; reason: "full" | "caller-full" | "closed" }
  /** It came back too often of late, and is over now. */
  | { type: "too-often" }
  /** It was never let in, runs already, or may not come any more. */
  | { type: "refused"; phase: "unknown" | "running" | "lost" | "over" };

/** A call that asks to be let in. */
export interface AdmissionRequest {
  /** Name of the call. */
  readonly callSid: string;
  /** Who calls. */
  readonly caller: string;
  /** Whether new calls are taken at all; those that are known get their answer all the same. */
  readonly isOpen: boolean;
  /** Makes what its webhook is answered with, for a term. */
  readonly document: (term: number) => string;
}

/** Gives the next value of a call, or nothing to leave it as it is; may be asked more than once. */
export type CallStep = (entry: CallEntry | undefined, nowMs: number) => CallEntry | undefined;

/** Books of calls. */
export interface Books {
  /** Lets a call in if there is room for it and it was not known. */
  admit(request: AdmissionRequest): Promise<Admission>;
  /** Lets a call in again that came apart, if it has not come back too often of late. */
  readmit(callSid: string, document: (term: number) => string): Promise<Admission>;
  /** Changes where a call stands; gives the new value, or nothing if it stays as it is. */
  change(callSid: string, step: CallStep): Promise<CallEntry | undefined>;
}

/** What became of a call that asked to be let in again. */
export function readmissionOf(entry: CallEntry | undefined): Admission {
  if (!entry) return { type: "refused", phase: "over" };
  if (entry.phase === "over") return { type: "too-often" };
  return { type: "admitted", entry, isNew: true };
}
