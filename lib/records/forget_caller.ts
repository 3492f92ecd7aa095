/**
 * Takes out of the store and of memory all that is kept of a caller.
 *
 * @module
 */

import { commitInOrder } from "../store/chunks.ts";
import type { PatientStore } from "../store/patient_store.ts";
import { listAll, type Store, StoreError, type StoreKey } from "../store/store.ts";
import type { CallStore } from "./call_store.ts";
import type { Recordings } from "./recordings.ts";
import type { SnapshotStore } from "./snapshot_store.ts";

/** Where things are kept. */
export interface CallerPlaces {
  /** Everything that outlives the process. */
  readonly store: PatientStore;
  /** Records, here in memory. */
  readonly records: Pick<CallStore, "list" | "forget">;
  /** Recordings, in files. */
  readonly recordings: Pick<Recordings, "forget">;
  /** Recorded calls, in files; absent: there are none. */
  readonly flights?: { forget(callSid: string): Promise<void> } | undefined;
  /** Snapshots, here in memory. */
  readonly snapshots: Pick<SnapshotStore, "forget">;
}

/** What was deleted. */
export interface ForgottenCaller {
  /** Calls whose records and recordings are gone. */
  readonly calls: number;
  /** Calls that go on: they are not deleted. */
  readonly running: number;
  /** Agents that had remembered something of the caller. */
  readonly memories: number;
}

/** How long the store may take for one answer, and for what waits. */
const ASK_MS = 5_000;
const PAGE = 200;
/** Below these stand parts of a call. */
const PARTS = ["said", "turn", "moments", "sound", "snapshot"] as const;

/**
 * Forgets a caller, whoever dialled.
 *
 * @param number As the network says it
 * @throws {StoreError} If the store does not answer; some may be gone by then
 */
export async function forgetCaller(number: string, places: CallerPlaces): Promise<ForgottenCaller> {
  const store = places.store.within(ASK_MS);
  if (!await places.store.flush(ASK_MS)) throw new StoreError("Cannot forget: the store is away");
  const calls: StoreKey[] = [];
  let running = 0;
  let after: string | undefined;
  do {
    const page = await places.records.list({ limit: PAGE, ...(after ? { after } : {}) });
    if (page.isPartial) throw new StoreError("Cannot forget: the store is away");
    for (const { callSid, from, to, ending, answeredEpochMs } of page.calls) {
      if (from !== number && to !== number) continue;
      if (ending === undefined) running++;
      else calls.push(["call", answeredEpochMs, callSid]);
    }
    after = page.next;
  } while (after !== undefined);
  for (const head of calls) await forgetCall(head, { ...places, store });
  const [memories, rates] = await Promise.all(
    ["memory", "rate"].map((kind) => namesOf(store, { kind, number })),
  );
  const keys = [memories, rates].flatMap((names = []) => names);
  await commitInOrder(store, keys.map((key) => ({ type: "delete", key })));
  return { calls: calls.length, running, memories: memories?.length ?? 0 };
}

/** Names of what agents keep by caller. */
async function namesOf(
  store: Store,
  { kind, number }: { kind: string; number: string },
): Promise<StoreKey[]> {
  const entries = await listAll(store, [kind]);
  return entries.map(({ key }) => key).filter((key) => key[2] === number);
}

/** The head goes last: a call that is half gone can be found again. */
async function forgetCall(
  head: StoreKey,
  { store, records, recordings, flights, snapshots }: Omit<CallerPlaces, "store"> & {
    readonly store: Store;
  },
): Promise<void> {
  const callSid = String(head[2]);
  records.forget(callSid);
  snapshots.forget(callSid);
  await recordings.forget(callSid);
  await flights?.forget(callSid);
  const lists = await Promise.all(PARTS.map((part) => namesBelow(store, [part, callSid])));
  const keys = [...lists.flat(), ["call-time", callSid], head];
  await commitInOrder(store, keys.map((key) => ({ type: "delete", key })));
}

/** The names of all that stands below one, without holding it all at once. */
async function namesBelow(store: Store, prefix: StoreKey): Promise<StoreKey[]> {
  const limit = 50;
  const names: StoreKey[] = [];
  while (true) {
    const after = names.at(-1);
    const page = await store.list(prefix, { limit, ...(after ? { after } : {}) });
    names.push(...page.map(({ key }) => key));
    if (page.length < limit) return names;
  }
}
