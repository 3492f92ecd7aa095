/**
 * A caller's side that can be kept from hearing: a machine that plays its greeting is not to record what the agent says.
 *
 * @module
 */

import type { Leg, LegEvent } from "./leg.ts";

/** A leg; while it is muted it takes nothing for the line. */
export class MutableLeg implements Leg {
  /** Whether nothing goes to the line. */
  isMuted = false;
  readonly #leg: Leg;

  /** Stands before another leg. */
  constructor(leg: Leg) {
    this.#leg = leg;
  }

  /** Those of the leg behind it. */
  get faults(): ReadonlyMap<string, number> {
    return this.#leg.faults;
  }

  /** As a leg does. */
  listen(post: (event: LegEvent) => void): void {
    this.#leg.listen(post);
  }

  /** As a leg does, unless it is muted. */
  play(mulaw: Uint8Array): void {
    if (!this.isMuted) this.#leg.play(mulaw);
  }

  /** As a leg does, unless it is muted. */
  mark(name: string): void {
    if (!this.isMuted) this.#leg.mark(name);
  }

  /** As a leg does. */
  clear(): void {
    this.#leg.clear();
  }

  /** As a leg does. */
  close(): void {
    this.#leg.close();
  }
}
