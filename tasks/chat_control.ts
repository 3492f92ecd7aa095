/**
 * What tools may do to a conversation in writing: there is no call, so most of what acts on one is refused in words that
 * the model may know.
 *
 * @module
 */

import type { CallControl } from "../lib/tools/call_control.ts";
import { ToolError } from "../lib/tools/tool.ts";

/**
 * Makes the control of a chat.
 *
 * @param leave The agent has said goodbye and ends it
 */
export function chatControl(leave: () => void): CallControl {
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
  throw new ToolError(`This is a chat and no telephone call: ${why}`);
}
