/**
 * A store with troubles, on a fake clock.
 *
 * @module
 */

import { createLog } from "../../lib/log.ts";
import { MemoryStore } from "../../lib/store/memory_store.ts";
import { PatientStore } from "../../lib/store/patient_store.ts";
import type { OpenStore, StoreChange } from "../../lib/store/store.ts";
import { FakeClock } from "./fake_clock.ts";

/** A store that can be made absent, slow or deaf, and tells what was asked of it. */
export class UnreliableStore {
  readonly clock = new FakeClock();
  readonly memory = new MemoryStore({ clock: this.clock });
  /** Every commit that was made. */
  readonly commits: (readonly StoreChange[])[] = [];
  /** Every event of the log. */
  readonly logged: string[] = [];
  opened = 0;
  closed = 0;
  /** What is wrong with it: it rejects, or never answers. */
  trouble: "none" | "absent" | "deaf" = "none";
  /** How long it takes over everything. */
  delayMs = 0;
  /** The wall around it. */
  readonly patient: PatientStore;

  constructor(options: { trouble?: "absent"; queueBytes?: number } = {}) {
    const { trouble, ...rest } = options;
    if (trouble) this.trouble = trouble;
    const write = (line: string) => void this.logged.push(JSON.parse(line).event);
    this.patient = new PatientStore({
      open: () => this.#open(),
      clock: this.clock,
      log: createLog({ level: "info", clock: this.clock, write }),
      ...rest,
    });
  }

  async #open(): Promise<OpenStore> {
    this.opened++;
    await this.#trouble();
    return {
      get: async (key) => (await this.#trouble(), this.memory.get(key)),
      list: async (prefix, options) => (await this.#trouble(), this.memory.list(prefix, options)),
      commit: async (changes, checks) => {
        await this.#trouble();
        this.commits.push(changes);
        return this.memory.commit(changes, checks);
      },
      close: () => void this.closed++,
    };
  }

  async #trouble(): Promise<void> {
    const { clock, delayMs } = this;
    if (this.trouble === "deaf") await new Promise<void>(() => {});
    if (this.trouble === "absent") throw new TypeError("connection refused");
    if (delayMs > 0) {
      await new Promise<void>((resolve) => clock.at(clock.nowMs() + delayMs, resolve));
    }
  }
}
