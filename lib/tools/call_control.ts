/**
 * What the tools may do to the call they run in. The call does it; a tool only asks.
 *
 * @module
 */

import type { Destination } from "./tool_wishes.ts";

/** What a caller wants to be passed on. */
export interface CallerMessage {
  /** Who leaves it. */
  readonly name: string;
  /** Where to call back, as it was said. */
  readonly callBack: string;
  /** What it says. */
  readonly text: string;
}

/** The call, as its tools see it. Methods throw {@linkcode ToolError} where it cannot be done. */
export interface CallControl {
  /** Ends the call once what the agent says was heard. */
  hangUp(): void;
  /** Puts the caller through, once what the agent says was heard. */
  transfer(name: string, destination: Destination): void;
  /** Presses keys, behind what the agent says. */
  sendDigits(keys: string): void;
  /** Keeps a message with the record of the call. */
  takeMessage(message: CallerMessage): void;
  /** Sends a text message. */
  sendMessage(to: string, text: string): Promise<void>;
  /** Keeps a fact for the next call of the same caller. */
  remember(fact: string): Promise<void>;
}
