/**
 * The timers of one call, by name: setting one again moves it, and all end with the call.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";

/** What a call waits for. */
export type TimerName =
  /** The line is due more audio, or an answer is due to be over. */
  | "playout"
  /** Frames may have stopped in mid-speech. */
  | "frames-stopped"
  /** The echo of the agent's last sound is over. */
  | "echo-tail"
  /** Something may have to be done about an answer that does not come. */
  | "answer"
  /** It is to be seen whether anybody speaks. */
  | "silence"
  /** The keys that were pressed may be complete. */
  | "digits"
  /** Who was called may speak first, or the beep of their machine may come. */
  | "callee"
  /** The agent should come to an end. */
  | "wrap-up"
  /** What is needed to go on elsewhere is to be kept. */
  | "checkpoint"
  /** The agent's last words may have been heard. */
  | "departure"
  /** The call has reached its longest time. */
  | "time-limit"
  /** The last words should have been heard by now. */
  | "hang-up";

/** Something that is waited for. */
interface Waiting {
  /** When it is due. */
  atMs: number;
  /** When `timer` looks: never later. */
  readonly lookAtMs: number;
  readonly timer: Timer;
}

/**
 * The timers of one call. Most are moved later again and again, up to every frame: they wake when they were first due, and
 * wait on.
 */
export class Timers {
  readonly #clock: Clock;
  readonly #fired: (name: TimerName) => void;
  readonly #set = new Map<TimerName, Waiting>();

  /**
   * Waits for nothing yet.
   *
   * @param clock Whose time counts
   * @param fired Called with the name of each timer whose time has come
   */
  constructor(clock: Clock, fired: (name: TimerName) => void) {
    this.#clock = clock;
    this.#fired = fired;
  }

  /** Waits until `atMs`; without a time, waits no more. */
  set(name: TimerName, atMs: number | undefined): void {
    const running = this.#set.get(name);
    if (running && atMs !== undefined && running.lookAtMs <= atMs) {
      running.atMs = atMs;
      return;
    }
    running?.timer.cancel();
    if (atMs === undefined) this.#set.delete(name);
    else this.#wait(name, atMs);
  }

  #wait(name: TimerName, atMs: number): void {
    const timer = this.#clock.at(atMs, () => {
      const dueMs = this.#set.get(name)?.atMs ?? atMs;
      if (dueMs > atMs) return this.#wait(name, dueMs);
      this.#set.delete(name);
      this.#fired(name);
    });
    this.#set.set(name, { atMs, lookAtMs: atMs, timer });
  }

  /** Waits for nothing any more. */
  cancelAll(): void {
    for (const { timer } of this.#set.values()) timer.cancel();
    this.#set.clear();
  }
}
