/**
 * Everything that can happen in a call.
 *
 * @module
 */

import type { ToolEvent } from "../tools/tool_runner.ts";
import type { LegEvent } from "./leg.ts";
import type { ModelEvent } from "./model.ts";
import type { TimerName } from "./timers.ts";

/** A fact in the inbox of a call. */
export type CallEvent =
  | LegEvent
  | ModelEvent
  | ToolEvent
  /** The detector has scored a frame; `endMs` is the media time at which it ends. */
  | { type: "frame-scored"; endMs: number; speechProbability: number }
  /** The detector could not score a frame. */
  | { type: "scoring-failed"; endMs: number; error: unknown }
  /** A time that was waited for has come. */
  | { type: "timer-fired"; name: TimerName }
  /** A machine has answered a call that we placed. */
  | { type: "machine-answered" }
  /** The server will stop: what is needed to go on elsewhere is to be kept. */
  | { type: "draining-began" }
  /** Somebody who looks on wants the call to end. */
  | { type: "hang-up-requested" }
  /** Somebody who looks on tells the agent something that the caller does not hear. */
  | { type: "whispered"; text: string }
  /** The server stops: the call must end here. */
  | { type: "stop-requested" };
