/**
 * Time that passes only when a test says so.
 *
 * @module
 */

import type { Clock, Timer } from "../../lib/clock.ts";

interface Pending {
  readonly atMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A clock for tests: stands still until {@linkcode FakeClock.advance} moves it. */
export class FakeClock implements Clock {
  #nowMs = 0;
  #epochMs: number;
  #order = 0;
  readonly #pending = new Set<Pending>();

  /** @param epochMs Wall-clock time at the start */
  constructor(epochMs = Date.UTC(2026, 0, 5, 9, 0, 0)) {
    this.#epochMs = epochMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return this.#epochMs;
  }

  at(atMs: number, fire: () => void): Timer {
    const timer = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, fire };
    this.#pending.add(timer);
    return { cancel: () => void this.#pending.delete(timer) };
  }

  /** Timers that are set and have not fired. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** Moves the wall clock alone, as a host's time service does. */
  jumpWallClock(ms: number): void {
    this.#epochMs += ms;
  }

  /** Lets time pass while this process gets none of it: what falls due fires late. */
  standStill(ms: number): void {
    this.#moveTo(this.#nowMs + ms);
  }

  /** Lets time pass: fires what falls due, in order, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#next(endMs); next; next = this.#next(endMs)) {
      this.#pending.delete(next);
      this.#moveTo(next.atMs);
      next.fire();
      await settle();
    }
    this.#moveTo(endMs);
    await settle();
  }

  #next(endMs: number): Pending | undefined {
    let next: Pending | undefined;
    for (const timer of this.#pending) {
      if (timer.atMs > endMs) continue;
      const sooner = !next || timer.atMs < next.atMs ||
        (timer.atMs === next.atMs && timer.order < next.order);
      if (sooner) next = timer;
    }
    return next;
  }

  #moveTo(atMs: number): void {
    if (atMs <= this.#nowMs) return;
    this.#epochMs += atMs - this.#nowMs;
    this.#nowMs = atMs;
  }
}

/** Lets every promise that can settle without time or I/O do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}
