/**
 * What was in a call before this instance had it.
 *
 * @module
 */

import type { CallRecord } from "../records/call_record.ts";
import type { CallSnapshot } from "../records/call_snapshot.ts";
import type { comeBackCue } from "./cues.ts";

/** What was before. */
export interface CallPast {
  /** How long the call has lasted, the break in it included. */
  readonly usedMs: number;
  /** What was kept of it; absent if it begins now. */
  readonly record?: CallRecord | undefined;
}

/** A break that seems longer, or to end before it began, is none: one of the wall clocks is wrong. */
const LONGEST_BREAK_MS = 300_000;

/** What a snapshot says of the past of a call that goes on at `epochMs`; without one it begins. */
export function pastOf(snapshot: CallSnapshot | undefined, epochMs: number): CallPast {
  if (!snapshot) return { usedMs: 0 };
  const { callMs, takenEpochMs, record } = snapshot;
  const breakMs = epochMs - takenEpochMs;
  const isBreak = breakMs > 0 && breakMs <= LONGEST_BREAK_MS;
  return { usedMs: callMs + (isBreak ? breakMs : 0), record };
}

/** Where a call stood when it came apart; the model may have forgotten the last of it. */
export function whereItWas(
  { isAnswerOpen, record: { transcript } }: CallSnapshot,
): Parameters<typeof comeBackCue>[0] {
  const last = transcript.at(-1);
  const heardText = last?.party === "agent" ? last.heardText ?? last.text : "";
  const callerText = transcript.findLast(({ party }) => party === "caller")?.text ?? "";
  return { callerText, answer: isAnswerOpen ? { heardText } : undefined };
}
