/** Tools for calls of tests: some that settle when they are told to, and what was asked of the world. */
import type { ToolKit } from "../../lib/call/abilities.ts";
import type { CallControl } from "../../lib/tools/call_control.ts";
import {
  hangUpTool,
  sendDigitsTool,
  takeMessageTool,
  transferCallTool,
  waitForUserTool,
} from "../../lib/tools/call_tools.ts";
import { defineTool, type Tool, type ToolDefinition } from "../../lib/tools/tool.ts";
import { z } from "zod";

/** To whom callers of tests can be put through. */
export const DESTINATIONS = {
  kitchen: { number: "+15550003333", description: "The kitchen", ringSeconds: 20, whisper: "" },
};

/** A kit of these tools beside those that act on the call. */
export function kitOf(...tools: readonly Tool[]): ToolKit {
  return {
    tools: (control: CallControl) => [
      hangUpTool(control),
      transferCallTool(control, DESTINATIONS),
      sendDigitsTool(control),
      takeMessageTool(control),
      waitForUserTool(),
      ...tools,
    ],
    sendMessage: () => Promise.resolve(),
    remember: () => Promise.resolve(),
  };
}

/** A tool that takes anything. */
export function toolOf(
  name: string,
  run: Tool["run"],
  manners: Partial<Omit<ToolDefinition<z.ZodObject>, "name" | "run">> = {},
): Tool {
  return defineTool({
    description: "For tests.",
    parameters: z.object({}),
    ...manners,
    name,
    run,
  });
}

/** A call of which tools can be made that none of them runs in. */
export const NO_CALL: CallControl = {
  hangUp: () => {},
  transfer: () => {},
  sendDigits: () => {},
  takeMessage: () => {},
  sendMessage: () => Promise.resolve(),
  remember: () => Promise.resolve(),
};
