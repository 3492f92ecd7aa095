/**
 * What lies between a call and its tools: what they are, what they do to the call, and what they have it send. Their
 * results come as facts.
 *
 * @module
 */

import { z } from "zod";
import type { ToolKit } from "../call/abilities.ts";
import type { CallControl } from "../tools/call_control.ts";
import type { Tool, ToolManners } from "../tools/tool.ts";
import type { Seam } from "./seam.ts";

/** A tool as a call sees it, which does nothing. */
interface ToolShape extends ToolManners {
  readonly name: string;
}

/** The same tools, behind a seam. */
export function seamToolKit(kit: ToolKit, seam: Seam): ToolKit {
  return {
    tools: (control) => {
      const behindSeam = seamControl(control, seam);
      let tools: readonly Tool[] | undefined;
      const shapes = seam.ask("tools", [], () => {
        tools = kit.tools(behindSeam);
        return tools.map(shapeOf);
      });
      return tools ?? shapes.map(standIn);
    },
    sendMessage: (to, text) => seam.tell("message", [to, text], () => kit.sendMessage(to, text)),
    remember: (fact) => seam.tell("remember", [fact], () => kit.remember(fact)),
  };
}

/** What tools do to the call comes into it from outside. */
function seamControl(control: CallControl, seam: Seam): CallControl {
  return {
    hangUp: seam.way("tool.hang-up", () => control.hangUp()),
    transfer: seam.way("tool.transfer", (name, to) => control.transfer(name, to)),
    sendDigits: seam.way("tool.send-digits", (keys) => control.sendDigits(keys)),
    takeMessage: seam.way("tool.take-message", (message) => control.takeMessage(message)),
    sendMessage: seam.way("tool.send-message", (to, text) => control.sendMessage(to, text)),
    remember: seam.way("tool.remember", (fact) => control.remember(fact)),
  };
}

function shapeOf(tool: Tool): ToolShape {
  const { name, isBlocking, scheduling, delayMs, timeoutMs, filler, onInterruption } = tool;
  return { name, isBlocking, scheduling, delayMs, timeoutMs, filler, onInterruption };
}

function standIn(shape: ToolShape): Tool {
  return {
    ...shape,
    description: "",
    parameters: z.looseObject({}),
    run: () => new Promise(() => {}),
  };
}
