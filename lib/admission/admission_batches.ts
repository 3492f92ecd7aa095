/**
 * Lets calls in by the shared books: those that ask while others are being let in wait, and are let in together. So a
 * hundred calls at once cost a few looks at the books, and instances seldom get in each other's way.
 *
 * @module
 */

import type { StoreChange, StoreCheck } from "../store/store.ts";
import {
  callerKey,
  callKey,
  readSlots,
  setCall,
  setCaller,
  setSlot,
  type SharedBooksParts,
  slotKey,
  type SlotPages,
} from "./book_pages.ts";
import { readCallEntry } from "./book_values.ts";
import type { Admission, AdmissionRequest } from "./books.ts";
import { type CallEntry, phaseOf } from "./call_entry.ts";
import { findSlot } from "./slots.ts";

/** A call that waits. */
interface Waiting {
  readonly request: AdmissionRequest;
  readonly settled: PromiseWithResolvers<Admission>;
}

/** What is known of one call before it is decided. */
interface Known {
  readonly entry: CallEntry | undefined;
  readonly checks: readonly StoreCheck[];
}

/** Calls of one commit: each rests on three things, and a commit may rest on a hundred. */
const MOST_TOGETHER = 30;
/** Others may be faster so many times in a row. */
const MOST_TRIES = 100;

/** Lets calls in, some at a time. */
export class AdmissionBatches {
  readonly #parts: SharedBooksParts;
  readonly #waiting: Waiting[] = [];
  #isBusy = false;

  /** Nobody waits yet. */
  constructor(parts: SharedBooksParts) {
    this.#parts = parts;
  }

  /**
   * Lets a call in if there is room for it and it was not known.
   *
   * @throws {StoreError} If the store does not answer
   */
  admit(request: AdmissionRequest): Promise<Admission> {
    const settled = Promise.withResolvers<Admission>();
    this.#waiting.push({ request, settled });
    if (!this.#isBusy) this.#work();
    return settled.promise;
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MOST_TOGETHER);
      try {
        const admissions = await this.#decide(batch.map(({ request }) => request));
        for (const [n, { settled }] of batch.entries()) {
          settled.resolve(admissions[n] ?? { type: "turned-away", reason: "full" });
        }
      } catch (error) {
        for (const { settled } of batch) settled.reject(error);
      }
    }
    this.#isBusy = false;
  }

  async #decide(requests: readonly AdmissionRequest[]): Promise<readonly Admission[]> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      // What each rests on is read before the places: whoever changes it later makes the commit fail.
      const known = await Promise.all(requests.map((request) => this.#read(request)));
      const pages = await readSlots(this.#parts);
      const { admissions, changes, checks } = this.#plan(requests, { known, pages });
      if (changes.length === 0) return admissions;
      if (await this.#parts.store.commit(changes, checks)) return admissions;
    }
    throw new Error("Cannot let calls in: others were always faster");
  }

  async #read({ callSid, caller }: AdmissionRequest): Promise<Known> {
    const { store } = this.#parts;
    const [call, last] = await Promise.all([
      store.get(callKey(callSid)),
      store.get(callerKey(caller)),
    ]);
    const checks = [
      { key: callKey(callSid), version: call?.version },
      { key: callerKey(caller), version: last?.version },
    ];
    return { entry: readCallEntry(call?.value), checks };
  }

  /** Decides one after the other, each on the places that those before it left. */
  #plan(
    requests: readonly AdmissionRequest[],
    { known, pages }: { known: readonly Known[]; pages: SlotPages },
  ) {
    const uses = new Map(pages.uses);
    const admitted = new Map<string, CallEntry>();
    const changes: StoreChange[] = [];
    const checks: StoreCheck[] = [];
    const admissions = requests.map((request, n): Admission => {
      const { callSid, caller } = request;
      const entry = admitted.get(callSid) ?? known[n]?.entry;
      const refusal = refusalOf(request, { entry, nowMs: pages.nowMs });
      if (refusal) return refusal;
      const { chance, numbers, instance, admissionMs } = this.#parts;
      const slot = findSlot({ ...pages, uses }, numbers, { caller, chance: chance() });
      if (typeof slot === "string") return { type: "turned-away", reason: slot };
      const untilMs = pages.nowMs + admissionMs;
      const next: CallEntry = {
        ...{ phase: "admitted", term: 1, caller, document: request.document(1), untilMs, slot },
        cameBackAtMs: [],
      };
      const use = { callSid, caller, instance, untilMs };
      uses.set(slot, use);
      admitted.set(callSid, next);
      changes.push(setCall(callSid, next), setSlot(slot, use), setCaller(caller, callSid));
      const version = pages.versions.get(slot);
      checks.push(...known[n]?.checks ?? [], { key: slotKey(slot), version });
      return { type: "admitted", entry: next, isNew: true };
    });
    return { admissions, changes, checks };
  }
}

/** What a call gets without a look at the places. */
function refusalOf(
  { isOpen }: AdmissionRequest,
  { entry, nowMs }: { entry: CallEntry | undefined; nowMs: number },
): Admission | undefined {
  const phase = phaseOf(entry, nowMs);
  if (entry && phase === "admitted") return { type: "admitted", entry, isNew: false };
  if (phase !== "unknown" && phase !== "admitted") return { type: "refused", phase };
  return isOpen ? undefined : { type: "turned-away", reason: "closed" };
}
