/**
 * Spares a model that refuses us for good: a wrong key or an unknown model does not become right by asking again. After
 * such a failure nobody in the process asks for a while, and it is known at once.
 *
 * @module
 */

import type { ModelError } from "../call/model.ts";
import type { Clock } from "../clock.ts";

/** Three tries a minute. */
const REST_MS = 20_000;

/** What is known of each model, for the whole process. */
export class ModelCircuit {
  readonly #clock: Clock;
  readonly #broken = new Map<string, { error: ModelError; untilMs: number }>();

  /** All models are taken to work. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why a model cannot be had now; absent if it may be tried. */
  obstacleTo(model: string): ModelError | undefined {
    const broken = this.#broken.get(model);
    return broken && broken.untilMs > this.#clock.nowMs() ? broken.error : undefined;
  }

  /**
   * Asks to connect. Of a model that has rested one attempt is let through, and it rests on until that has succeeded.
   *
   * @returns Why it may not be tried, if so
   */
  enter(model: string): ModelError | undefined {
    const obstacle = this.obstacleTo(model);
    const broken = this.#broken.get(model);
    if (!obstacle && broken) broken.untilMs = this.#clock.nowMs() + REST_MS;
    return obstacle;
  }

  /** An attempt failed; only what will not pass is remembered. */
  failed(model: string, error: ModelError): void {
    if (error.kind !== "authentication" && error.kind !== "model-not-found") return;
    this.#broken.set(model, { error, untilMs: this.#clock.nowMs() + REST_MS });
  }

  /** A connection is set up. */
  connected(model: string): void {
    this.#broken.delete(model);
  }
}
