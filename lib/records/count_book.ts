/**
 * Counts that all instances share and none can overrun: how often something was done within a time.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { type Store, StoreError, type StoreKey } from "../store/store.ts";

/** What may be done how often. */
export interface CountLimit {
  /** What is counted. */
  readonly key: StoreKey;
  /** How often it may be done. */
  readonly most: number;
  /** Within how long. */
  readonly withinMs: number;
}

/** One that was counted. */
interface Counted {
  /** What was done; the same is not counted twice. */
  readonly id: string;
  /** When, wall clock. */
  readonly epochMs: number;
}

/** Others may be faster so many times in a row. */
const MOST_TRIES = 50;
/** Keys of this process's own counts that are kept. */
const MOST_OWN = 5_000;

/** Counts of things done. */
export class CountBook {
  readonly #store: Store;
  readonly #clock: Clock;
  /** While the store is away, this process counts for itself. */
  readonly #own = new Map<string, Counted[]>();

  /**
   * Opens the book.
   *
   * @param parts `store` gives up by itself when it does not answer
   */
  constructor(parts: { store: Store; clock: Clock }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
  }

  /**
   * Counts one more, if all limits allow it: in all of them, or in none.
   *
   * @param id Names what is done: what was counted already is allowed, and not counted again
   * @returns The limit that does not allow it, if there is one
   */
  async take(id: string, limits: readonly CountLimit[]): Promise<CountLimit | undefined> {
    try {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const answer = await this.#try(id, limits);
        if (answer !== "again") return answer;
      }
    } catch (error) {
      if (error instanceof StoreError) return this.#takeAlone(id, limits);
      throw error;
    }
    return limits[0];
  }

  async #try(id: string, limits: readonly CountLimit[]): Promise<CountLimit | undefined | "again"> {
    const nowMs = this.#clock.epochMs();
    const entries = await Promise.all(limits.map(({ key }) => this.#store.get(key)));
    const counted = limits.map(({ withinMs }, n) => within(entries[n]?.value, nowMs - withinMs));
    if (counted.every((known) => isCounted(id, known))) return undefined;
    const full = limits.find(({ most }, n) => (counted[n]?.length ?? 0) >= most);
    if (full) return full;
    const isDone = await this.#store.commit(
      limits.map(({ key, withinMs }, n) => ({
        type: "set",
        key,
        value: [...counted[n] ?? [], { id, epochMs: nowMs }],
        expireInMs: withinMs,
      })),
      limits.map(({ key }, n) => ({ key, version: entries[n]?.version })),
    );
    return isDone ? undefined : "again";
  }

  #takeAlone(id: string, limits: readonly CountLimit[]): CountLimit | undefined {
    const nowMs = this.#clock.epochMs();
    const named = limits.map((limit) => ({ limit, name: JSON.stringify(limit.key) }));
    const known = named.map(({ limit, name }) =>
      within(this.#own.get(name), nowMs - limit.withinMs)
    );
    if (known.every((counted) => isCounted(id, counted))) return undefined;
    const full = named.find(({ limit }, n) => (known[n]?.length ?? 0) >= limit.most);
    if (full) return full.limit;
    named.forEach(({ name }, n) => {
      this.#own.delete(name);
      this.#own.set(name, [...known[n] ?? [], { id, epochMs: nowMs }]);
    });
    const [oldest] = this.#own.keys();
    if (this.#own.size > MOST_OWN && oldest !== undefined) this.#own.delete(oldest);
    return undefined;
  }
}

function isCounted(id: string, counted: readonly Counted[]): boolean {
  return counted.some((known) => known.id === id);
}

function within(value: unknown, afterMs: number): Counted[] {
  return Array.isArray(value) ? value.filter(({ epochMs }: Counted) => epochMs > afterMs) : [];
}
