/**
 * The models of one call, one after the other: what a replaced one still says counts for nothing.
 *
 * @module
 */

import { ModelError, type ModelEvent } from "./model.ts";

/** The models of one call. */
export class ModelQueue {
  readonly #post: (event: ModelEvent) => void;
  #latest = 0;
  #lost: ModelError | undefined;

  /** Posts what the latest model says. */
  constructor(post: (event: ModelEvent) => void) {
    this.#post = post;
  }

  /** Takes what the next model says, until there is another. */
  next(): (event: ModelEvent) => void {
    const number = ++this.#latest;
    return (event) => {
      if (number !== this.#latest) return;
      if (event.type === "model-lost") this.#lost = event.error;
      this.#post(event);
    };
  }

  /** Why no answer comes: the latest was lost, or it is as `problem` says. */
  failure(problem: string): ModelError {
    return this.#lost ??
      new ModelError("unavailable", `Cannot get an answer from the model: ${problem}`);
  }
}
