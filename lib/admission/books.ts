/**
 * What books of calls do, wherever they are kept.
 *
 * @module
 */

import { type CallEntry, readmitted } from "./call_entry.ts";

/** What became of a call that asked to be let in. */
export type Admission =
  /** Its stream may come; the document may be one that was given before. */
  | { type: "admitted"; entry: CallEntry; isNew: boolean }
  /** There is no room, or no call is taken. */
  | { type: "turned-away"; reason: "full" | "caller-full" | "closed" }
  /** It came back too often of late, and is over now. */
  | { type: "too-often" }
  /** It was never let in, runs already, or may not come any more. */
  | { type: "refused"; phase: "unknown" | CallEntry["phase"] };

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
  /** Changes where a call stands; gives the new value, or nothing if it stays as it is. */
  change(callSid: string, step: CallStep): Promise<CallEntry | undefined>;
}

/**
 * Lets a call in again that came apart, or whose stream never came, if it has not come back too often of late.
 *
 * @param change Changes where the call stands
 */
export async function readmit(
  change: (step: CallStep) => Promise<CallEntry | undefined>,
  { document, admissionMs }: { document: (term: number) => string; admissionMs: number },
): Promise<Admission> {
  let phase: "unknown" | CallEntry["phase"] = "unknown";
  const entry = await change((known, nowMs) => {
    phase = known?.phase ?? "unknown";
    return readmitted(known, { document, nowMs, untilMs: nowMs + admissionMs });
  });
  if (!entry) return { type: "refused", phase };
  return entry.phase === "over" ? { type: "too-often" } : { type: "admitted", entry, isNew: true };
}
