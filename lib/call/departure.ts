/**
 * How an agent ends its part of a call by itself: what it says is heard first, and a caller who speaks meanwhile keeps it.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Conversation } from "./conversation.ts";
import type { CallOutcome } from "./outcome.ts";
import type { Timers } from "./timers.ts";

/** Silence behind the last words after which nothing more is waited for. */
const AFTER_WORDS_MS = 600;
/** The same where nothing was said yet: the words may come behind the wish to go. */
const BEFORE_WORDS_MS = 3_000;

/** Waits until the last words were heard; its timer is `departure`. */
export class Departure {
  readonly #conversation: Conversation;
  readonly #timers: Timers;
  readonly #clock: Clock;
  #wish: CallOutcome | undefined;
  /** Since when nobody speaks. */
  #quietSinceMs: number | undefined;
  /** Whether the agent has said something since the caller did. */
  #hasSpoken = false;

  /** Nobody wants to go yet. */
  constructor(parts: { conversation: Conversation; timers: Timers; clock: Clock }) {
    this.#conversation = parts.conversation;
    this.#timers = parts.timers;
    this.#clock = parts.clock;
  }

  /** How the call is to end, if the agent wants that. */
  get wish(): CallOutcome | undefined {
    return this.#wish;
  }

  /** The agent wants to go; the first wish counts. */
  begin(outcome: CallOutcome): void {
    this.#wish ??= outcome;
    this.#quietSinceMs = undefined;
  }

  /**
   * Looks after each fact whether it is time.
   *
   * @returns How the call ends, when it does
   */
  look(): CallOutcome | undefined {
    const { isCallerSpeaking, isAgentSpeaking } = this.#conversation;
    if (isAgentSpeaking) this.#hasSpoken = true;
    if (isCallerSpeaking) {
      // They have something to say: the agent may go after that.
      this.#hasSpoken = false;
      this.#wish = undefined;
    }
    if (!this.#wish) return this.#wait(undefined);
    const nowMs = this.#clock.nowMs();
    this.#quietSinceMs = isAgentSpeaking ? undefined : this.#quietSinceMs ?? nowMs;
    if (this.#quietSinceMs === undefined) return this.#wait(undefined);
    const dueMs = this.#quietSinceMs + (this.#hasSpoken ? AFTER_WORDS_MS : BEFORE_WORDS_MS);
    return nowMs >= dueMs ? this.#wish : this.#wait(dueMs);
  }

  #wait(untilMs: number | undefined): undefined {
    this.#timers.set("departure", untilMs);
  }
}
