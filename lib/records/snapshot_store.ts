/**
 * The latest snapshot of each call: in memory for this instance, and in the store for the others.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { PatientStore } from "../store/patient_store.ts";
import type { StoreEntry } from "../store/store.ts";
import { type CallSnapshot, SNAPSHOT_FORMAT } from "./call_snapshot.ts";

/** A caller who has not come back by then does not. */
const KEPT_MS = 300_000;
/** How long a caller who is back waits for the store. */
const READ_MS = 500;

const SNAPSHOT = "snapshot";

/** Keeps snapshots and finds them again. */
export class SnapshotStore {
  readonly #store: PatientStore | undefined;
  readonly #clock: Clock;
  /** Those of this instance, the oldest first. */
  readonly #own = new Map<string, { snapshot: CallSnapshot; untilMs: number }>();

  /** Keeps them in memory alone without a store. */
  constructor(options: { store?: PatientStore | undefined; clock: Clock }) {
    this.#store = options.store;
    this.#clock = options.clock;
  }

  /** Whether another instance could read what is saved now. */
  get isShared(): boolean {
    return this.#store?.isUp ?? false;
  }

  /** Whether there is a store that does not answer, and may know more. */
  get isAway(): boolean {
    return this.#store !== undefined && !this.#store.isUp;
  }

  /** Keeps a snapshot in place of the last one of its call and term. Never throws. */
  save(snapshot: CallSnapshot): void {
    const { callSid } = snapshot.record;
    this.#own.delete(callSid);
    this.#own.set(callSid, { snapshot, untilMs: this.#clock.nowMs() + KEPT_MS });
    this.#forgetOld();
    const key = [SNAPSHOT, callSid, snapshot.term];
    this.#store?.write([{ type: "set", key, value: snapshot, expireInMs: KEPT_MS }]);
  }

  /**
   * The latest snapshot of a call that may still go on.
   *
   * How old it is, is for the store to judge: wall clocks differ from instance to instance.
   *
   * @returns Nothing if there is none any more, or if the store does not say
   */
  async latest(callSid: string): Promise<CallSnapshot | undefined> {
    this.#forgetOld();
    const own = this.#own.get(callSid)?.snapshot;
    const kept = await this.#read(callSid);
    return kept && own && own.term >= kept.term ? own : kept ?? own;
  }

  /** Forgets a call here; what the store has of it is not touched. */
  forget(callSid: string): void {
    this.#own.delete(callSid);
  }

  /** Waits until all that was saved is where others can read it, or the time is up. */
  async flush(limitMs: number): Promise<void> {
    await this.#store?.flush(limitMs);
  }

  async #read(callSid: string): Promise<CallSnapshot | undefined> {
    if (!this.#store) return undefined;
    let found: StoreEntry | undefined;
    try {
      const options = { limit: 1, isReverse: true };
      [found] = await this.#store.within(READ_MS).list([SNAPSHOT, callSid], options);
    } catch {
      // The store has told that it is away; what this instance knows counts.
      return undefined;
    }
    const snapshot = found?.value as CallSnapshot | undefined;
    return snapshot?.format === SNAPSHOT_FORMAT ? snapshot : undefined;
  }

  #forgetOld(): void {
    const nowMs = this.#clock.nowMs();
    for (const [callSid, { untilMs }] of this.#own) {
      if (untilMs > nowMs) break;
      this.#own.delete(callSid);
    }
  }
}
