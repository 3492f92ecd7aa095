/**
 * The tools of one call: the model asks for them, they run beside the conversation, and what they give goes back to the
 * connection that asked.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Tool } from "../tools/tool.ts";
import {
  type RunningTool,
  type ToolAnswer,
  type ToolEvent,
  type ToolRun,
  ToolRunner,
} from "../tools/tool_runner.ts";
import type { AnswerWatch } from "./answer_watch.ts";
import { type CallFacts, partiesOf } from "./leg.ts";
import type { FunctionCall, ModelEvent } from "./model.ts";
import type { ModelLink } from "./model_link.ts";

/** After these the model means to say nothing more: silence is right. */
const SILENCING: ReadonlySet<string> = new Set([
  "wait_for_user",
  "hang_up",
  "transfer_call",
  "send_digits",
]);

/** What a desk needs. */
export interface ToolDeskParts {
  /** What there is. */
  readonly tools: readonly Tool[];
  /** The call. */
  readonly facts: CallFacts;
  /** The model's side. */
  readonly link: ModelLink;
  /** Waits with the caller. */
  readonly answers: Pick<
    AnswerWatch,
    "toolsCalled" | "toolsAnswered" | "toolsTakenBack" | "silenceChosen"
  >;
  /** The inbox of the call. */
  readonly post: (event: ToolEvent) => void;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Where runs are told of. */
  readonly log: Log;
}

/** The tools of one call. */
export class ToolDesk {
  readonly #parts: ToolDeskParts;
  readonly #runner: ToolRunner;
  readonly #tools: ReadonlyMap<string, Tool>;
  /** Calls whose result will be spoken of. */
  readonly #spoken = new Set<string>();

  /** Nothing was asked for yet. */
  constructor(parts: ToolDeskParts) {
    this.#parts = parts;
    this.#tools = new Map(parts.tools.map((tool) => [tool.name, tool]));
    this.#runner = new ToolRunner({
      ...parts,
      call: { ...parts.facts, ...partiesOf(parts.facts) },
      answer: (answer) => this.#answer(answer),
    });
  }

  /** What runs now. */
  get running(): readonly RunningTool[] {
    return this.#runner.running;
  }

  /** What was run. */
  get runs(): readonly ToolRun[] {
    return this.#runner.runs;
  }

  /** Takes what the model says of functions; everything else is not its business. */
  takeFromModel(event: ModelEvent): void {
    switch (event.type) {
      case "functions-called":
        return this.#called(event.calls);
      case "functions-cancelled":
        return this.#cancel(event.ids);
      case "model-state-changed":
        // The next connection does not know what this one asked for.
        if (event.state === "disconnected") this.#forget();
        return;
      default:
    }
  }

  /** Takes a fact from a tool. */
  take(event: ToolEvent): void {
    this.#runner.take(event);
  }

  /** The call is over. */
  close(): void {
    this.#spoken.clear();
    this.#runner.close();
  }

  #called(calls: readonly FunctionCall[]): void {
    const { answers } = this.#parts;
    // What is not known is answered with an error, and that is spoken of.
    const spoken = calls.filter(({ name }) => this.#tools.get(name)?.scheduling !== "silent");
    for (const { id } of spoken) this.#spoken.add(id);
    if (spoken.length > 0) answers.toolsCalled();
    else if (calls.every(({ name }) => SILENCING.has(name))) answers.silenceChosen();
    this.#runner.request(calls);
  }

  #answer(answer: ToolAnswer): void {
    this.#parts.link.answerFunctions([answer]);
    if (this.#settled([answer.id])) this.#parts.answers.toolsAnswered();
  }

  #cancel(ids: readonly string[]): void {
    this.#runner.cancel(ids);
    if (this.#settled(ids)) this.#parts.answers.toolsTakenBack();
  }

  #forget(): void {
    this.#spoken.clear();
    this.#runner.cancel(this.#runner.running.map(({ id }) => id));
  }

  /** Whether the last of those is done whose result was to be spoken of. */
  #settled(ids: readonly string[]): boolean {
    const wasPending = ids.filter((id) => this.#spoken.delete(id)).length > 0;
    return wasPending && this.#spoken.size === 0;
  }
}
