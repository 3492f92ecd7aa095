/**
 * The wall around a tool: whatever it does, there is a response in the end.
 *
 * @module
 */

import type { Log } from "../log.ts";
import { type Tool, type ToolCaller, ToolError } from "./tool.ts";
import { toolOutput, type ToolResponse } from "./tool_output.ts";

/** What came of a tool. */
export interface Settled {
  /** What the model is answered. */
  readonly response: ToolResponse;
  /** Whether that is an error. */
  readonly hasFailed: boolean;
}

/**
 * Checks the arguments and runs a tool; never rejects.
 *
 * @param given `args` not yet checked; `log` tells of failures, never of arguments or results
 */
export async function runTool(
  tool: Tool,
  given: { args: unknown; signal: AbortSignal; call: ToolCaller; log: Log },
): Promise<Settled> {
  const { args, signal, call } = given;
  const parsed = tool.parameters.safeParse(args);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) =>
      `${path.join(".") || "arguments"}: ${message}`
    );
    return { response: { error: `Wrong arguments: ${wrong.join("; ")}` }, hasFailed: true };
  }
  const log = given.log.with({ tool: tool.name });
  try {
    const value = await tool.run(parsed.data, { signal, call, log });
    return { response: toolOutput(value), hasFailed: false };
  } catch (error) {
    if (error instanceof ToolError) return { response: { error: error.message }, hasFailed: true };
    if (!signal.aborted) log.error("tool-failed", { error });
    return { response: { error: "The tool failed" }, hasFailed: true };
  }
}
