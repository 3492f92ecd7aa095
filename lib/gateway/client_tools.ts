/**
 * The tools of a client's conversation: run beside it, answered to the connection that asked.
 *
 * @module
 */

import type { Model, ModelEvent } from "../call/model.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Tool } from "../tools/tool.ts";
import { ToolRunner } from "../tools/tool_runner.ts";

/** What tools need. */
export interface ClientToolsParts {
  /** What there is. */
  readonly tools: readonly Tool[];
  /** Name of the agent. */
  readonly agent: string;
  /** Takes answers. */
  readonly model: Pick<Model, "answerFunctions">;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Where runs are told of. */
  readonly log: Log;
}

/** The tools of one conversation. */
export class ClientTools {
  readonly #runner: ToolRunner;

  /** Nothing was asked for yet. */
  constructor({ tools, agent, model, clock, log }: ClientToolsParts) {
    this.#runner = new ToolRunner({
      tools,
      // Nobody is on the line.
      call: { callSid: "", person: "", ours: "", agent },
      clock,
      log,
      post: (event) => this.#runner.take(event),
      answer: (answer) => model.answerFunctions([answer]),
    });
  }

  /** Whether one runs. */
  get isBusy(): boolean {
    return this.#runner.running.length > 0;
  }

  /** Takes what the model says of functions; everything else is not its business. */
  take(event: ModelEvent): void {
    switch (event.type) {
      case "functions-called":
        return this.#runner.request(event.calls);
      case "functions-cancelled":
        return this.#runner.cancel(event.ids);
      case "model-state-changed":
        // The next connection does not know what this one asked for.
        if (event.state === "disconnected") {
          this.#runner.cancel(this.#runner.running.map(({ id }) => id));
        }
        return;
      default:
    }
  }

  /** The conversation is over, or has another model: whatever runs is aborted. */
  close(): void {
    this.#runner.close();
  }
}
