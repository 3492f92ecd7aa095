/**
 * A store in Deno KV: a file, the KV of Deno Deploy, or a `denokv` server.
 *
 * @module
 */

import { type Clock, sleep } from "../clock.ts";
import { checkSizes } from "./change_size.ts";
import type {
  ListOptions,
  OpenStore,
  StoreChange,
  StoreCheck,
  StoreEntry,
  StoreKey,
} from "./store.ts";

/** Tries before a locked file is a failure: about 2 s of them. */
const LOCKED_TRIES = 110;
/** Longest pause between two of them; the first ones are shorter. */
const LOCKED_PAUSE_MS = 20;

/** The contract of {@linkcode OpenStore} over a database that was opened elsewhere. */
export class KvStore implements OpenStore {
  readonly #kv: Deno.Kv;
  readonly #clock: Clock;

  /** Owns `kv` from now on. */
  constructor(kv: Deno.Kv, options: { clock: Clock }) {
    this.#kv = kv;
    this.#clock = options.clock;
  }

  async get(key: StoreKey): Promise<StoreEntry | undefined> {
    const { value, versionstamp } = await this.#unlocked(() => this.#kv.get(key));
    return versionstamp === null ? undefined : { key, value, version: versionstamp };
  }

  list(prefix: StoreKey, options: ListOptions = {}): Promise<StoreEntry[]> {
    return this.#unlocked(() => this.#list(prefix, options));
  }

  async commit(
    changes: readonly StoreChange[],
    checks: readonly StoreCheck[] = [],
  ): Promise<boolean> {
    checkSizes(changes);
    return await this.#unlocked(() => this.#commit(changes, checks));
  }

  close(): void {
    this.#kv.close();
  }

  async #list(prefix: StoreKey, options: ListOptions): Promise<StoreEntry[]> {
    const { limit = 100, isReverse = false, after } = options;
    // The end of a range is not in it, its start is: that one is asked for too and left out.
    const extra = after && !isReverse ? 1 : 0;
    const range = after
      ? (isReverse ? { prefix, end: after } : { prefix, start: after })
      : { prefix };
    const found: StoreEntry[] = [];
    for await (const entry of this.#kv.list(range, { limit: limit + extra, reverse: isReverse })) {
      const key = entry.key as StoreKey;
      if (extra && found.length === 0 && isSame(key, after)) continue;
      found.push({ key, value: entry.value, version: entry.versionstamp });
    }
    return found.slice(0, limit);
  }

  async #commit(
    changes: readonly StoreChange[],
    checks: readonly StoreCheck[],
  ): Promise<boolean> {
    const commit = this.#kv.atomic();
    for (const { key, version } of checks) commit.check({ key, versionstamp: version ?? null });
    for (const change of changes) {
      if (change.type === "delete") commit.delete(change.key);
      else if (change.expireInMs === undefined) commit.set(change.key, change.value);
      else commit.set(change.key, change.value, { expireIn: Math.ceil(change.expireInMs) });
    }
    return (await commit.commit()).ok;
  }

  /** What `ask` gives. Two processes at one file find it locked now and then, which changes nothing in it. */
  async #unlocked<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 1;; tries++) {
      try {
        return await ask();
      } catch (error) {
        if (!isLocked(error) || tries === LOCKED_TRIES) throw error;
        await sleep(this.#clock, Math.min(tries, LOCKED_PAUSE_MS));
      }
    }
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && error.message === "database is locked";
}

function isSame(a: StoreKey, b: StoreKey | undefined): boolean {
  return a.length === b?.length && a.every((part, at) => part === b[at]);
}
