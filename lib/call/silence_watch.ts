/**
 * Looks after a call in which nobody speaks.
 *
 * @module
 */

import type { DeadAirConfig } from "../agents/agent_config.ts";
import type { Clock } from "../clock.ts";
import { type DeadAirState, NOT_QUIET, stepDeadAir } from "../turns/dead_air.ts";
import type { Conversation } from "./conversation.ts";
import { askCue, farewellCue } from "./cues.ts";
import type { Timers } from "./timers.ts";

/** How often it is looked. Whatever somebody says lasts longer. */
const LOOK_EVERY_MS = 500;

/** What a watch needs. */
export interface SilenceWatchParts {
  /** What the caller hears, and when. */
  readonly config: DeadAirConfig;
  /** Who speaks. */
  readonly conversation: Conversation;
  /** The timers of the call. */
  readonly timers: Timers;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Ends the call, its goodbye said. */
  readonly hangUp: () => void;
}

/** Looks, every half second, whether anybody speaks, and does what is to be done if nobody does. */
export class SilenceWatch {
  readonly #parts: SilenceWatchParts;
  #state: DeadAirState = NOT_QUIET;
  #isLeaving = false;

  /** Begins to look. */
  constructor(parts: SilenceWatchParts) {
    this.#parts = parts;
    this.#lookAgain();
  }

  /** Whether the agent was told to say goodbye. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** The time has come to look. */
  look(): void {
    const { conversation, clock } = this.#parts;
    const nowMs = clock.nowMs();
    if (conversation.isCallerSpeaking) {
      this.#take({ type: "floor-taken", byCaller: true });
    } else if (conversation.isAgentSpeaking || conversation.isAnswerOwed) {
      this.#take({ type: "floor-taken", byCaller: false });
    } else {
      this.#take({ type: "floor-freed", nowMs });
      this.#take({ type: "time-passed", nowMs, isOnHold: conversation.isOnHold });
    }
    this.#lookAgain();
  }

  /** The caller has done something else than speak. */
  callerActed(): void {
    this.#take({ type: "floor-taken", byCaller: true });
  }

  #take(event: Parameters<typeof stepDeadAir>[1]): void {
    const { config, conversation, hangUp } = this.#parts;
    const settings = { ...config, asks: config.asks.length };
    const [state, order] = stepDeadAir(this.#state, event, settings);
    this.#state = state;
    switch (order?.type) {
      case "ask":
        return conversation.say(askCue(config.asks[order.ask] ?? ""));
      case "say-goodbye":
        this.#isLeaving = true;
        return conversation.say(farewellCue(config.goodbye));
      case "hang-up":
        return hangUp();
      case undefined:
        return;
      default:
        order satisfies never;
    }
  }

  #lookAgain(): void {
    const { timers, clock } = this.#parts;
    timers.set("silence", clock.nowMs() + LOOK_EVERY_MS);
  }
}
