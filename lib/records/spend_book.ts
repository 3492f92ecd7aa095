/**
 * What calls have cost today, in all instances together. A day is one of UTC.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { type Store, StoreError, type StoreKey } from "../store/store.ts";

/** What a book needs. */
export interface SpendBookParts {
  /** Where it is kept; gives up by itself when it does not answer. */
  readonly store: Store;
  /** Whose days count. */
  readonly clock: Clock;
  /** Where it is told that it cannot be kept. */
  readonly log: Log;
}

const DAY_MS = 86_400_000;
/** Others may be faster so many times in a row. */
const MOST_TRIES = 50;
/** Money is counted in whole millionths of a dollar, so that sums are exact. */
const MICRO = 1_000_000;

/** What is not in the store yet, of one name and day. */
interface Unwritten {
  readonly key: StoreKey;
  micros: number;
}

/** Counts what calls cost. */
export class SpendBook {
  readonly #parts: SpendBookParts;
  readonly #unwritten = new Map<string, Unwritten>();
  #writing: Promise<void> | undefined;

  /** Opens the book. */
  constructor(parts: SpendBookParts) {
    this.#parts = parts;
  }

  /** So much more was spent, under each of these names. Never throws; the store has it as soon as it can. */
  add(names: readonly string[], usd: number): void {
    for (const name of names) {
      const key = this.#key(name);
      const id = JSON.stringify(key);
      const unwritten = this.#unwritten.get(id) ?? { key, micros: 0 };
      unwritten.micros += Math.round(usd * MICRO);
      this.#unwritten.set(id, unwritten);
    }
    this.#writing ??= this.#write().finally(() => this.#writing = undefined);
  }

  /** US dollars that were spent under a name today, as far as is known. */
  async today(name: string): Promise<number> {
    const key = this.#key(name);
    const own = this.#unwritten.get(JSON.stringify(key))?.micros ?? 0;
    try {
      const kept = await this.#parts.store.get(key);
      return (Number(kept?.value ?? 0) + own) / MICRO;
    } catch (error) {
      if (error instanceof StoreError) return own / MICRO;
      throw error;
    }
  }

  /** Resolves when the store has what could be written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  #key(name: string): StoreKey {
    const day = new Date(this.#parts.clock.epochMs()).toISOString().slice(0, 10);
    return ["spend", day, name];
  }

  /** What cannot be written waits for the next time something is spent. */
  async #write(): Promise<void> {
    try {
      for (const [id, unwritten] of this.#unwritten) {
        while (unwritten.micros > 0) await this.#writeOne(unwritten);
        this.#unwritten.delete(id);
      }
    } catch (error) {
      this.#parts.log.warn("spend-not-written", { error });
    }
  }

  async #writeOne(unwritten: Unwritten): Promise<void> {
    const { store } = this.#parts;
    const { key } = unwritten;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const kept = await store.get(key);
      const { micros } = unwritten;
      const value = Number(kept?.value ?? 0) + micros;
      const isDone = await store.commit(
        [{ type: "set", key, value, expireInMs: 2 * DAY_MS }],
        [{ key, version: kept?.version }],
      );
      if (!isDone) continue;
      unwritten.micros -= micros;
      return;
    }
    throw new Error("Cannot count what was spent: others were always faster");
  }
}
