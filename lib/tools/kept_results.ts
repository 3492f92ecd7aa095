/**
 * What tools gave that were taken back and did their work all the same. A model that asks for the same once more gets
 * that, and the work is not done twice.
 *
 * @module
 */

import type { ToolResponse } from "./tool_output.ts";

/** Who asks for the same after that means it anew. */
const KEPT_MS = 60_000;

/** The results of one call that nobody has heard. */
export class KeptResults {
  readonly #results = new Map<string, { readonly response: ToolResponse; readonly atMs: number }>();

  /** Keeps what came of a wish. */
  keep(wish: string, response: ToolResponse, atMs: number): void {
    this.#forget(atMs);
    this.#results.set(wish, { response, atMs });
  }

  /** What came of a wish, if that was not long ago; it is given once. */
  take(wish: string, nowMs: number): ToolResponse | undefined {
    this.#forget(nowMs);
    const kept = this.#results.get(wish);
    this.#results.delete(wish);
    return kept?.response;
  }

  #forget(nowMs: number): void {
    for (const [wish, { atMs }] of this.#results) {
      if (nowMs - atMs > KEPT_MS) this.#results.delete(wish);
    }
  }
}

/** The same for the same tool and arguments, in whatever order they stand. */
export function wishOf(name: string, args: unknown): string {
  return JSON.stringify([name, args], (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1));
  });
}
