/**
 * The books of calls in a store: where each call stands, which places are taken, which instances live. Every change is
 * one commit that fails if what it rests on has changed meanwhile, and is then tried anew; so instances that share the
 * store agree to the call.
 *
 * @module
 */

import type { StoreChange, StoreCheck } from "../store/store.ts";
import { AdmissionBatches } from "./admission_batches.ts";
import {
  callKey,
  instanceKey,
  readSlots,
  setCall,
  setLease,
  setSlot,
  type SharedBooksParts,
  slotKey,
} from "./book_pages.ts";
import { readCallEntry, readSlotUse } from "./book_values.ts";
import type { Admission, AdmissionRequest, Books, CallStep } from "./books.ts";
import type { CallEntry } from "./call_entry.ts";
import { isTaken } from "./slots.ts";

/** How long a call that came apart keeps its place. */
const LOST_MS = 60_000;
/** Others may be faster so many times in a row. */
const MOST_TRIES = 100;

/** The books of calls in one store. */
export class SharedBooks implements Books {
  readonly #parts: SharedBooksParts;
  readonly #batches: AdmissionBatches;
  #others = 0;

  /** Opens the books. */
  constructor(parts: SharedBooksParts) {
    this.#parts = parts;
    this.#batches = new AdmissionBatches(parts);
  }

  /** How many places other instances had when it was last looked. */
  get others(): number {
    return this.#others;
  }

  /**
   * Lets a call in if there is room for it and it was not known.
   *
   * @throws {StoreError} If the store does not answer
   */
  admit(request: AdmissionRequest): Promise<Admission> {
    return this.#batches.admit(request);
  }

  /**
   * Changes where a call stands, and with it the use of its place.
   *
   * @throws {StoreError} If the store does not answer
   */
  async change(callSid: string, step: CallStep): Promise<CallEntry | undefined> {
    const { store, nowMs } = this.#parts;
    const key = callKey(callSid);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const found = await store.get(key);
      const next = step(readCallEntry(found?.value), nowMs());
      if (!next) return undefined;
      const place = await this.#placeOf(callSid, next);
      const checks = [{ key, version: found?.version }, ...place.checks];
      if (await store.commit([setCall(callSid, next), ...place.changes], checks)) return next;
    }
    throw new Error("Cannot change call: others were always faster");
  }

  /**
   * A sign of life, and order among the places of this instance: those of calls that are over are given back.
   *
   * @param isAlive Whether a call of this instance still goes on
   * @throws {StoreError} If the store does not answer
   */
  async beat(isAlive: (callSid: string) => boolean): Promise<true> {
    const { store, instance, nowMs } = this.#parts;
    await store.commit([setLease(instance, nowMs())]);
    const pages = await readSlots(this.#parts);
    this.#others = 0;
    for (const [slot, use] of pages.uses) {
      if (use.instance !== instance && isTaken(use, pages)) this.#others++;
      const isOurs = use.instance === instance && use.untilMs === undefined;
      if (!isOurs || isAlive(use.callSid)) continue;
      const key = slotKey(slot);
      await store.commit([{ type: "delete", key }], [{ key, version: pages.versions.get(slot) }]);
    }
    return true;
  }

  /** This instance serves no calls any more. @throws {StoreError} If the store does not answer */
  leave(): Promise<boolean> {
    const key = instanceKey(this.#parts.instance);
    return this.#parts.store.commit([{ type: "delete", key }]);
  }

  /** What the place of a call is now: given back at its end, taken over by whoever serves it. */
  async #placeOf(
    callSid: string,
    entry: CallEntry,
  ): Promise<{ changes: StoreChange[]; checks: StoreCheck[] }> {
    const { store, instance, nowMs } = this.#parts;
    const { slot, phase, caller } = entry;
    if (slot === undefined) return { changes: [], checks: [] };
    const key = slotKey(slot);
    const found = await store.get(key);
    const use = readSlotUse(found?.value);
    const checks = [{ key, version: found?.version }];
    const isOurs = use?.callSid === callSid;
    if (phase === "over") {
      return isOurs ? { changes: [{ type: "delete", key }], checks } : { changes: [], checks: [] };
    }
    // Somebody else has it by now: a caller who is in the middle of a call is not sent away for that.
    if (use && !isOurs && isTaken(use, await readSlots(this.#parts))) {
      return { changes: [], checks: [] };
    }
    const untilMs = phase === "running" ? undefined : entry.untilMs ?? nowMs() + LOST_MS;
    // Whoever's call was lost may be calling anew: it keeps its place, and does not count as one more of theirs.
    const counted = phase === "lost" ? "" : caller;
    const changes = [setSlot(slot, { callSid, caller: counted, instance, untilMs })];
    // The place of a running call counts as long as its instance lives.
    if (phase === "running") changes.push(setLease(instance, nowMs()));
    return { changes, checks };
  }
}
