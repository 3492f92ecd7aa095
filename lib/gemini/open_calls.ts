/**
 * The calls of functions that the model waits for on one connection. They die with it: the next one does not know them.
 * Pure.
 *
 * @module
 */

import type { FunctionCall } from "../call/model.ts";

/** Calls that have no answer yet. */
export class OpenCalls {
  readonly #isBlocking: (name: string) => boolean;
  readonly #calls = new Map<string, { readonly isBlocking: boolean }>();

  /**
   * Begins with none.
   *
   * @param isBlocking Whether the model waits for a function of that name
   */
  constructor(isBlocking: (name: string) => boolean) {
    this.#isBlocking = isBlocking;
  }

  /** Whether the model waits and must hear nothing: audio would close the connection of some models. */
  get isBlocked(): boolean {
    return this.#calls.values().some(({ isBlocking }) => isBlocking);
  }

  /** The model asks. */
  called(calls: readonly FunctionCall[]): void {
    for (const { id, name } of calls) {
      this.#calls.set(id, { isBlocking: this.#isBlocking(name) });
    }
  }

  /** The model takes calls back: an answer would close the connection. */
  cancelled(ids: readonly string[]): void {
    for (const id of ids) this.#calls.delete(id);
  }

  /** Which of these the model still waits for; it waits no more for them. */
  answer<Answer extends { readonly id: string }>(answers: readonly Answer[]): Answer[] {
    return answers.filter(({ id }) => this.#calls.delete(id));
  }

  /** The connection is gone. */
  clear(): void {
    this.#calls.clear();
  }
}
