/**
 * What a conversation is made of.
 *
 * @module
 */

import type { Vad } from "../../audio/vad.ts";
import type { AgentConfig } from "../agents/agent_config.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { CallEvent } from "./call_events.ts";
import type { CallObserver } from "./call_observer.ts";
import type { CallPast } from "./call_past.ts";
import type { Faults } from "./faults.ts";
import type { Leg } from "./leg.ts";
import type { ModelLink } from "./model_link.ts";
import type { Timers } from "./timers.ts";

/** What a conversation is made of. */
export interface ConversationParts {
  /** The caller's side. */
  readonly leg: Leg;
  /** The model's side. */
  readonly link: ModelLink;
  /** Scores the caller's frames. */
  readonly vad: Vad;
  /** Who answers. */
  readonly agent: AgentConfig;
  /** Whose time counts. */
  readonly clock: Clock;
  /** The timers of the call. */
  readonly timers: Timers;
  /** Counts of what went wrong. */
  readonly faults: Faults;
  /** Looks on, if anybody does. */
  readonly observer?: CallObserver | undefined;
  /** The inbox of the call. */
  readonly post: (event: CallEvent) => void;
  /** What was before, on another instance. */
  readonly past: CallPast;
  /** Where repairs are told of. */
  readonly log: Log;
  /** Goes on with the second model; absent: there is none. */
  readonly openSecondModel: (() => void) | undefined;
  /** Ends the call: the model does not answer. */
  readonly giveUp: (problem: string) => void;
}
