/**
 * How long a call may last.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Conversation } from "./conversation.ts";
import { WRAP_UP_CUE } from "./cues.ts";
import type { Timers } from "./timers.ts";

/** How long before its end a call is told to wrap up. */
const WRAP_UP_MS = 15_000;
/** How long the goodbye waits, each time, for whoever speaks. */
const RETRY_MS = 500;
/** How long a goodbye takes: it waits no longer than until so much is left. */
const SHORTEST_GOODBYE_MS = 6_000;

/** The times of a call's end. */
export interface CallTimes {
  /** When the agent should say goodbye; a call too short for that ends without. */
  readonly wrapUpAtMs: number | undefined;
  /** When the call is over. */
  readonly endAtMs: number;
}

/**
 * When a call that is answered now must end.
 *
 * @param answeredAtMs Monotonic time of the answer
 * @param limits Longest calls in seconds, of the agent and of the server; the shorter counts
 */
export function callTimes(answeredAtMs: number, limits: readonly number[]): CallTimes {
  const limitMs = Math.min(...limits) * 1_000;
  const endAtMs = answeredAtMs + limitMs;
  return { wrapUpAtMs: limitMs < 2 * WRAP_UP_MS ? undefined : endAtMs - WRAP_UP_MS, endAtMs };
}

/** Watches over the time of one call; its timers are `wrap-up` and `time-limit`. */
export class TimeLimit {
  readonly #conversation: Conversation;
  readonly #timers: Timers;
  readonly #clock: Clock;
  readonly #times: CallTimes;
  #isWrappingUp = false;

  /** Begins where the call stands. */
  constructor(
    limits: readonly number[],
    parts: { conversation: Conversation; timers: Timers; clock: Clock },
  ) {
    this.#conversation = parts.conversation;
    this.#timers = parts.timers;
    this.#clock = parts.clock;
    const answeredAtMs = parts.clock.nowMs() - parts.conversation.callMs;
    this.#times = callTimes(answeredAtMs, limits);
    this.#timers.set("wrap-up", this.#times.wrapUpAtMs);
    this.#timers.set("time-limit", this.#times.endAtMs);
  }

  /** Whether the agent was told to say goodbye. */
  get isWrappingUp(): boolean {
    return this.#isWrappingUp;
  }

  /** The agent should say goodbye, behind what is being said as long as there is time for that. */
  wrapUp(): void {
    const { isCallerSpeaking, isAgentSpeaking, isAnswerOwed } = this.#conversation;
    const againAtMs = this.#clock.nowMs() + RETRY_MS;
    const mayWait = againAtMs < this.#times.endAtMs - SHORTEST_GOODBYE_MS;
    if (isCallerSpeaking || mayWait && (isAgentSpeaking || isAnswerOwed)) {
      return this.#timers.set("wrap-up", againAtMs);
    }
    this.#isWrappingUp = true;
    this.#conversation.say(WRAP_UP_CUE);
  }
}
