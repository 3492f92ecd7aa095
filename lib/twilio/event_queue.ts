/**
 * What a leg has to tell before anybody listens.
 *
 * @module
 */

import type { LegEvent } from "../call/leg.ts";

/** Holds facts until somebody listens, and keeps their order. */
export class EventQueue {
  readonly #waiting: LegEvent[] = [];
  #listener: ((event: LegEvent) => void) | undefined;

  /** Tells a fact, now or as soon as somebody listens. */
  post(event: LegEvent): void {
    if (this.#listener) this.#listener(event);
    else this.#waiting.push(event);
  }

  /**
   * Tells what has waited, then the rest as it comes. What the listener brings about meanwhile is told after what has
   * waited.
   */
  listen(listener: (event: LegEvent) => void): void {
    for (let event = this.#waiting.shift(); event; event = this.#waiting.shift()) listener(event);
    this.#listener = listener;
  }
}
