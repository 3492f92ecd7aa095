/**
 * What tools may do to a conversation that is no telephone call: of what acts on one, most is refused in words that the
 * model may know.
 *
 * @module
 */

import type { CallControl } from "./call_control.ts";
import { ToolError } from "./tool.ts";

/**
 * Makes the control of a conversation without a call.
 *
 * @param leave The agent has said goodbye and ends it
 */
export function callLess(leave: () => void): CallControl {
  return {
    hangUp: leave,
    transfer: () => refuse("nobody can be put through"),
    sendDigits: () => refuse("there are no keys"),
    takeMessage: () => refuse("no message is kept"),
    sendMessage: () => refuse("no text message is sent"),
    remember: () => refuse("nothing is remembered"),
  };
}

function refuse(why: string): never {
  throw new ToolError(`This is no telephone call: ${why}`);
}
