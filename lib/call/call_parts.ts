/**
 * What a call is made of.
 *
 * @module
 */

import type { Vad } from "../../audio/vad.ts";
import type { AgentConfig, PriceTable, VoicemailConfig } from "../agents/agent_config.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { CallRecord } from "../records/call_record.ts";
import type { ToolKit } from "./abilities.ts";
import type { CallEvent } from "./call_events.ts";
import type { Continuity } from "./call_keeper.ts";
import type { CallObserver } from "./call_observer.ts";
import type { KeptGreeting } from "./greeting_tape.ts";
import type { Inbox } from "./inbox.ts";
import type { CallFacts, Leg } from "./leg.ts";
import type { OpenModel } from "./model.ts";

/** What a call that we placed has beside. */
export interface OutboundParts {
  /** What is done when a machine answers. */
  readonly voicemail: VoicemailConfig;
  /** Aborted when the network finds that a machine answered. */
  readonly machineAnswered: AbortSignal;
}

/** What a call is made of. */
export interface CallParts {
  /** The caller's side, verified. */
  readonly leg: Leg;
  /** What is known of the call. */
  readonly facts: CallFacts;
  /** Who answers; variables in the greeting are filled in. */
  readonly agent: AgentConfig;
  /** Opens the conversation with the model. */
  readonly openModel: OpenModel;
  /** Opens one with another model, once the first has failed; absent: there is no other. */
  readonly openSecondModel?: OpenModel | undefined;
  /** Whether the model was told how to begin before there was a stream. */
  readonly hasBegun?: boolean | undefined;
  /** The greeting, if it may be kept. */
  readonly greeting?: KeptGreeting | undefined;
  /** For a call that we placed. */
  readonly outbound?: OutboundParts | undefined;
  /** What the agent can do beside talking; absent: nothing. */
  readonly toolKit?: ToolKit | undefined;
  /** What its model costs; absent: that is not counted. */
  readonly prices?: PriceTable | undefined;
  /** Takes what a turn has cost, US dollars; does not throw. */
  readonly spent?: ((usd: number) => void) | undefined;
  /** Hears the caller; used by this call alone. */
  readonly vad: Vad;
  /** Longest call. */
  readonly maxCallSeconds: number;
  /** Takes what is known of the call, at each turn and at its end; does not throw. */
  readonly keep: (record: CallRecord) => void;
  /** How the call is gone on with elsewhere, and what was before. */
  readonly continuity: Continuity;
  /** Where facts arrive; absent: in an inbox of the call's own. */
  readonly inbox?: Inbox<CallEvent> | undefined;
  /** Looks on, if anybody does. */
  readonly observer?: CallObserver | undefined;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Where the call is told of; its lines carry the call's name. */
  readonly log: Log;
  /** Says that the server will stop; calls go on for a while. */
  readonly draining: AbortSignal;
  /** Ends the call when the server stops. */
  readonly signal: AbortSignal;
}
