/**
 * Waits for the record of each call, and how soon it says how the call ended [I4].
 *
 * @module
 */

import type { PhoneCall } from "../../emulators/phone_call.ts";
import { sleep, systemClock } from "../../lib/clock.ts";
import type { CallRecord } from "../../lib/records/call_record.ts";

/** How long is waited for a record that says how its call ended. */
const AWAITED_MS = 10_000;
const LOOK_AGAIN_MS = 100;

/** Asks every living server for the record of a call; nothing if none is alive. */
export type AskForRecord = (callSid: string) => Promise<readonly CallRecord[] | undefined>;

/** The records of a rig's calls. */
export class RecordWatch {
  /** How long after its end each call's record said how it ended; never, if it did not. */
  readonly afterMs: number[] = [];
  readonly #ask: AskForRecord;
  readonly #watches = new Map<string, Promise<CallRecord | undefined>>();

  /** Watches no call yet. */
  constructor(ask: AskForRecord) {
    this.#ask = ask;
  }

  /** Begins to watch a call. */
  watch(call: PhoneCall): void {
    this.#watches.set(call.callSid, this.#find(call));
  }

  /** The record of a call that is over; one that had no stream has none. */
  async of(callSid: string): Promise<CallRecord | undefined> {
    return await this.#watches.get(callSid);
  }

  /** Waits until it is known of every call what became of its record. */
  async settled(): Promise<void> {
    await Promise.all(this.#watches.values());
  }

  async #find(call: PhoneCall): Promise<CallRecord | undefined> {
    const { endedAtMs, streams } = await call.ended;
    if (streams.length === 0) return undefined;
    while (systemClock.nowMs() < endedAtMs + AWAITED_MS) {
      const records = await this.#ask(call.callSid);
      if (!records) return undefined;
      const record = records.find(({ ending }) => ending !== undefined);
      if (record) {
        this.afterMs.push(systemClock.nowMs() - endedAtMs);
        return record;
      }
      await sleep(systemClock, LOOK_AGAIN_MS);
    }
    this.afterMs.push(Infinity);
    return undefined;
  }
}
