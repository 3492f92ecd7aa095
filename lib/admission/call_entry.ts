/**
 * Where a call stands, as a plain value that instances share, and how that may change. Nothing goes back: a change gives
 * a value of higher rank, or none.
 *
 * A call that lost its stream and whose caller is still there comes back: it is admitted again, as the next term. Each
 * term has one token, one stream and one run.
 *
 * @module
 */

import type { CallEnding } from "../call/outcome.ts";

/** Where a call stands. */
export interface CallEntry {
  /** `admitted`: its stream may come; `lost`: it came apart and may come back; `over`: it may not. */
  readonly phase: "admitted" | "running" | "lost" | "over";
  /** Which admission of the call this is: 1, and 1 more each time it comes back. */
  readonly term: number;
  /** Who calls; empty when it is over. */
  readonly caller: string;
  /** What its webhook was answered with; while it is admitted. */
  readonly document?: string | undefined;
  /** When the admission runs out, by the clock of these books. */
  readonly untilMs?: number | undefined;
  /** Its place among the calls at once. */
  readonly slot?: number | undefined;
  /** How it ended; absent if it never ran. */
  readonly ending?: CallEnding | undefined;
  /** When it came back, by the clock of these books: the last times. */
  readonly cameBackAtMs: readonly number[];
}

/** Come-backs within so long are counted together. */
const COME_BACK_WINDOW_MS = 60_000;
/** The last of so many within the window is not taken. */
const MOST_COME_BACKS = 5;

const ORDER: Record<CallEntry["phase"], number> = { admitted: 0, running: 1, lost: 2, over: 3 };

/** Whether one value of a call stands behind another. */
export function isFurther(entry: CallEntry, than: CallEntry): boolean {
  if (than.phase === "over") return false;
  if (entry.phase === "over") return true;
  const ahead = entry.term - than.term;
  return ahead > 0 || ahead === 0 && ORDER[entry.phase] > ORDER[than.phase];
}

/** The phase at a moment: an admission runs out. */
export function phaseOf(
  entry: CallEntry | undefined,
  nowMs: number,
): CallEntry["phase"] | "unknown" {
  if (!entry) return "unknown";
  const isLate = entry.phase === "admitted" && entry.untilMs !== undefined &&
    nowMs >= entry.untilMs;
  return isLate ? "over" : entry.phase;
}

/**
 * The stream of a term is open. A call that is not in the books may start too: another instance may have let it in.
 *
 * @returns Nothing if it is another term's turn, or the call runs or is over
 */
export function started(
  entry: CallEntry | undefined,
  { term, caller, nowMs }: { term: number; caller: string; nowMs: number },
): CallEntry | undefined {
  if (!entry) return { phase: "running", term, caller, cameBackAtMs: [] };
  if (entry.term !== term || phaseOf(entry, nowMs) !== "admitted") return undefined;
  const { caller: known, slot, cameBackAtMs } = entry;
  return { phase: "running", term, caller: known, slot, cameBackAtMs };
}

/**
 * The run of a term ended.
 *
 * @returns Nothing if that is known, or another term has begun meanwhile
 */
export function ended(
  entry: CallEntry | undefined,
  { term, ending, mayComeBack }: { term: number; ending: CallEnding; mayComeBack: boolean },
): CallEntry | undefined {
  if (!entry || entry.term !== term || entry.phase !== "running") return undefined;
  const { caller, slot, cameBackAtMs } = entry;
  const lost: CallEntry = { phase: "lost", term, caller, slot, ending, cameBackAtMs };
  return mayComeBack ? lost : over(lost);
}

/** The call is over for good, whether it was known or not; nothing if that is known. Who called is forgotten. */
export function over(entry: CallEntry | undefined): CallEntry | undefined {
  if (entry?.phase === "over") return undefined;
  const { term = 1, slot, ending } = entry ?? {};
  return { phase: "over", term, caller: "", slot, ending, cameBackAtMs: [] };
}

/**
 * A call that came apart, or whose stream never came, is let in again.
 *
 * @returns An entry that is over if the call has come back too often of late; nothing if it is over or not known
 */
export function readmitted(
  entry: CallEntry | undefined,
  { document, nowMs, untilMs }: {
    document: (term: number) => string;
    nowMs: number;
    untilMs: number;
  },
): CallEntry | undefined {
  if (!entry || entry.phase === "over") return undefined;
  const lately = entry.cameBackAtMs.filter((atMs) => nowMs - atMs < COME_BACK_WINDOW_MS);
  if (lately.length + 1 >= MOST_COME_BACKS) return over(entry);
  const { caller, slot } = entry;
  const term = entry.term + 1;
  const admission = { phase: "admitted", term, document: document(term), untilMs } as const;
  return { ...admission, caller, slot, cameBackAtMs: [...lately, nowMs] };
}
