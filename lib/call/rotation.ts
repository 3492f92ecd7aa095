/**
 * When a call lets its model move to another connection: in a quiet moment, and while the service has kept all that was
 * said. What is in the making is never continued on another connection.
 *
 * @module
 */

import type { ModelEvent } from "./model.ts";

/** Waits for the moment to move. */
export class Rotation {
  #isDue = false;
  #isKept = false;

  /** Takes a fact of the model. */
  take(event: ModelEvent): void {
    if (event.type === "model-rotation-due") this.#isDue = true;
    if (event.type === "resumption-updated") this.#isKept = event.handle !== undefined;
    if (event.type === "model-state-changed" && event.state !== "connected") {
      this.#isDue = this.#isKept = false;
    }
  }

  /** Whether this is the moment, if nobody speaks and nothing is owed; says so once. */
  isTime(isQuiet: boolean): boolean {
    if (!this.#isDue || !this.#isKept || !isQuiet) return false;
    this.#isDue = false;
    return true;
  }
}
