/**
 * Writes that wait for a store.
 *
 * @module
 */

import { changeBytes, firstBatch } from "./change_size.ts";
import type { StoreChange } from "./store.ts";

interface Waiting {
  readonly change: StoreChange;
  readonly bytes: number;
}

/** Changes in the order in which they were asked for. A later one for the same key takes the earlier one's place, last. */
export class WriteQueue {
  readonly #mostBytes: number;
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;
  #dropped = 0;

  /** Holds at most so many bytes; beyond that the oldest changes are dropped. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** How many found no more room. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Takes changes; their values must not change any more.
   *
   * @throws {RangeError} If one is too large for any store; then none is taken
   */
  push(changes: readonly StoreChange[]): void {
    const sized = changes.map((change) => ({ change, bytes: changeBytes(change) }));
    for (const item of sized) {
      this.#remove(item.change);
      this.#waiting.set(nameOf(item.change), item);
      this.#bytes += item.bytes;
    }
    for (const { change } of this.#waiting.values()) {
      if (this.#bytes <= this.#mostBytes) return;
      this.#remove(change);
      this.#dropped++;
    }
  }

  /** The first changes, as many as fit in one commit. They stay until they are done. */
  batch(): StoreChange[] {
    return firstBatch(this.#waiting.values().map(({ change }) => change));
  }

  /** These changes were made. What was asked for anew meanwhile still waits. */
  done(batch: readonly StoreChange[]): void {
    for (const change of batch) {
      if (this.#waiting.get(nameOf(change))?.change === change) this.#remove(change);
    }
  }

  #remove(change: StoreChange): void {
    const name = nameOf(change);
    this.#bytes -= this.#waiting.get(name)?.bytes ?? 0;
    this.#waiting.delete(name);
  }
}

function nameOf({ key }: StoreChange): string {
  return JSON.stringify(key);
}
