/**
 * Whether this process stood still for want of a processor. A timer ticks every millisecond; where the next tick comes
 * late, and the process has not been computing meanwhile, the machine had given the processor to somebody else.
 *
 * What our own code adds is never taken for that: code that computes uses the processor, and code that waits lets the
 * timer tick.
 *
 * @module
 */

import process from "node:process";
import { systemClock } from "../../lib/clock.ts";

const TICK_MS = 1;

interface Tick {
  readonly atMs: number;
  /** Processor time of the whole process until then. */
  readonly busyMs: number;
}

/** Watches from its making to its end. */
export class StallWatch implements Disposable {
  readonly #ticks: Tick[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    this.#tick();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** The longest time for which the process stood still between two times of {@linkcode systemClock}. */
  longestStallMs({ fromMs, toMs }: { fromMs: number; toMs: number }): number {
    let longestMs = 0;
    for (const [n, tick] of this.#ticks.entries()) {
      const last = this.#ticks[n - 1];
      if (!last || tick.atMs <= fromMs || last.atMs >= toMs) continue;
      const stallMs = tick.atMs - last.atMs - (tick.busyMs - last.busyMs) - TICK_MS;
      longestMs = Math.max(longestMs, stallMs);
    }
    return longestMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const { user, system } = process.cpuUsage();
    this.#ticks.push({ atMs: systemClock.nowMs(), busyMs: (user + system) / 1_000 });
  }
}
