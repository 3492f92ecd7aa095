/**
 * What the agent can do beside talking: its tools, what they do to the call, and how it takes its leave.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { CallRecord } from "../records/call_record.ts";
import type { CallControl } from "../tools/call_control.ts";
import type { Tool } from "../tools/tool.ts";
import type { ToolEvent } from "../tools/tool_runner.ts";
import { CallActions, type CallReach } from "./call_actions.ts";
import type { ToolInSight } from "./call_observer.ts";
import type { CallPast } from "./call_past.ts";
import type { Conversation } from "./conversation.ts";
import { Departure } from "./departure.ts";
import type { CallFacts } from "./leg.ts";
import type { ModelEvent } from "./model.ts";
import type { ModelLink } from "./model_link.ts";
import type { CallOutcome } from "./outcome.ts";
import type { Timers } from "./timers.ts";
import { ToolDesk } from "./tool_desk.ts";

/** Latest runs that are kept: a record is one value of a store. */
const MOST_TOOLS = 60;

/** What a call is given to do more than talk. */
export interface ToolKit extends CallReach {
  /** Its tools. */
  tools(control: CallControl): readonly Tool[];
}

/** What abilities need. */
export interface AbilitiesParts {
  /** The tools, and what lies outside of the call; absent: it can do nothing but talk. */
  readonly toolKit?: ToolKit | undefined;
  /** The call. */
  readonly facts: CallFacts;
  /** What was before, on another instance. */
  readonly past: CallPast;
  /** The model's side. */
  readonly link: ModelLink;
  /** The two parties. */
  readonly conversation: Conversation;
  /** The timers of the call. */
  readonly timers: Timers;
  /** The inbox of the call. */
  readonly post: (event: ToolEvent) => void;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Where runs are told of. */
  readonly log: Log;
}

const NO_TOOLS: ToolKit = {
  tools: () => [],
  sendMessage: () => Promise.resolve(),
  remember: () => Promise.resolve(),
};

/** What the agent of one call can do. */
export class Abilities {
  readonly #past: CallPast;
  readonly #startedMs: number;
  readonly #departure: Departure;
  readonly #actions: CallActions;
  readonly #desk: ToolDesk;

  /** Nothing was done yet. */
  constructor(parts: AbilitiesParts) {
    const { toolKit = NO_TOOLS, conversation, clock } = parts;
    this.#past = parts.past;
    this.#startedMs = clock.nowMs() - conversation.callMs;
    this.#departure = new Departure(parts);
    this.#actions = new CallActions({ conversation, departure: this.#departure, reach: toolKit });
    const tools = toolKit.tools(this.#actions);
    this.#desk = new ToolDesk({ ...parts, tools, answers: conversation.answers });
  }

  /** Whether the agent means to hang up, its goodbye said: such a call does not come back. */
  get isHangingUp(): boolean {
    return this.#departure.wish?.ending === "agent-hung-up";
  }

  /** Takes what the model says of functions. */
  takeFromModel(event: ModelEvent): void {
    this.#desk.takeFromModel(event);
  }

  /** Takes a fact from a tool. */
  take(event: ToolEvent): void {
    this.#desk.take(event);
  }

  /** Looks after each fact whether the agent's last words were heard; then says how the call ends. */
  look(): CallOutcome | undefined {
    return this.#departure.look();
  }

  /** The tools that run, oldest first. */
  get running(): ToolInSight[] {
    return this.#desk.running.map(({ name, startedMs }) => ({
      name,
      startMs: this.#callMs(startedMs),
    }));
  }

  /** What is kept of it with the call. */
  record(): Pick<CallRecord, "tools" | "messages"> {
    const { record } = this.#past;
    const tools = this.#desk.runs.map(({ startedMs, endedMs, ...run }) => ({
      ...run,
      startMs: this.#callMs(startedMs),
      durationMs: Math.round(endedMs - startedMs),
    }));
    return {
      tools: [...record?.tools ?? [], ...tools].slice(-MOST_TOOLS),
      messages: [...record?.messages ?? [], ...this.#actions.messages],
    };
  }

  /** The call is over. */
  close(): void {
    this.#desk.close();
  }

  #callMs(nowMs: number): number {
    return Math.round(nowMs - this.#startedMs);
  }
}
