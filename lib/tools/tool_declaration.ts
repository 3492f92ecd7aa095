/**
 * How a model is told of its tools.
 *
 * @module
 */

import type { Tool } from "./tool.ts";
import { type ApiSchema, apiSchema } from "./tool_schema.ts";

/** One tool, as a setup has it. */
export interface ToolDeclaration {
  /** Name to ask for. */
  readonly name: string;
  /** What it does, and when to use it. */
  readonly description: string;
  /** What it takes. */
  readonly parameters: ApiSchema;
  /** Whether the model waits for it. */
  readonly isBlocking: boolean;
}

/**
 * Declares a tool. A filler is part of the description: said by the model itself it is in its voice, and in its place.
 *
 * @throws {RangeError} If its parameters cannot be said; the message names the field
 */
export function declareTool(tool: Tool): ToolDeclaration {
  const { name, filler, isBlocking } = tool;
  const description = filler
    ? `${tool.description} Before you call it, say: "${filler}"`
    : tool.description;
  try {
    return { name, description, parameters: apiSchema(tool.parameters), isBlocking };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`Cannot declare tool "${name}": ${why}`, { cause });
  }
}

/**
 * Says whether the model waits for a function. For one that it was not told of it may wait too, until it hears that there is
 * none.
 */
export function waitingFor(tools: readonly ToolDeclaration[]): (name: string) => boolean {
  return (name) => tools.find((tool) => tool.name === name)?.isBlocking ?? true;
}
