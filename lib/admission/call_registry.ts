/**
 * Which calls are let in, run, or are done with: for this instance and, with a store, for all that share it.
 *
 * @module
 */

import { type CallOutcome, MAY_GO_ON } from "../call/outcome.ts";
import { type Clock, within } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import { type Admission, type AdmissionRequest, readmit } from "./books.ts";
import { ended, over, started } from "./call_entry.ts";
import type { CallNumbers } from "./slots.ts";
import { TwoBooks } from "./two_books.ts";

/** How a run is told to end: the caller is gone, or only the stream is. */
export type EndRun = (how: "hung-up" | "lost") => void;

/** What a registry needs. */
export interface CallRegistryParts {
  /** Whose time counts. */
  readonly clock: Clock;
  /** Names this instance, and chooses places. */
  readonly ids: Ids;
  /** Where it is told when the books of all cannot be reached. */
  readonly log: Log;
  /** How many calls there may be at once. */
  readonly numbers: CallNumbers;
  /** What is shared with other instances; absent: nothing. */
  readonly store?: Store | undefined;
  /** How long an admitted call may take to open its stream. */
  readonly admissionMs?: number;
}

interface Run {
  readonly term: number;
  readonly end: EndRun;
  readonly settled: PromiseWithResolvers<CallOutcome>;
}

/** Clocks of instances may differ by so much. */
const SKEW_MS = 300_000;
/** A call whose stream has closed is about to end; longer than this is not waited for it. */
const ENDING_MS = 2_000;
/** So many outcomes of past calls are known. */
const OUTCOMES = 10_000;

/**
 * A call is admitted by its webhook, started by its stream and ended by its outcome, in that order and each once:
 * whatever comes again or too late changes nothing. A call that came apart may be admitted again.
 */
export class CallRegistry {
  /** How long an admitted call may take to open its stream. */
  readonly admissionMs: number;
  readonly #clock: Clock;
  readonly #maxCalls: number;
  readonly #books: TwoBooks;
  readonly #runs = new Map<string, Run>();
  readonly #starting = new Set<string>();
  /** Calls that were let in here, and until when their stream may come, by the monotonic clock. */
  readonly #awaited = new Map<string, number>();
  /** How the latest runs ended. */
  readonly #outcomes = new Map<string, CallOutcome>();

  /** Starts with no calls. */
  constructor(parts: CallRegistryParts) {
    const { clock, numbers, admissionMs = 60_000 } = parts;
    this.admissionMs = admissionMs;
    this.#clock = clock;
    this.#maxCalls = numbers.maxCalls;
    this.#books = new TwoBooks({
      ...parts,
      admissionMs,
      isAlive: (callSid) => this.#runs.has(callSid) || this.#starting.has(callSid),
    });
  }

  /** How many calls have their stream open here. */
  get running(): number {
    return this.#runs.size;
  }

  /** Whether no call runs here, and none was let in whose stream may still come. */
  get isIdle(): boolean {
    return this.#own === 0;
  }

  /** Whether this instance alone has as many calls as there may be. */
  get isFull(): boolean {
    return this.#own >= this.#maxCalls;
  }

  /** Lets a call in if there is room for it and it was not known. */
  async admit(request: AdmissionRequest): Promise<Admission> {
    return this.#awaitStream(request.callSid, await this.#books.admit(request));
  }

  /** Lets a call in again whose stream is closed and whose caller is still there. */
  async readmit(callSid: string, document: (term: number) => string): Promise<Admission> {
    return this.#awaitStream(
      callSid,
      await readmit((step) => this.#books.change(callSid, step), {
        document,
        admissionMs: this.admissionMs,
      }),
    );
  }

  /**
   * The stream of a call is open. A call that was never heard of may start too: another instance may have let it in.
   *
   * @param stream `term` is the one that its token was made for; `end` does not throw
   * @returns False if it is another term's turn, or the call runs already or is over
   */
  async start(
    callSid: string,
    stream: { term: number; caller: string; end: EndRun },
  ): Promise<boolean> {
    if (this.#runs.has(callSid) || this.#starting.has(callSid)) return false;
    const untilMs = this.#awaited.get(callSid);
    if (untilMs !== undefined && untilMs <= this.#clock.nowMs()) return false;
    this.#starting.add(callSid);
    try {
      // What was let in here was judged above, by the clock that never jumps.
      const nowBy = (nowMs: number) => untilMs === undefined ? nowMs - SKEW_MS : -Infinity;
      const entry = await this.#books.change(
        callSid,
        (known, nowMs) => started(known, { ...stream, nowMs: nowBy(nowMs) }),
      );
      if (!entry) return false;
      this.#awaited.delete(callSid);
      const { term, end } = stream;
      this.#runs.set(callSid, { term, end, settled: Promise.withResolvers() });
      return true;
    } finally {
      this.#starting.delete(callSid);
    }
  }

  /** A running call came to its end; resolves when that is in the books. */
  async end(callSid: string, outcome: CallOutcome): Promise<void> {
    const run = this.#runs.get(callSid);
    if (!run) return;
    const { ending } = outcome;
    this.#runs.delete(callSid);
    this.#remember(callSid, outcome);
    run.settled.resolve(outcome);
    const how = { term: run.term, ending, mayComeBack: MAY_GO_ON.has(ending) };
    await this.#books.change(callSid, (entry) => ended(entry, how));
  }

  /** The telephone network says that the call is over: a running one is told, any other cannot start any more. */
  async ended(callSid: string): Promise<void> {
    const run = this.#runs.get(callSid);
    if (run) return run.end("hung-up");
    this.#awaited.delete(callSid);
    await this.#books.change(callSid, over);
  }

  /**
   * The telephone network says that the stream of a call is closed and its caller still there: whatever runs of it here
   * ends.
   *
   * @returns How its last run here ended; nothing if there was none, or it does not end
   */
  async streamEnded(callSid: string): Promise<CallOutcome | undefined> {
    const run = this.#runs.get(callSid);
    if (!run) return this.#outcomes.get(callSid);
    run.end("lost");
    return await within(run.settled.promise, { clock: this.#clock, ms: ENDING_MS });
  }

  /** This instance serves no calls any more. */
  async close(): Promise<void> {
    await this.#books.close();
  }

  get #own(): number {
    const nowMs = this.#clock.nowMs();
    for (const [callSid, untilMs] of this.#awaited) {
      if (untilMs > nowMs) continue;
      this.#awaited.delete(callSid);
      // Its stream did not come, and may not come late to another instance.
      this.#books.lapse(callSid);
    }
    return this.#awaited.size + this.#starting.size + this.#runs.size;
  }

  #awaitStream(callSid: string, admission: Admission): Admission {
    if (admission.type === "admitted" && admission.isNew) {
      this.#awaited.set(callSid, this.#clock.nowMs() + this.admissionMs);
    }
    return admission;
  }

  #remember(callSid: string, outcome: CallOutcome): void {
    this.#outcomes.delete(callSid);
    this.#outcomes.set(callSid, outcome);
    if (this.#outcomes.size <= OUTCOMES) return;
    const [oldest] = this.#outcomes.keys();
    if (oldest !== undefined) this.#outcomes.delete(oldest);
  }
}
