/**
 * From what an agent file says of tools to the tools of one call.
 *
 * @module
 */

import type { CallControl } from "./call_control.ts";
import {
  continueSpeakingTool,
  hangUpTool,
  rememberTool,
  sendDigitsTool,
  sendSmsTool,
  takeMessageTool,
  transferCallTool,
  waitForUserTool,
} from "./call_tools.ts";
import { httpTool, type HttpToolParts } from "./http_tool.ts";
import { DEFAULT_MANNERS, type Tool, ToolError, type ToolManners } from "./tool.ts";
import { declareTool, type ToolDeclaration } from "./tool_declaration.ts";
import type { ToolHandling, ToolWishes, WishedTool } from "./tool_wishes.ts";

/** What the model makes of tools: it waits for all of them, for none, or as it is told. */
export type ToolModel = "blocking" | "either" | "non-blocking";

/** What a box is made of. */
export interface ToolBoxParts extends HttpToolParts {
  /** Tools of this server, beside those that act on the call. */
  readonly own: readonly Tool[];
}

/** Who makes a tool that acts on the call. */
type CallToolMaker = (control: CallControl, wishes: ToolWishes) => Tool;

const CALL_TOOLS: ReadonlyMap<string, CallToolMaker> = new Map<string, CallToolMaker>([
  ["hang_up", (control) => hangUpTool(control)],
  ["transfer_call", (control, { destinations }) => transferCallTool(control, destinations)],
  ["send_digits", (control) => sendDigitsTool(control)],
  ["wait_for_user", () => waitForUserTool()],
  ["continue_speaking", () => continueSpeakingTool()],
  ["take_message", (control) => takeMessageTool(control)],
  ["send_sms", (control, { smsRecipients }) => sendSmsTool(control, smsRecipients)],
  ["remember", (control) => rememberTool(control)],
]);

/** How long a service may take, unless an agent file says otherwise: a caller waits meanwhile. */
const SERVICE_MS = 5_000;

/** Makes the tools of agents. */
export class ToolBox {
  readonly #parts: ToolBoxParts;
  readonly #own: ReadonlyMap<string, Tool>;

  /** Opens the box. */
  constructor(parts: ToolBoxParts) {
    this.#parts = parts;
    this.#own = new Map(parts.own.map((tool) => [tool.name, tool]));
  }

  /**
   * The tools of one call.
   *
   * @throws {RangeError} If one of them cannot be made; see {@linkcode ToolBox.problems}
   */
  tools(wishes: ToolWishes, model: ToolModel, control: CallControl): Tool[] {
    return wishes.tools.map((wish) => {
      const tool = this.#tool(wish, wishes, control);
      const { blocking = tool.isBlocking } = wish;
      const isBlocking = model === "either" ? blocking : model === "blocking";
      return { ...tool, ...manners(wish, tool), isBlocking };
    });
  }

  /** What the model is told of them. */
  declarations(wishes: ToolWishes, model: ToolModel): ToolDeclaration[] {
    return this.tools(wishes, model, NO_CALL).map(declareTool);
  }

  /** What is wrong with what an agent file says of its tools, a line each that begins with the field. */
  problems(wishes: ToolWishes): string[] {
    const names = new Set<string>();
    return wishes.tools.flatMap((wish, index) => {
      try {
        const tool = this.#tool(wish, wishes, NO_CALL);
        declareTool(tool);
        if (names.has(tool.name)) return [`tools.${index}: another one is named ${tool.name} too`];
        names.add(tool.name);
        return [];
      } catch (error) {
        if (error instanceof RangeError) return [`tools.${index}.${error.message}`];
        throw error;
      }
    });
  }

  /** Gives up whatever its tools still ask. */
  async close(): Promise<void> {
    await this.#parts.client.close();
  }

  #tool(wish: WishedTool, wishes: ToolWishes, control: CallControl): Tool {
    if (!("use" in wish)) {
      const { name, description, parameters, http } = wish;
      return httpTool(
        { ...DEFAULT_MANNERS, timeoutMs: SERVICE_MS, name, description, parameters, http },
        this.#parts,
      );
    }
    const { use } = wish;
    if (use === "transfer_call" && Object.keys(wishes.destinations).length === 0) {
      throw new RangeError("use: transfer_call needs somebody in destinations");
    }
    const tool = CALL_TOOLS.get(use)?.(control, wishes) ?? this.#own.get(use);
    if (tool) return tool;
    const known = [...CALL_TOOLS.keys(), ...this.#own.keys()].join(", ");
    throw new RangeError(`use: ${use} is unknown; known are ${known}`);
  }
}

function manners(wish: ToolHandling, tool: ToolManners): Omit<ToolManners, "isBlocking"> {
  const { scheduling = tool.scheduling, delaySeconds, timeoutSeconds } = wish;
  return {
    scheduling: scheduling === "immediate" ? "interrupt" : scheduling,
    delayMs: delaySeconds === undefined ? tool.delayMs : delaySeconds * 1_000,
    timeoutMs: timeoutSeconds === undefined ? tool.timeoutMs : timeoutSeconds * 1_000,
    filler: wish.filler ?? tool.filler,
    onInterruption: wish.onInterruption ?? tool.onInterruption,
  };
}

/** Tools are made for it to see whether they can be; none of them runs. */
const NO_CALL: CallControl = {
  hangUp: noCall,
  transfer: noCall,
  sendDigits: noCall,
  takeMessage: noCall,
  sendMessage: noCall,
  remember: noCall,
};

function noCall(): never {
  throw new ToolError("There is no call");
}
