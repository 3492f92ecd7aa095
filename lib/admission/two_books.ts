/**
 * The books of all instances, and those of this one. The shared ones count; what they say is noted in the own ones too,
 * and these count while the shared ones do not answer. What was noted only there is made up for at the next beat.
 *
 * @module
 */

import { type Clock, type Timer, within } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import type { Admission, AdmissionRequest, CallStep } from "./books.ts";
import { type CallEntry, isFurther, over } from "./call_entry.ts";
import { OwnBooks } from "./own_books.ts";
import { SharedBooks } from "./shared_books.ts";
import type { CallNumbers } from "./slots.ts";

/** What two books need. */
export interface TwoBooksParts {
  /** Whose time counts. */
  readonly clock: Clock;
  /** Names this instance, and chooses places. */
  readonly ids: Ids;
  /** Where it is told that the shared books do not answer. */
  readonly log: Log;
  /** How many calls there may be at once. */
  readonly numbers: CallNumbers;
  /** What is shared with other instances; absent: nothing. */
  readonly store?: Store | undefined;
  /** How long an admitted call may take to open its stream. */
  readonly admissionMs: number;
  /** Whether a call runs on this instance. */
  readonly isAlive: (callSid: string) => boolean;
}

/** So long a request waits for the shared books: Twilio's webhook is to be answered within a second. */
const PATIENCE_MS = 800;
/** How often this instance gives a sign of life. */
const BEAT_MS = 5_000;

/** Both books of an instance. */
export class TwoBooks {
  readonly #parts: TwoBooksParts;
  readonly #own: OwnBooks;
  readonly #shared: SharedBooks | undefined;
  /** Calls of which the shared books do not know all. */
  readonly #untold = new Set<string>();
  /** Calls whose stream did not come in time. */
  readonly #lapsed = new Set<string>();
  #beating: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;
  #isClosed = false;
  #isReached = true;

  /** Opens the books; with shared ones this instance gives signs of life until they are closed. */
  constructor(parts: TwoBooksParts) {
    const { clock, ids, store } = parts;
    this.#parts = parts;
    this.#own = new OwnBooks({
      ...parts,
      nowMs: () => clock.nowMs(),
      others: () => this.#shared?.others ?? 0,
    });
    if (!store) return;
    this.#shared = new SharedBooks({
      ...parts,
      store,
      instance: ids.next(),
      chance: () => parseInt(ids.next().slice(0, 8), 16) / 2 ** 32,
      nowMs: () => clock.epochMs(),
    });
    this.#beat(this.#shared);
  }

  /** Lets a call in if there is room for it and it was not known. */
  async admit(request: AdmissionRequest): Promise<Admission> {
    const { callSid } = request;
    const answer = await this.#reach((books) => books.admit(request));
    if (!answer) return await this.#alone(callSid).admit(request);
    if (answer.type === "admitted") this.#note(callSid, answer.entry);
    return answer;
  }

  /** Changes where a call stands; gives the new value, or nothing if it stays as it is. */
  async change(callSid: string, step: CallStep): Promise<CallEntry | undefined> {
    const answer = await this.#reach(async (books) => ({
      entry: await books.change(callSid, step),
    }));
    if (!answer) return await this.#alone(callSid).change(callSid, step);
    if (answer.entry) this.#note(callSid, answer.entry);
    return answer.entry;
  }

  /** The stream of a call that was let in here did not come in time, and may not come elsewhere. */
  lapse(callSid: string): void {
    const entry = this.#own.entry(callSid);
    if (entry) this.#own.put(callSid, lapsed(entry) ?? entry);
    if (this.#shared) this.#lapsed.add(callSid);
  }

  /** No more signs of life: other instances need not wait until this one counts as dead. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#beating;
    await this.#reach((books) => books.leave());
  }

  /** What the shared books answer in time; nothing if they do not. */
  async #reach<T extends object | boolean>(
    ask: (books: SharedBooks) => Promise<T>,
  ): Promise<T | undefined> {
    const { clock, log } = this.#parts;
    if (!this.#shared) return undefined;
    try {
      const answer = await within(ask(this.#shared), { clock, ms: PATIENCE_MS });
      if (answer === undefined) throw new Error("Cannot read the shared books in time");
      this.#isReached = true;
      return answer;
    } catch (error) {
      if (this.#isReached) log.warn("shared-books-not-reached", { error });
      this.#isReached = false;
      return undefined;
    }
  }

  #alone(callSid: string): OwnBooks {
    if (this.#shared) this.#untold.add(callSid);
    return this.#own;
  }

  #note(callSid: string, entry: CallEntry): void {
    const { clock } = this.#parts;
    this.#own.put(callSid, timed(entry, clock.nowMs() - clock.epochMs()));
  }

  #beat(books: SharedBooks): void {
    const { clock } = this.#parts;
    this.#beating = this.#tell(books).then(() => {
      if (this.#isClosed) return;
      this.#timer = clock.at(clock.nowMs() + BEAT_MS, () => this.#beat(books));
    });
  }

  /** Gives a sign of life, and makes up for what the shared books do not know. */
  async #tell(books: SharedBooks): Promise<void> {
    const { isAlive, clock } = this.#parts;
    if (!await this.#reach(() => books.beat(isAlive))) return;
    for (const callSid of this.#lapsed) {
      if (!await this.#step(callSid, lapsed)) return;
      this.#lapsed.delete(callSid);
    }
    for (const callSid of this.#untold) {
      const own = this.#own.entry(callSid);
      const told = own && timed(own, clock.epochMs() - clock.nowMs());
      const isNews = (known: CallEntry | undefined) => told && (!known || isFurther(told, known));
      if (!await this.#step(callSid, (known) => isNews(known) ? told : undefined)) return;
      this.#untold.delete(callSid);
    }
  }

  /** Changes a call in the shared books; gives whether they answered. */
  async #step(callSid: string, step: CallStep): Promise<boolean> {
    const change = async (books: SharedBooks) => ({ entry: await books.change(callSid, step) });
    return await this.#reach(change) !== undefined;
  }
}

/** An admission that has run out; whoever has begun meanwhile is left alone. */
function lapsed(entry: CallEntry | undefined): CallEntry | undefined {
  return entry?.phase === "admitted" ? over(entry) : undefined;
}

/** An entry by another clock. */
function timed(entry: CallEntry, shiftMs: number): CallEntry {
  const { untilMs, cameBackAtMs } = entry;
  return {
    ...entry,
    untilMs: untilMs === undefined ? undefined : untilMs + shiftMs,
    cameBackAtMs: cameBackAtMs.map((atMs) => atMs + shiftMs),
  };
}
