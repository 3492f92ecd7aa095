/**
 * What is kept beyond a call and a process: small values under keys, changed together or not at all.
 *
 * @module
 */

/**
 * Names a value, from the general to the particular; at most {@linkcode MAX_KEY_BYTES}. Numbers are finite. In order,
 * strings come before numbers and a key before its longer ones.
 */
export type StoreKey = readonly (string | number)[];

/** Longest key: each string has two bytes beside its own, each number has nine. */
export const MAX_KEY_BYTES = 150;

/** Largest value, as it is serialised; larger ones go through `chunks.ts`. */
export const MAX_VALUE_BYTES = 65_536;

/** Most changes of one commit: Deno KV takes 80 KiB of keys. */
export const MAX_CHANGES = 500;

/** All changes of one commit together, keys and values: Deno KV takes 800 KiB. */
export const MAX_COMMIT_BYTES = 800_000;

/** A value that is kept. */
export interface StoreEntry {
  /** Its name. */
  readonly key: StoreKey;
  /** Plain data, as it was set: a copy. */
  readonly value: unknown;
  /** Changes whenever the value is set; for {@linkcode StoreCheck}. */
  readonly version: string;
}

/** One change. */
export type StoreChange =
  | {
    readonly type: "set";
    readonly key: StoreKey;
    /** Plain data: what `structuredClone` takes, at most {@linkcode MAX_VALUE_BYTES}. */
    readonly value: unknown;
    /**
     * After this long the value may be gone. It may also be read for a while longer: who must know the moment keeps it
     * in the value.
     */
    readonly expireInMs?: number;
  }
  | { readonly type: "delete"; readonly key: StoreKey };

/** What must still be so for a commit to happen: the value has this version, or with `undefined` there is none. */
export interface StoreCheck {
  /** Which value. */
  readonly key: StoreKey;
  /** As it was read. */
  readonly version: string | undefined;
}

/** Which entries under a prefix, and in which order. */
export interface ListOptions {
  /** At most so many; default 100. */
  readonly limit?: number;
  /** Last key first. */
  readonly isReverse?: boolean;
  /** Begin behind this key, in the order of the list: the last key of the page before. */
  readonly after?: StoreKey;
}

/** A store did not answer, or not in time. */
export class StoreError extends Error {
  /** Tells it from other errors. */
  override name = "StoreError";
  /** Why: there is one reason so far. */
  readonly kind = "unavailable";
  /** It may answer later. */
  readonly retryable = true;
}

/** A place to keep things. Every method rejects if the place cannot be reached. */
export interface Store {
  /** The value of a key, if there is one. */
  get(key: StoreKey): Promise<StoreEntry | undefined>;
  /** Entries whose keys begin with `prefix` and are longer than it, in the order of their keys. */
  list(prefix: StoreKey, options?: ListOptions): Promise<StoreEntry[]>;
  /**
   * Makes all changes at once, first to last, if every check holds.
   *
   * @returns False if a check did not hold; then nothing has changed
   * @throws {RangeError} If a key or a value, or all together, are too large
   */
  commit(changes: readonly StoreChange[], checks?: readonly StoreCheck[]): Promise<boolean>;
}

/** A store in the hand of whoever opened it. */
export interface OpenStore extends Store {
  /** Ends the use of the place; nothing may be asked any more. */
  close(): void;
}

/** Every entry under a prefix, in order, read page by page. */
export async function listAll(store: Store, prefix: StoreKey): Promise<StoreEntry[]> {
  const limit = 500;
  const all: StoreEntry[] = [];
  while (true) {
    const last = all.at(-1);
    const page = await store.list(prefix, { limit, ...(last ? { after: last.key } : {}) });
    all.push(...page);
    if (page.length < limit) return all;
  }
}
