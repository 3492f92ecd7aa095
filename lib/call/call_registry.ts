/**
 * Which calls this server has let in, runs, or is done with.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { CallOutcome } from "./outcome.ts";

/** Where a call stands. */
export type CallStanding =
  /** Never heard of, or forgotten. */
  | { phase: "unknown" }
  /** Its stream may come; `document` is what its webhook was answered with. */
  | { phase: "admitted"; document: string }
  /** Its stream is open. */
  | { phase: "running" }
  /** It is over; without an outcome it never ran. */
  | { phase: "over"; outcome: CallOutcome | undefined };

interface Admission {
  readonly document: string;
  readonly untilMs: number;
}

interface Run {
  readonly hangUp: () => void;
  readonly settled: PromiseWithResolvers<CallOutcome>;
}

interface Past {
  readonly outcome: CallOutcome | undefined;
  readonly untilMs: number;
}

/**
 * Books of the calls of this server. A call is admitted by its webhook, started by its stream and ended by its
 * outcome, in that order and each once: whatever comes again or too late changes nothing. An admission runs out if no
 * stream comes, and calls that are over are remembered for a while, so that a repeated request does not revive them.
 *
 * There are no timers. What has run out is put away whenever something is asked, and each map is in order of age.
 */
export class CallRegistry {
  /** How long an admitted call may take to open its stream. */
  readonly admissionMs: number;
  readonly #clock: Clock;
  readonly #keptMs: number;
  readonly #kept: number;
  readonly #admissions = new Map<string, Admission>();
  readonly #runs = new Map<string, Run>();
  readonly #past = new Map<string, Past>();

  /**
   * Starts with no calls.
   *
   * @param options `admissionMs` is how long an admitted call may take to open its stream; calls that are over are
   * remembered for `keptMs`, at most `kept` of them
   */
  constructor(options: { clock: Clock; admissionMs?: number; keptMs?: number; kept?: number }) {
    this.#clock = options.clock;
    this.admissionMs = options.admissionMs ?? 60_000;
    this.#keptMs = options.keptMs ?? 86_400_000;
    this.#kept = options.kept ?? 10_000;
  }

  /** How many calls have their stream open. */
  get running(): number {
    return this.#runs.size;
  }

  /** Whether no call runs, and none was let in whose stream may still come. */
  get isIdle(): boolean {
    return !this.isFull(1);
  }

  /** Whether another call would be more than `max`; calls whose stream may still come count. */
  isFull(max: number): boolean {
    this.#putAway();
    return this.#admissions.size + this.#runs.size >= max;
  }

  /** Where a call stands. */
  standing(callSid: string): CallStanding {
    this.#putAway();
    const admission = this.#admissions.get(callSid);
    if (admission) return { phase: "admitted", document: admission.document };
    if (this.#runs.has(callSid)) return { phase: "running" };
    const past = this.#past.get(callSid);
    return past ? { phase: "over", outcome: past.outcome } : { phase: "unknown" };
  }

  /**
   * Lets a call in that was not known.
   *
   * @param document What its webhook is answered with, now and if it is repeated
   */
  admit(callSid: string, document: string): void {
    if (this.standing(callSid).phase !== "unknown") return;
    const untilMs = this.#clock.nowMs() + this.admissionMs;
    this.#admissions.set(callSid, { document, untilMs });
  }

  /**
   * The stream of a call is open. A call that was never heard of may start too: another instance may have let it in.
   *
   * @param hangUp Tells the call that its caller is gone; does not throw
   * @returns False if the call runs already or is over
   */
  start(callSid: string, hangUp: () => void): boolean {
    const { phase } = this.standing(callSid);
    if (phase === "running" || phase === "over") return false;
    this.#admissions.delete(callSid);
    this.#runs.set(callSid, { hangUp, settled: Promise.withResolvers() });
    return true;
  }

  /** A running call came to its end. */
  end(callSid: string, outcome: CallOutcome): void {
    const run = this.#runs.get(callSid);
    if (!run) return;
    this.#runs.delete(callSid);
    this.#remember(callSid, outcome);
    run.settled.resolve(outcome);
  }

  /** The telephone network says that the call is over: a running one is told, any other cannot start any more. */
  ended(callSid: string): void {
    const run = this.#runs.get(callSid);
    if (run) return run.hangUp();
    if (this.standing(callSid).phase === "over") return;
    this.#admissions.delete(callSid);
    this.#remember(callSid, undefined);
  }

  /** How a call ended, once it has; at once nothing if it does not run and never did. */
  outcomeOf(callSid: string): Promise<CallOutcome | undefined> {
    const run = this.#runs.get(callSid);
    if (run) return run.settled.promise;
    return Promise.resolve(this.#past.get(callSid)?.outcome);
  }

  #remember(callSid: string, outcome: CallOutcome | undefined): void {
    this.#past.set(callSid, { outcome, untilMs: this.#clock.nowMs() + this.#keptMs });
    this.#putAway();
  }

  #putAway(): void {
    const nowMs = this.#clock.nowMs();
    for (const [callSid, { untilMs }] of this.#admissions) {
      if (untilMs > nowMs) break;
      this.#admissions.delete(callSid);
      this.#past.set(callSid, { outcome: undefined, untilMs: nowMs + this.#keptMs });
    }
    for (const [callSid, { untilMs }] of this.#past) {
      if (untilMs > nowMs && this.#past.size <= this.#kept) break;
      this.#past.delete(callSid);
    }
  }
}
