/**
 * Somebody who looks on while a call goes: is told what happens, and may change nothing but by the handle.
 *
 * @module
 */

import type { CallRecord } from "../records/call_record.ts";
import type { TurnOrder } from "../turns/turn_machine.ts";
import type { CallEvent } from "./call_events.ts";

/** A tool that runs at this moment. */
export interface ToolInSight {
  /** Which. */
  readonly name: string;
  /** When it was asked for, in milliseconds since the call was answered. */
  readonly startMs: number;
}

/** A call that goes on, for those outside it. */
export interface CallHandle {
  /** Milliseconds since the call was answered. */
  callMs(): number;
  /** All that is known of the call at this moment. */
  record(): CallRecord;
  /** The tools that run, oldest first. */
  tools(): readonly ToolInSight[];
  /** Tells the agent something that the caller does not hear. */
  whisper(text: string): void;
  /** Has the call end soon; once is enough, more does no harm. */
  hangUp(): void;
}

/** Looks on. Nothing that it does throws or takes long: it is told in the middle of the call's work. */
export interface CallObserver {
  /** The call has begun. */
  began(call: CallHandle): void;
  /** A fact was taken from the inbox. */
  took(event: CallEvent): void;
  /** The turn machine has ordered something. */
  ordered(order: TurnOrder["type"]): void;
}
