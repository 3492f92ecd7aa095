/**
 * A store in Deno KV: a file, the KV of Deno Deploy, or a `denokv` server.
 *
 * @module
 */

import { checkSizes } from "./change_size.ts";
import type {
  ListOptions,
  OpenStore,
  StoreChange,
  StoreCheck,
  StoreEntry,
  StoreKey,
} from "./store.ts";

/** The contract of {@linkcode OpenStore} over a database that was opened elsewhere. */
export class KvStore implements OpenStore {
  readonly #kv: Deno.Kv;

  /** Owns `kv` from now on. */
  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  async get(key: StoreKey): Promise<StoreEntry | undefined> {
    const { value, versionstamp } = await this.#kv.get(key);
    return versionstamp === null ? undefined : { key, value, version: versionstamp };
  }

  async list(prefix: StoreKey, options: ListOptions = {}): Promise<StoreEntry[]> {
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

  async commit(
    changes: readonly StoreChange[],
    checks: readonly StoreCheck[] = [],
  ): Promise<boolean> {
    checkSizes(changes);
    const commit = this.#kv.atomic();
    for (const { key, version } of checks) commit.check({ key, versionstamp: version ?? null });
    for (const change of changes) {
      if (change.type === "delete") commit.delete(change.key);
      else if (change.expireInMs === undefined) commit.set(change.key, change.value);
      else commit.set(change.key, change.value, { expireIn: Math.ceil(change.expireInMs) });
    }
    return (await commit.commit()).ok;
  }

  close(): void {
    this.#kv.close();
  }
}

function isSame(a: StoreKey, b: StoreKey | undefined): boolean {
  return a.length === b?.length && a.every((part, at) => part === b[at]);
}
