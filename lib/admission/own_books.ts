/**
 * Books of calls in memory, for what one instance knows by itself.
 *
 * @module
 */

import type { Admission, AdmissionRequest, Books, CallStep } from "./books.ts";
import { type CallEntry, phaseOf } from "./call_entry.ts";
import { type CallNumbers, isWithheld } from "./slots.ts";

/** So many calls are remembered; those that stood still for longest are forgotten first. */
const KEPT = 10_000;

/** The books of one instance. Time is the monotonic clock. */
export class OwnBooks implements Books {
  readonly #nowMs: () => number;
  readonly #admissionMs: number;
  readonly #numbers: CallNumbers;
  readonly #others: () => number;
  /** In order of their last change. */
  readonly #entries = new Map<string, CallEntry>();
  /** Those that have, or had, a stream to come or open. */
  readonly #active = new Map<string, CallEntry>();

  /**
   * Starts empty.
   *
   * @param parts `others` is how many places are known to be taken elsewhere
   */
  constructor(parts: {
    nowMs: () => number;
    admissionMs: number;
    numbers: CallNumbers;
    others: () => number;
  }) {
    this.#nowMs = parts.nowMs;
    this.#admissionMs = parts.admissionMs;
    this.#numbers = parts.numbers;
    this.#others = parts.others;
  }

  /** Where a call stands, as far as it is known. */
  entry(callSid: string): CallEntry | undefined {
    return this.#entries.get(callSid);
  }

  admit({ callSid, caller, document, isOpen }: AdmissionRequest): Promise<Admission> {
    const nowMs = this.#nowMs();
    const entry = this.#entries.get(callSid);
    const phase = phaseOf(entry, nowMs);
    if (entry && phase === "admitted") {
      return Promise.resolve({ type: "admitted", entry, isNew: false });
    }
    if (phase !== "unknown" && phase !== "admitted") {
      return Promise.resolve({ type: "refused", phase });
    }
    const reason = isOpen ? this.#obstacle(caller, nowMs) : "closed";
    if (reason) return Promise.resolve({ type: "turned-away", reason });
    const untilMs = nowMs + this.#admissionMs;
    const next: CallEntry = {
      ...{ phase: "admitted", term: 1, caller, document: document(1), untilMs },
      cameBackAtMs: [],
    };
    this.put(callSid, next);
    return Promise.resolve({ type: "admitted", entry: next, isNew: true });
  }

  change(callSid: string, step: CallStep): Promise<CallEntry | undefined> {
    const next = step(this.#entries.get(callSid), this.#nowMs());
    if (next) this.put(callSid, next);
    return Promise.resolve(next);
  }

  /** Notes where a call stands. */
  put(callSid: string, entry: CallEntry): void {
    this.#entries.delete(callSid);
    this.#entries.set(callSid, entry);
    if (entry.phase === "admitted" || entry.phase === "running") this.#active.set(callSid, entry);
    else this.#active.delete(callSid);
    if (this.#entries.size <= KEPT) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  #obstacle(caller: string, nowMs: number): "full" | "caller-full" | undefined {
    for (const [callSid, entry] of this.#active) {
      if (phaseOf(entry, nowMs) === "over") this.#active.delete(callSid);
    }
    if (this.#active.size + this.#others() >= this.#numbers.maxCalls) return "full";
    if (isWithheld(caller)) return undefined;
    const own = this.#active.values().filter((entry) => entry.caller === caller);
    return [...own].length >= this.#numbers.maxCallsPerCaller ? "caller-full" : undefined;
  }
}
