/**
 * The keys that the caller presses.
 *
 * @module
 */

import type { DigitConfig } from "../agents/agent_config.ts";
import type { Clock } from "../clock.ts";
import { type DigitState, NO_DIGITS, pressDigit, waitForDigit } from "../turns/digits.ts";
import type { Conversation } from "./conversation.ts";
import { digitsCue } from "./cues.ts";
import type { Timers } from "./timers.ts";

/** How often it is looked whether the agent has finished. */
const LOOK_EVERY_MS = 200;

/** Collects keys to entries and has the model told. */
export class Keypad {
  readonly #config: DigitConfig;
  readonly #conversation: Conversation;
  readonly #timers: Timers;
  readonly #clock: Clock;
  #state: DigitState = NO_DIGITS;
  /** Entries that wait until the agent has finished. */
  #entries: string[] = [];

  /** Begins with no keys. */
  constructor(
    config: DigitConfig,
    parts: { conversation: Conversation; timers: Timers; clock: Clock },
  ) {
    this.#config = config;
    this.#conversation = parts.conversation;
    this.#timers = parts.timers;
    this.#clock = parts.clock;
  }

  /** A key was pressed. */
  press(digit: string): void {
    if (this.#config.policy === "ignore") return;
    if (this.#config.policy === "interrupt") this.#conversation.keysBegan();
    this.#take(pressDigit(this.#state, { digit, nowMs: this.#clock.nowMs() }, this.#config));
  }

  /** The time has come to see whether the keys are complete, or the agent has finished. */
  look(): void {
    this.#take(waitForDigit(this.#state, this.#clock.nowMs(), this.#config));
  }

  #take([state, entry]: [DigitState, string | undefined]): void {
    this.#state = state;
    if (entry !== undefined) this.#entries.push(entry);
    const { isAgentSpeaking, isAnswerOwed } = this.#conversation;
    const mayTell = this.#config.policy === "interrupt" || !(isAgentSpeaking || isAnswerOwed);
    if (mayTell) { for (const ready of this.#entries.splice(0)) this.#tell(ready); }
    this.#timers.set("digits", this.#nextLookMs());
  }

  #tell(entry: string): void {
    if (this.#config.policy === "wait") this.#conversation.keysBegan();
    this.#conversation.keysEnded(digitsCue(entry));
  }

  #nextLookMs(): number | undefined {
    if (this.#entries.length > 0) return this.#clock.nowMs() + LOOK_EVERY_MS;
    return this.#state.digits === "" ? undefined : this.#state.lastMs + this.#config.timeoutMs;
  }
}
