/**
 * Processes that share a store tell one another that they live.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";
import type { PatientStore } from "../store/patient_store.ts";
import type { Store } from "../store/store.ts";

/** How often a process that has something to live for says so. */
const SIGN_MS = 5_000;
/** After this long without a sign a process is dead: some signs may be late. */
const LEASE_MS = 20_000;
/** How long a sign is kept; after that its absence says the same. */
const KEPT_MS = 3_600_000;

/** The sign of one process, and a reader of all others'. */
export class LifeSign {
  readonly #instance: string;
  readonly #store: PatientStore;
  readonly #clock: Clock;
  #timer: Timer | undefined;

  /**
   * Gives no sign yet.
   *
   * @param options `instance` names this process; no other has ever had that name
   */
  constructor(options: { instance: string; store: PatientStore; clock: Clock }) {
    this.#instance = options.instance;
    this.#store = options.store;
    this.#clock = options.clock;
  }

  /** Gives a sign now and then every few seconds, for as long as `isNeeded` says so. */
  giveWhile(isNeeded: () => boolean): void {
    if (this.#timer) return;
    this.#give();
    this.#timer = this.#clock.at(this.#clock.nowMs() + SIGN_MS, () => {
      this.#timer = undefined;
      if (isNeeded()) this.giveWhile(isNeeded);
    });
  }

  /** Whether a process lives, as far as its signs tell. */
  async isAlive(instance: string, store: Store): Promise<boolean> {
    if (instance === this.#instance) return true;
    const sign = await store.get(["alive", instance]);
    return sign !== undefined && this.#clock.epochMs() - Number(sign.value) < LEASE_MS;
  }

  /** Gives no more signs. */
  close(): void {
    this.#timer?.cancel();
  }

  #give(): void {
    const key = ["alive", this.#instance];
    const value = this.#clock.epochMs();
    this.#store.write([{ type: "set", key, value, expireInMs: KEPT_MS }]);
  }
}
