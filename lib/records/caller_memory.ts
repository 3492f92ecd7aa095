/**
 * What an agent was asked to remember of a caller, for their next call.
 *
 * @module
 */

import type { Store, StoreKey } from "../store/store.ts";

/** Facts of one caller that are kept: the latest. */
const MOST_FACTS = 20;
/** After so long without a call nothing is known. */
const KEPT_MS = 365 * 86_400_000;
/** Others may be faster so many times in a row. */
const MOST_TRIES = 20;

/** Only a number that was sent whole says who calls. */
const E164 = /^\+[1-9]\d{6,14}$/;

/** Facts by agent and caller. */
export class CallerMemory {
  readonly #store: Store;

  /**
   * Opens it.
   *
   * @param store Gives up by itself when it does not answer
   */
  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether it can be known who calls. */
  static knows(caller: string): boolean {
    return E164.test(caller);
  }

  /**
   * What is known, the oldest first.
   *
   * @throws {StoreError} If the store does not answer
   */
  async recall(agent: string, caller: string): Promise<string[]> {
    if (!CallerMemory.knows(caller)) return [];
    return factsOf((await this.#store.get(keyOf(agent, caller)))?.value);
  }

  /**
   * Keeps one more fact.
   *
   * @throws {RangeError} If it cannot be known who calls
   * @throws {StoreError} If the store does not answer
   */
  async remember(agent: string, caller: string, fact: string): Promise<void> {
    if (!CallerMemory.knows(caller)) {
      throw new RangeError("Cannot remember a fact: the caller withholds their number");
    }
    const key = keyOf(agent, caller);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const kept = await this.#store.get(key);
      const facts = [...factsOf(kept?.value).filter((known) => known !== fact), fact];
      const value = facts.slice(-MOST_FACTS);
      const isDone = await this.#store.commit(
        [{ type: "set", key, value, expireInMs: KEPT_MS }],
        [{ key, version: kept?.version }],
      );
      if (isDone) return;
    }
    throw new Error("Cannot remember a fact: others were always faster");
  }

  /** Forgets a caller. @throws {StoreError} If the store does not answer */
  async forget(agent: string, caller: string): Promise<void> {
    await this.#store.commit([{ type: "delete", key: keyOf(agent, caller) }]);
  }
}

function keyOf(agent: string, caller: string): StoreKey {
  return ["memory", agent, caller];
}

function factsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((fact) => typeof fact === "string") : [];
}
