/**
 * The timers of one client, by name.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";

/** What is waited for. */
export type ClientTimerName = "first-message" | "frames-stopped" | "idle" | "time-limit" | "away";

/** Timers that end with their client. */
export class ClientTimers {
  readonly #clock: Clock;
  readonly #timers = new Map<ClientTimerName, Timer>();

  /** None is set. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Fires once in so many milliseconds, in place of an older one of this name. */
  set(name: ClientTimerName, ms: number, fire: () => void): void {
    this.cancel(name);
    const timer = this.#clock.at(this.#clock.nowMs() + ms, () => {
      this.#timers.delete(name);
      fire();
    });
    this.#timers.set(name, timer);
  }

  /** Keeps one from firing, if it is set. */
  cancel(name: ClientTimerName): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }

  /** The same for all. */
  cancelAll(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }
}
