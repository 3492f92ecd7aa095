/**
 * What a tool is: something that the agent can do in a call, as the model is told of it and as it is run.
 *
 * @module
 */

import type { z } from "zod";
import type { Log } from "../log.ts";

/**
 * What a tool takes, as a schema of zod.
 *
 * @internal
 */
export type ToolParameters = z.ZodObject;

/**
 * Arguments that fit it.
 *
 * @internal
 */
export type ToolArguments<Parameters extends ToolParameters> = z.output<Parameters>;

/** When the model takes up what a tool gave: once it is free, without a word, or at once. */
export type ToolScheduling = "when-idle" | "silent" | "interrupt";

/** The call in which a tool runs. */
export interface ToolCaller {
  /** Name of the call. */
  readonly callSid: string;
  /** Who is at the other end, as the network says it: the caller, or whom we called. */
  readonly person: string;
  /** The number of ours that they called, or were called from. */
  readonly ours: string;
  /** Which agent asks. */
  readonly agent: string;
}

/** What a running tool may use. */
export interface ToolContext {
  /** Aborted when nobody waits for the tool any more: it was cancelled, took too long, or the caller hung up. */
  readonly signal: AbortSignal;
  /** The call in which it runs. */
  readonly call: ToolCaller;
  /** Where it tells what it did; its lines carry the call's name. */
  readonly log: Log;
}

/** How a tool is to be treated; every field has a default. */
export interface ToolManners {
  /** Whether the model waits for it; `false` unless given. Not every model can do both. */
  readonly isBlocking: boolean;
  /** When its result is taken up; `when-idle` unless given. */
  readonly scheduling: ToolScheduling;
  /** How long its result is held back; 0 unless given. */
  readonly delayMs: number;
  /** How long it may take; 10,000 unless given. */
  readonly timeoutMs: number;
  /** What the agent says before it asks for the tool; absent: what it likes. */
  readonly filler: string | undefined;
  /** When the caller breaks in: it is aborted, or finishes although nobody will hear of it. `abort` unless given. */
  readonly onInterruption: "abort" | "finish";
}

/** Something that the agent can do. */
export interface Tool extends ToolManners {
  /** Name that the model asks for. */
  readonly name: string;
  /** What it does and when to use it, for the model. */
  readonly description: string;
  /** What it takes. */
  readonly parameters: ToolParameters;
  /**
   * Does it.
   *
   * @param args Checked against `parameters`
   * @returns Something that can be written as JSON
   * @throws {ToolError} With words that the model may know; of any other error it learns nothing
   */
  run(args: unknown, context: ToolContext): unknown;
}

/** A tool could not do what it was asked; the message goes to the model and holds no secret. */
export class ToolError extends Error {
  /** Tells it from other errors. */
  override name = "ToolError";
}

/** How a tool is treated that says nothing of it. */
export const DEFAULT_MANNERS: ToolManners = {
  isBlocking: false,
  scheduling: "when-idle",
  delayMs: 0,
  timeoutMs: 10_000,
  filler: undefined,
  onInterruption: "abort",
};

/** Names of functions as the API takes them. */
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/;

/** What {@linkcode defineTool} takes. */
export interface ToolDefinition<Parameters extends ToolParameters> extends Partial<ToolManners> {
  /** Name that the model asks for: letters, digits and `_`. */
  readonly name: string;
  /** What it does and when to use it, for the model. */
  readonly description: string;
  /** What it takes. */
  readonly parameters: Parameters;
  /** Does it, with arguments of the right shape. */
  run(args: ToolArguments<Parameters>, context: ToolContext): unknown;
}

/**
 * Makes a tool whose function gets arguments of the right shape.
 *
 * @throws {RangeError} If the name cannot be one
 */
export function defineTool<Parameters extends ToolParameters>(
  definition: ToolDefinition<Parameters>,
): Tool {
  const { parameters, run, ...rest } = definition;
  if (!NAME.test(rest.name)) {
    throw new RangeError(
      `Cannot define tool "${rest.name}": name: expected 1 to 64 letters, digits and _`,
    );
  }
  return {
    ...DEFAULT_MANNERS,
    ...rest,
    parameters,
    run: (args, context) => run(parameters.parse(args), context),
  };
}
