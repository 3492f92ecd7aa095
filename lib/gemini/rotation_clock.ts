/**
 * When a connection has to be left: by the service's word, or by our own clock before the service ends it.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";

/** The service ends a connection after some ten minutes. */
const LONGEST_CONNECTION_MS = 9 * 60_000;
/** How long a quiet moment is waited for then, and where the service does not say how long there is. */
const QUIET_WITHIN_MS = 45_000;
/** Time to close one connection and open the next, with a second to spare. */
const ROTATION_MS = 3_000;

/** What is told. */
export interface RotationEvents {
  /** The next quiet moment will do. */
  due(deadlineMs: number): void;
  /** There is no more time to wait. */
  deadline(): void;
}

/** Watches one connection after the other. */
export class RotationClock {
  readonly #clock: Clock;
  readonly #events: RotationEvents;
  #age: Timer | undefined;
  #last: Timer | undefined;
  #deadlineMs = Infinity;

  /** Watches nothing yet. */
  constructor(clock: Clock, events: RotationEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  /** A connection begins. */
  begin(): void {
    const dueMs = this.#clock.nowMs() + LONGEST_CONNECTION_MS;
    this.#age = this.#clock.at(dueMs, () => this.#due(QUIET_WITHIN_MS));
  }

  /** The service says how long the connection has; 0 if it does not say. */
  goingAway(timeLeftMs: number): void {
    this.#due(timeLeftMs === 0 ? QUIET_WITHIN_MS : Math.max(0, timeLeftMs - ROTATION_MS));
  }

  /** The connection is left. */
  end(): void {
    this.#age?.cancel();
    this.#last?.cancel();
    this.#deadlineMs = Infinity;
  }

  #due(withinMs: number): void {
    const deadlineMs = this.#clock.nowMs() + withinMs;
    if (deadlineMs >= this.#deadlineMs) return;
    this.#deadlineMs = deadlineMs;
    this.#last?.cancel();
    this.#last = this.#clock.at(deadlineMs, () => this.#events.deadline());
    this.#events.due(deadlineMs);
  }
}
