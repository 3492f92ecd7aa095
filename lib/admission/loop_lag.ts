/**
 * How late this process is. What is due at a time and comes later by more than a tenth of a second is heard: a process
 * in which that happens again and again has no room for one more call.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";

/** How often it is looked. */
const LOOK_EVERY_MS = 100;
/** Looks that count: two seconds. */
const LOOKS = 20;

/** The latest delays of a loop; pure. */
export class LagWindow {
  readonly #lags: number[] = [];

  /** Takes one more delay; the oldest is forgotten. */
  push(lagMs: number): void {
    this.#lags.push(Math.max(0, lagMs));
    if (this.#lags.length > LOOKS) this.#lags.shift();
  }

  /** The largest. */
  get largestMs(): number {
    return Math.max(0, ...this.#lags);
  }

  /** The largest but one: a single hitch, such as a module that is loaded, is no load. */
  get sustainedMs(): number {
    return [...this.#lags].sort((a, b) => b - a)[1] ?? 0;
  }
}

/** Watches over the lateness of this process, with one timer, until it is closed. */
export class LoopLag {
  readonly #clock: Clock;
  readonly #alarm: { aboveMs: number; raise: (lagMs: number) => void };
  readonly #window = new LagWindow();
  #timer: Timer;
  #isHigh = false;

  /**
   * Begins to look.
   *
   * @param clock Whose time counts
   * @param alarm Raised when a delay is above the limit for the first time, and again after it was not
   */
  constructor(clock: Clock, alarm: { aboveMs: number; raise: (lagMs: number) => void }) {
    this.#clock = clock;
    this.#alarm = alarm;
    this.#timer = this.#lookAgain();
  }

  /** By how much the process is late now, once and again. */
  get sustainedMs(): number {
    return this.#window.sustainedMs;
  }

  /** Looks no more. */
  close(): void {
    this.#timer.cancel();
  }

  #lookAgain(): Timer {
    const dueMs = this.#clock.nowMs() + LOOK_EVERY_MS;
    return this.#clock.at(dueMs, () => this.#look(this.#clock.nowMs() - dueMs));
  }

  #look(lagMs: number): void {
    this.#window.push(lagMs);
    const isHigh = this.#window.largestMs > this.#alarm.aboveMs;
    if (isHigh && !this.#isHigh) this.#alarm.raise(lagMs);
    this.#isHigh = isHigh;
    this.#timer = this.#lookAgain();
  }
}
