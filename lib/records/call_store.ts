/**
 * What is kept of calls, in the store: written as a call goes, so that it outlives the call and the process.
 *
 * A record lies in parts. Its head, all but what was said and happened, stands under the time of the call, so that heads
 * are listed by age. Each entry of the transcript and each turn stands by itself, moments stand some together, and only
 * those that have changed are written. The head comes last and says how many they are.
 *
 * A call whose process died has a head without an end. Whoever reads such a head of a process that gives no sign of
 * life closes it as `lost`. If that was wrong, the next save of the call mends it.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { changesForLarge, listLarge } from "../store/chunks.ts";
import type { PatientStore } from "../store/patient_store.ts";
import {
  type Store,
  type StoreChange,
  type StoreEntry,
  StoreError,
  type StoreKey,
} from "../store/store.ts";
import { type CallDelays, delaysOf } from "./call_delays.ts";
import type { CallMoment, CallRecord, TranscriptEntry, TurnLatency } from "./call_record.ts";
import { LifeSign } from "./life_sign.ts";

/** How long a reader waits for the store. */
const READ_MS = 1_000;
/** How long a record is kept. */
const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;
/** Calls that can be read while the store is away, beside those that go on. */
const RECENT_CALLS = 200;

/** Moments that stand together. */
const MOMENTS_TOGETHER = 50;

/** A record without what was said and happened: what lists show. */
export type CallSummary = Omit<CallRecord, "transcript" | "turns" | "moments">;

/** A call in a list. */
export interface ListedCall extends CallSummary {
  /** How long the caller waited; absent in what older versions wrote. */
  readonly delays?: CallDelays;
}

/** Some calls, newest first. */
export interface CallPage {
  /** The calls. */
  readonly calls: readonly ListedCall[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
  /** The store did not answer: these are the latest calls of this process alone. */
  readonly isPartial?: true;
}

/** What a call store needs. */
export interface CallStoreParts {
  /** Where records are kept. */
  readonly store: PatientStore;
  /** Stamps, and waits. */
  readonly clock: Clock;
  /** Names this process; no other has ever had that name. */
  readonly instance: string;
  /** How long records are kept, counted from the answer; 30 days unless given. */
  readonly keptMs?: number;
}

/** What stands under the time of a call. */
interface Head {
  readonly summary: CallSummary;
  readonly said: number;
  readonly turns: number;
  /** What lists show beside the summary. */
  readonly delays?: CallDelays;
  /** How many parts with moments; none in what older versions wrote. */
  readonly moments?: number;
  /** Who wrote it. */
  readonly instance: string;
  readonly savedEpochMs: number;
}

/** A call as this process saved it last. */
interface SavedCall {
  readonly record: CallRecord;
  /** What each part looked like; emptied when the call is over. */
  readonly written: Map<string, string>;
  readonly saves: number;
}

/** Keeps the records of calls, and finds them again. */
export class CallStore {
  readonly #parts: CallStoreParts;
  readonly #sign: LifeSign;
  readonly #saved = new Map<string, SavedCall>();

  /** Finds what any process keeps in the store. */
  constructor(parts: CallStoreParts) {
    this.#parts = parts;
    this.#sign = new LifeSign(parts);
  }

  /** Keeps a record in place of what was known of the call. Returns at once; the store gets it when it can. */
  save(record: CallRecord): void {
    const { transcript, turns, moments = [], ...summary } = record;
    const { written = new Map<string, string>(), saves = 0 } = this.#saved.get(record.callSid) ??
      {};
    const expireInMs = this.#expireInMs(summary);
    const changes: StoreChange[] = [];
    const keepPart = (kind: "said" | "turn" | "moments", index: number, value: unknown): void => {
      const key = [kind, record.callSid, index];
      const text = JSON.stringify(value);
      if (written.get(`${kind} ${index}`) === text) return;
      written.set(`${kind} ${index}`, text);
      changes.push(...changesForLarge(key, value, { writing: saves, expireInMs }));
    };
    transcript.forEach((entry, index) => keepPart("said", index, entry));
    turns.forEach((turn, index) => keepPart("turn", index, turn));
    const momentParts = Math.ceil(moments.length / MOMENTS_TOGETHER);
    for (let part = 0; part < momentParts; part++) {
      const from = part * MOMENTS_TOGETHER;
      keepPart("moments", part, moments.slice(from, from + MOMENTS_TOGETHER));
    }
    const head: Head = {
      summary,
      said: transcript.length,
      turns: turns.length,
      delays: delaysOf(turns),
      moments: momentParts,
      instance: this.#parts.instance,
      savedEpochMs: this.#parts.clock.epochMs(),
    };
    const time = summary.answeredEpochMs;
    changes.push(
      { type: "set", key: ["call-time", record.callSid], value: time, expireInMs },
      { type: "set", key: headKey(summary), value: head, expireInMs },
    );
    this.#remember({ record, written, saves: saves + 1 });
    this.#sign.giveWhile(() => this.#hasCalls);
    this.#parts.store.write(changes);
  }

  /** The record of a call, if it is still kept; while the store is away, if this process kept it lately. */
  async get(callSid: string): Promise<CallRecord | undefined> {
    if (!/^\w{1,64}$/.test(callSid)) return undefined;
    return await this.#reading(async (store) => {
      const time = await store.get(["call-time", callSid]);
      const entry = time && await store.get(["call", Number(time.value), callSid]);
      if (!entry) return undefined;
      const { said, turns, moments = 0 } = entry.value as Head;
      const happened = await partsOf<CallMoment[]>(store, ["moments", callSid], moments);
      return {
        ...await this.#closedIfLost(entry, store),
        transcript: await partsOf<TranscriptEntry>(store, ["said", callSid], said),
        turns: await partsOf<TurnLatency>(store, ["turn", callSid], turns),
        ...(happened.length > 0 ? { moments: happened.flat() } : {}),
      };
    }, () => this.#saved.get(callSid)?.record);
  }

  /**
   * Calls, newest first.
   *
   * @param options At most `limit` of them, from where the page before says that the `next` begins
   * @throws {RangeError} If no page says so
   */
  async list(options: { limit: number; after?: string }): Promise<CallPage> {
    const { limit } = options;
    const after = options.after === undefined ? undefined : keyOfCursor(options.after);
    return await this.#reading(async (store) => {
      const range = { limit: limit + 1, isReverse: true, ...(after ? { after } : {}) };
      const entries = await store.list(["call"], range);
      const calls: ListedCall[] = [];
      for (const entry of entries.slice(0, limit)) {
        const { delays } = entry.value as Head;
        const summary = await this.#closedIfLost(entry, store);
        calls.push({ ...summary, ...(delays ? { delays } : {}) });
      }
      return pageOf(calls, entries.length > limit);
    }, () => ({ ...this.#recentPage(limit, after), isPartial: true }));
  }

  /** Forgets a call here; what the store has of it is not touched. */
  forget(callSid: string): void {
    this.#saved.delete(callSid);
  }

  /** Ends what this process does by itself. Records that wait for the store are not waited for. */
  close(): void {
    this.#sign.close();
  }

  get #hasCalls(): boolean {
    return this.#saved.values().some(({ record }) => record.ending === undefined);
  }

  /** What the store says, once it has all that was saved here; `otherwise` if it does not answer. */
  async #reading<T>(read: (store: Store) => Promise<T>, otherwise: () => T): Promise<T> {
    const { store } = this.#parts;
    try {
      return await store.flush(READ_MS) ? await read(store.within(READ_MS)) : otherwise();
    } catch (error) {
      if (error instanceof StoreError) return otherwise();
      throw error;
    }
  }

  /** The summary of a call, which has an end if its process is dead. */
  async #closedIfLost({ key, value, version }: StoreEntry, store: Store): Promise<CallSummary> {
    const head = value as Head;
    const { summary, savedEpochMs } = head;
    if (summary.ending !== undefined || await this.#sign.isAlive(head.instance, store)) {
      return summary;
    }
    const durationMs = Math.max(0, savedEpochMs - summary.answeredEpochMs);
    const lost: CallSummary = { ...summary, durationMs, ending: "lost" };
    const closed: Head = { ...head, summary: lost };
    const expireInMs = this.#expireInMs(summary);
    const isClosed = await store.commit(
      [{ type: "set", key, value: closed, expireInMs }],
      [{ key, version }],
    );
    return isClosed ? lost : summary;
  }

  /** All parts of a record go at the same time. */
  #expireInMs({ answeredEpochMs, keepDays }: CallSummary): number {
    const { clock } = this.#parts;
    const keptMs = keepDays === undefined ? this.#parts.keptMs ?? KEPT_MS : keepDays * DAY_MS;
    return Math.max(1, answeredEpochMs + keptMs - clock.epochMs());
  }

  #remember(call: SavedCall): void {
    const { callSid, ending } = call.record;
    if (ending !== undefined) call.written.clear();
    this.#saved.set(callSid, call);
    if (this.#saved.size <= RECENT_CALLS) return;
    for (const [name, { record }] of this.#saved) {
      if (record.ending === undefined) continue;
      this.#saved.delete(name);
      return;
    }
  }

  #recentPage(limit: number, after: readonly [string, number, string] | undefined): CallPage {
    const calls = [...this.#saved.values()]
      .map(({ record: { transcript: _words, turns, moments: _moments, ...summary } }) => ({
        ...summary,
        delays: delaysOf(turns),
      }))
      .toSorted((a, b) => isBefore(a, headKey(b)) ? 1 : -1)
      .filter((summary) => !after || isBefore(summary, after));
    return pageOf(calls.slice(0, limit), calls.length > limit);
  }
}

function headKey({ answeredEpochMs, callSid }: CallSummary): readonly [string, number, string] {
  return ["call", answeredEpochMs, callSid];
}

function isBefore(
  { answeredEpochMs, callSid }: CallSummary,
  [, epochMs, name]: readonly [string, number, string],
): boolean {
  return answeredEpochMs === epochMs ? callSid < name : answeredEpochMs < epochMs;
}

function pageOf(calls: readonly ListedCall[], hasMore: boolean): CallPage {
  const last = calls.at(-1);
  return hasMore && last ? { calls, next: `${last.answeredEpochMs}.${last.callSid}` } : { calls };
}

function keyOfCursor(cursor: string): readonly [string, number, string] {
  const [, epochMs, callSid] = /^(\d{1,15})\.(\w{1,64})$/.exec(cursor) ?? [];
  if (callSid === undefined) throw new RangeError("Cannot list calls: this is no place to begin");
  return ["call", Number(epochMs), callSid];
}

/** The first parts of a kind, in order; those that the store never got are left out. */
async function partsOf<T>(store: Store, prefix: StoreKey, count: number): Promise<T[]> {
  const parts = await listLarge(store, prefix);
  return parts.filter(({ key }) => Number(key[2]) < count).map(({ value }) => value as T);
}
