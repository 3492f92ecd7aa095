/**
 * The calls of functions that are open in a session: the session's own tools are run, the others wait for the program.
 *
 * @module
 */

import type { FunctionCall } from "../call/model.ts";
import type { Clock } from "../clock.ts";
import type { FunctionResult } from "../gemini/live_content.ts";
import type { Log } from "../log.ts";
import type { Tool, ToolScheduling } from "../tools/tool.ts";
import { type RunningTool, ToolRunner } from "../tools/tool_runner.ts";
import { InvalidMessageError } from "./session_errors.ts";

/** What a desk needs. */
export interface ToolDeskParts {
  /** Tools that the session runs. */
  readonly tools: readonly Tool[];
  /** Names of functions that the program answers. */
  readonly answeredByProgram: ReadonlySet<string>;
  /** Whether a result may say when it is to be taken up; a model that does not know it closes the connection. */
  readonly takesScheduling: boolean;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Tells of failures. */
  readonly log: Log;
  /** Takes results for the model. */
  readonly answer: (results: readonly FunctionResult[]) => void;
}

/** What a program answers a call with. */
export interface ToolResponse {
  /** Which call. */
  readonly id: string;
  /** Which function. */
  readonly name: string;
  /** What came of it: an object, or the JSON of one. */
  readonly response: Record<string, unknown> | string;
  /** When the model takes it up, where it may be told; `IMMEDIATE` means `INTERRUPT`, which is what the service calls it. */
  readonly scheduling?: "SILENT" | "WHEN_IDLE" | "INTERRUPT" | "IMMEDIATE";
}

const SCHEDULING: Record<ToolScheduling, "SILENT" | "WHEN_IDLE" | "INTERRUPT"> = {
  "silent": "SILENT",
  "when-idle": "WHEN_IDLE",
  "interrupt": "INTERRUPT",
};

/** Open calls by id; each is answered once. */
export class ToolDesk {
  readonly #parts: ToolDeskParts;
  readonly #runner: ToolRunner;
  /** Name of the function by id of the call. */
  readonly #open = new Map<string, string>();

  /** No call is open. */
  constructor(parts: ToolDeskParts) {
    const { tools, clock, log } = parts;
    this.#parts = parts;
    this.#runner = new ToolRunner({
      tools,
      call: { callSid: "", person: "", ours: "", agent: "" },
      clock,
      log,
      post: (event) => this.#runner.take(event),
      answer: ({ id, name, response, scheduling }) =>
        this.#answer([{
          id,
          name,
          response: { ...response },
          ...(scheduling ? { scheduling: SCHEDULING[scheduling] } : {}),
        }]),
    });
  }

  /** The session's own tools that run now, oldest first. */
  get running(): readonly RunningTool[] {
    return this.#runner.running;
  }

  /** The model asks. A function that nobody knows is answered with an error. */
  called(calls: readonly FunctionCall[]): void {
    const { answeredByProgram } = this.#parts;
    for (const { id, name } of calls) this.#open.set(id, name);
    this.#runner.request(calls.filter(({ name }) => !answeredByProgram.has(name)));
  }

  /** The model takes calls back. */
  cancelled(ids: readonly string[]): void {
    for (const id of ids) this.#open.delete(id);
    this.#runner.cancel(ids);
  }

  /**
   * The connection is gone, and its open calls with it.
   *
   * @returns Their ids
   */
  lost(): string[] {
    const ids = [...this.#open.keys()];
    this.cancelled(ids);
    return ids;
  }

  /** The session is over. */
  close(): void {
    this.#open.clear();
    this.#runner.close();
  }

  /**
   * The program answers.
   *
   * @throws {InvalidMessageError} If a call is not open, or a response is no JSON object; then none was sent
   */
  respond(responses: readonly ToolResponse[]): void {
    if (responses.length === 0) throw wrong("functionResponses", "at least one");
    this.#answer(responses.map((response, n) => this.#result(response, n)));
  }

  #result({ id, name, response, scheduling }: ToolResponse, n: number): FunctionResult {
    const field = `functionResponses.${n}`;
    if (this.#open.get(id) !== name) throw wrong(`${field}.id`, "a call of this name that is open");
    const result = typeof response === "string" ? parsed(response, field) : response;
    if (!scheduling) return { id, name, response: result };
    const when = scheduling === "IMMEDIATE" ? "INTERRUPT" : scheduling;
    return { id, name, response: result, scheduling: when };
  }

  #answer(results: readonly FunctionResult[]): void {
    const { answer, takesScheduling } = this.#parts;
    const due = results.filter(({ id }) => this.#open.delete(id))
      .map(({ scheduling, ...result }) =>
        scheduling && takesScheduling ? { ...result, scheduling } : result
      );
    if (due.length > 0) answer(due);
  }
}

function parsed(json: string, field: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = undefined;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return { ...value };
  }
  throw wrong(`${field}.response`, "an object, or the JSON of one");
}

function wrong(field: string, expected: string): InvalidMessageError {
  return new InvalidMessageError(`Cannot send: ${field}: expected ${expected}`, { field });
}
