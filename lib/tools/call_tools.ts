/**
 * The tools that act on the call itself. What they may do is fixed by the agent file: the model chooses among names, and
 * never says a number.
 *
 * @module
 */

import { z } from "zod";
import type { CallControl } from "./call_control.ts";
import { defineTool, type Tool } from "./tool.ts";
import type { Destination } from "./tool_wishes.ts";

const LONGEST_TEXT = 480;

/** Ends the call, its goodbye heard. */
export function hangUpTool(control: CallControl): Tool {
  return defineTool({
    name: "hang_up",
    description:
      "Ends the call. Say goodbye first, in the same answer. Use it when the caller has what they wanted or says goodbye.",
    parameters: z.object({}),
    scheduling: "silent",
    run: () => {
      control.hangUp();
      return "The call ends when your goodbye was heard. Say nothing more.";
    },
  });
}

/**
 * Puts the caller through to somebody whom the agent file names.
 *
 * @param destinations At least one, by name
 */
export function transferCallTool(
  control: CallControl,
  destinations: Readonly<Record<string, Destination>>,
): Tool {
  const list = Object.entries(destinations)
    .map(([name, { description }]) => `${name}: ${description}`).join("; ");
  return defineTool({
    name: "transfer_call",
    description:
      `Puts the caller through. Say so first, in the same answer. You can put them through to: ${list}.`,
    parameters: z.object({ destination: z.enum(Object.keys(destinations)) }),
    scheduling: "silent",
    run: ({ destination }) => {
      const found = destinations[destination];
      if (found) control.transfer(destination, found);
      return "The caller is put through when your words were heard. Say nothing more.";
    },
  });
}

/** Presses keys, as at the menu of another machine. */
export function sendDigitsTool(control: CallControl): Tool {
  return defineTool({
    name: "send_digits",
    description:
      "Presses keys of the telephone, for a menu that asks for them. w waits for half a second.",
    parameters: z.object({
      keys: z.string().regex(
        /^[0-9*#A-Dw]{1,32}$/,
        "expected 1 to 32 of 0 to 9, *, #, A to D and w",
      ),
    }),
    scheduling: "silent",
    run: ({ keys }) => {
      control.sendDigits(keys);
      return "The keys are pressed. Wait for what comes.";
    },
  });
}

/** Lets the model choose to say nothing. */
export function waitForUserTool(): Tool {
  return defineTool({
    name: "wait_for_user",
    description:
      "Stay silent and listen. Use it when the caller is still thinking, speaks to somebody else, or asked you to wait.",
    parameters: z.object({}),
    scheduling: "silent",
    run: () => "",
  });
}

/** Lets the model go on speaking. */
export function continueSpeakingTool(): Tool {
  return defineTool({
    name: "continue_speaking",
    description:
      "Go on with what you were saying. Use it when the caller only showed that they are listening.",
    parameters: z.object({ about: z.string().max(LONGEST_TEXT).describe("What comes next") }),
    scheduling: "interrupt",
    run: ({ about }) => `Go on: ${about}`,
  });
}

/** Takes a message for those who read the records. */
export function takeMessageTool(control: CallControl): Tool {
  return defineTool({
    name: "take_message",
    description: "Keeps a message of the caller. Say it back to them first and ask if it is right.",
    parameters: z.object({
      name: z.string().max(120).describe("Who leaves it"),
      callBack: z.string().max(40).describe("Where to call back; empty if they said nothing"),
      text: z.string().min(1).max(2_000).describe("The message"),
    }),
    onInterruption: "finish",
    run: (message) => {
      control.takeMessage(message);
      return "The message is kept.";
    },
  });
}

/**
 * Sends a text message to the caller, or to somebody whom the agent file lists.
 *
 * @param recipients Numbers beside the caller's own, by name; E.164
 */
export function sendSmsTool(
  control: CallControl,
  recipients: Readonly<Record<string, string>>,
): Tool {
  const names = ["caller", ...Object.keys(recipients).filter((name) => name !== "caller")];
  return defineTool({
    name: "send_sms",
    description: "Sends a short text message to the caller's own number, or to one of those named.",
    parameters: z.object({
      to: z.enum(names),
      text: z.string().min(1).max(LONGEST_TEXT),
    }),
    onInterruption: "finish",
    run: async ({ to, text }, { call }) => {
      await control.sendMessage(to === "caller" ? call.person : recipients[to] ?? "", text);
      return "The message is sent.";
    },
  });
}

/** Keeps facts for this caller's next call. */
export function rememberTool(control: CallControl): Tool {
  return defineTool({
    name: "remember",
    description:
      "Keeps a fact about this caller for their next call, such as a name or a wish. Never health, money or faith.",
    parameters: z.object({ fact: z.string().min(1).max(LONGEST_TEXT) }),
    scheduling: "silent",
    onInterruption: "finish",
    run: async ({ fact }) => {
      await control.remember(fact);
      return "It is kept.";
    },
  });
}
