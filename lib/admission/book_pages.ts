/**
 * How the shared books lie in a store.
 *
 * | key                              | value                                                    |
 * | -------------------------------- | -------------------------------------------------------- |
 * | `admission`, `call`, CallSid     | a {@linkcode CallEntry}, kept for a day                  |
 * | `admission`, `slot`, number      | a {@linkcode SlotUse}                                    |
 * | `admission`, `caller`, who calls | which call of theirs was let in last: one after another  |
 * | `admission`, `instance`, name    | until when it is known to live                           |
 *
 * @module
 */

import type { Store, StoreChange, StoreKey } from "../store/store.ts";
import { readLease, readSlotUse } from "./book_values.ts";
import type { CallEntry } from "./call_entry.ts";
import type { CallNumbers, SlotTable, SlotUse } from "./slots.ts";

/** What shared books need. */
export interface SharedBooksParts {
  /** Where they are. */
  readonly store: Store;
  /** The time that is written into them: the same for all who share them. */
  readonly nowMs: () => number;
  /** A number from 0 to below 1. */
  readonly chance: () => number;
  /** Name of this instance. */
  readonly instance: string;
  /** How many calls there may be at once. */
  readonly numbers: CallNumbers;
  /** How long an admitted call may take to open its stream. */
  readonly admissionMs: number;
}

/** All places, and the versions that a change of one rests on. */
export type SlotPages = SlotTable & { readonly versions: ReadonlyMap<number, string> };

/** How long an instance counts as alive after its last sign of life. */
const LEASE_MS = 60_000;
/** How long it is known how a call stands. */
const KEPT_MS = 86_400_000;
/** As many places as there can be. */
const MOST_PLACES = 10_000;

/** Where the entry of a call is. */
export function callKey(callSid: string): StoreKey {
  return ["admission", "call", callSid];
}

/** Where the use of a place is; without a number, below which they are. */
export function slotKey(...slot: [number] | []): StoreKey {
  return ["admission", "slot", ...slot];
}

/** Where it is known which call of a caller was let in last. */
export function callerKey(caller: string): StoreKey {
  return ["admission", "caller", caller.slice(0, 100)];
}

/** Where the lease of an instance is; without a name, below which they are. */
export function instanceKey(...instance: [string] | []): StoreKey {
  return ["admission", "instance", ...instance];
}

/** Writes where a call stands. */
export function setCall(callSid: string, value: CallEntry): StoreChange {
  return { type: "set", key: callKey(callSid), value, expireInMs: KEPT_MS };
}

/** Writes who has a place. */
export function setSlot(slot: number, value: SlotUse): StoreChange {
  return { type: "set", key: slotKey(slot), value, expireInMs: KEPT_MS };
}

/** Writes which call of a caller was let in last. */
export function setCaller(caller: string, callSid: string): StoreChange {
  return { type: "set", key: callerKey(caller), value: { callSid }, expireInMs: LEASE_MS };
}

/** Writes that an instance lives. */
export function setLease(instance: string, nowMs: number): StoreChange {
  const value = { untilMs: nowMs + LEASE_MS };
  return { type: "set", key: instanceKey(instance), value, expireInMs: 2 * LEASE_MS };
}

/**
 * Reads all places.
 *
 * @throws {StoreError} If the store does not answer
 */
export async function readSlots({ store, nowMs }: SharedBooksParts): Promise<SlotPages> {
  const [instances, slots] = await Promise.all([
    store.list(instanceKey(), { limit: MOST_PLACES }),
    store.list(slotKey(), { limit: MOST_PLACES }),
  ]);
  const leases = new Map(
    instances.map(({ key, value }) => [String(key.at(-1)), readLease(value) ?? 0] as const),
  );
  const uses = new Map<number, SlotUse>();
  const versions = new Map<number, string>();
  for (const { key, value, version } of slots) {
    const slot = Number(key.at(-1));
    const use = readSlotUse(value);
    versions.set(slot, version);
    if (use) uses.set(slot, use);
  }
  return { uses, leases, versions, nowMs: nowMs() };
}
