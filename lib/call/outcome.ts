/**
 * How a call ended.
 *
 * @module
 */

import type { LegEnd } from "./leg.ts";

/** How a call ended. */
export type CallEnding =
  /** The caller hung up. */
  | "caller-hung-up"
  /** The line was lost without a word. */
  | "line-lost"
  /** The line was open and brought no audio for too long. */
  | "line-dead"
  /** The agent ended the call, its goodbye heard. */
  | "agent-hung-up"
  /** Somebody at the console ended it. */
  | "console-hung-up"
  /** The caller is being put through to somebody. */
  | "transferred"
  /** The call reached its longest allowed time. */
  | "time-limit-reached"
  /** The model could not be reached, or was lost. */
  | "model-failed"
  /** The server shut down. */
  | "server-stopped"
  /** The server shut down, and another one goes on with the call. */
  | "handed-over"
  /** A fault of our own. */
  | "call-failed";

/** What the end of a leg makes of its call. */
export const LEG_ENDINGS: Readonly<Record<LegEnd, CallEnding>> = {
  "hung-up": "caller-hung-up",
  lost: "line-lost",
  dead: "line-dead",
};

/** How a call ended and, where something failed, what. */
export interface CallOutcome {
  /** How it ended. */
  readonly ending: CallEnding;
  /** What failed, for the log and the record; no secret and nothing a person said. */
  readonly detail?: string;
  /** To whom the caller is put through, by the name that the agent file gives them. */
  readonly destination?: string;
}

/** After these the call goes on if the caller is still there. */
export const MAY_GO_ON: ReadonlySet<CallEnding> = new Set<CallEnding>([
  "line-lost",
  "handed-over",
  "transferred",
]);
