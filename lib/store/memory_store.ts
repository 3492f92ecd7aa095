/**
 * A store that forgets with the process.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { checkSizes } from "./change_size.ts";
import type {
  ListOptions,
  OpenStore,
  StoreChange,
  StoreCheck,
  StoreEntry,
  StoreKey,
} from "./store.ts";

interface Kept {
  readonly entry: StoreEntry;
  readonly untilMs: number;
}

/** The contract of {@linkcode OpenStore} in memory: for tests, and for where nothing need be kept. */
export class MemoryStore implements OpenStore {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  #version = 0;

  /** Starts empty; values expire by `clock`. */
  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  get(key: StoreKey): Promise<StoreEntry | undefined> {
    return Promise.resolve(copyOf(this.#read(key)));
  }

  list(prefix: StoreKey, options: ListOptions = {}): Promise<StoreEntry[]> {
    const { limit = 100, isReverse = false, after } = options;
    const sign = isReverse ? -1 : 1;
    const found: StoreEntry[] = [];
    for (const { entry } of this.#kept.values()) {
      const { key } = entry;
      if (key.length <= prefix.length || compareKeys(key.slice(0, prefix.length), prefix)) continue;
      if (after && sign * compareKeys(key, after) <= 0) continue;
      if (this.#read(key)) found.push(entry);
    }
    found.sort((a, b) => sign * compareKeys(a.key, b.key));
    return Promise.resolve(structuredClone(found.slice(0, limit)));
  }

  // deno-lint-ignore require-await -- what it throws is a rejection, as with a store that is far away
  async commit(
    changes: readonly StoreChange[],
    checks: readonly StoreCheck[] = [],
  ): Promise<boolean> {
    checkSizes(changes);
    if (checks.some(({ key, version }) => this.#read(key)?.version !== version)) return false;
    const version = String(++this.#version);
    for (const change of changes) {
      const name = JSON.stringify(change.key);
      if (change.type === "delete") {
        this.#kept.delete(name);
        continue;
      }
      const { key, value, expireInMs = Infinity } = structuredClone(change);
      const untilMs = this.#clock.nowMs() + expireInMs;
      this.#kept.set(name, { entry: { key, value, version }, untilMs });
    }
    return true;
  }

  close(): void {
    this.#kept.clear();
  }

  #read(key: StoreKey): StoreEntry | undefined {
    const name = JSON.stringify(key);
    const kept = this.#kept.get(name);
    if (!kept || kept.untilMs > this.#clock.nowMs()) return kept?.entry;
    this.#kept.delete(name);
    return undefined;
  }
}

function copyOf(entry: StoreEntry | undefined): StoreEntry | undefined {
  return entry && structuredClone(entry);
}

/** Part by part: strings by their bytes and before numbers, numbers by size; a key comes before its longer ones. */
function compareKeys(a: StoreKey, b: StoreKey): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = compareParts(a[at] ?? 0, b[at] ?? 0);
    if (difference) return difference;
  }
  return a.length - b.length;
}

function compareParts(a: string | number, b: string | number): number {
  if (typeof a === "number") return typeof b === "number" ? a - b : 1;
  if (typeof b === "number") return -1;
  return a === b ? 0 : inBytes(a) < inBytes(b) ? -1 : 1;
}

/** UTF-8 with a character for each byte: characters beyond U+FFFF sort otherwise in JavaScript. */
function inBytes(text: string): string {
  return new TextDecoder("latin1").decode(new TextEncoder().encode(text));
}
