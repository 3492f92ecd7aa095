/**
 * The caller's turns as a client marks them for Gemini Live: what is heard, what is dropped, what is refused.
 *
 * @module
 */

import type { Clock } from "../lib/clock.ts";
import { HeardWindow, type SessionRecord } from "./gemini_records.ts";
import { outOfPlace, Refusal } from "./gemini_refusal.ts";

/** What {@linkcode ActivityWindows} needs to know. */
export interface WindowRules {
  /** Whose time counts. */
  readonly clock: Clock;
  /** Where windows and dropped audio are written down. */
  readonly record: SessionRecord;
  /** A start that follows an end sooner than this is lost; 0 loses none. */
  readonly loseStartWithinMs: number;
}

/** The windows of one session: at most one is open, and it opens with audio. */
export class ActivityWindows {
  readonly #rules: WindowRules;
  readonly #isManual: boolean;
  #open: HeardWindow | undefined;
  #lastEndMs = -Infinity;
  /** A start was lost: audio is dropped as if there were no window, and its end is no fault. */
  #isLost = false;

  /**
   * No window yet.
   *
   * @param rules By which windows are taken; the setup must have been written down
   */
  constructor(rules: WindowRules) {
    this.#rules = rules;
    const { automaticActivityDetection } = rules.record.setup?.realtimeInputConfig ?? {};
    this.#isManual = automaticActivityDetection?.disabled === true;
  }

  /**
   * `activityStart`.
   *
   * @returns Whether it was noticed
   * @throws {Refusal} If a window is open, or activity is detected automatically
   */
  start(): boolean {
    this.#requireManual();
    const { clock, record, loseStartWithinMs } = this.#rules;
    if (this.#open || this.#isLost) throw outOfPlace("activityStart in an open window");
    this.#isLost = clock.nowMs() - this.#lastEndMs < loseStartWithinMs;
    if (this.#isLost) return false;
    this.#open = new HeardWindow(clock.nowMs());
    record.windows.push(this.#open);
    return true;
  }

  /** Caller audio; outside of windows it is lost. */
  hear(pcm: Int16Array): void {
    if (this.#open) this.#open.push(pcm, this.#rules.clock.nowMs());
    else this.#rules.record.droppedAudioBytes += pcm.byteLength;
  }

  /**
   * Text or video came.
   *
   * @returns Whether it belongs to an open window
   * @throws {Refusal} If that window has no audio yet
   */
  admits(what: string): boolean {
    if (this.#open?.pcm.length === 0) throw outOfPlace(`${what} before audio in a window`);
    return this.#open !== undefined;
  }

  /**
   * `activityEnd`.
   *
   * @returns All audio of the window; none if its start was lost
   * @throws {Refusal} If no window is open, or nothing is in it, or activity is detected automatically
   */
  end(): Int16Array | undefined {
    this.#requireManual();
    const window = this.#open;
    this.#lastEndMs = this.#rules.clock.nowMs();
    if (this.#isLost) {
      this.#isLost = false;
      return undefined;
    }
    if (!window) throw outOfPlace("activityEnd without activityStart");
    if (window.pcm.length === 0) throw outOfPlace("empty window");
    this.#open = undefined;
    window.endedAtMs = this.#lastEndMs;
    return window.pcm;
  }

  #requireManual(): void {
    if (this.#isManual) return;
    const why = "Explicit activity control is not supported when automatic activity detection";
    throw new Refusal(1007, `${why} is enabled.`);
  }
}
