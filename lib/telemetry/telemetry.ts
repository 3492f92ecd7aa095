/**
 * All that is counted and traced, fed in two places: what the log is told, and the records of calls as they are kept.
 *
 * @module
 */

import type { Log } from "../log.ts";
import type { CallRecord } from "../records/call_record.ts";
import { CallWatch } from "./call_changes.ts";
import { CallMetrics } from "./call_metrics.ts";
import { CallSpans } from "./call_spans.ts";
import { Metrics } from "./metrics.ts";

/** What is so at the moment it is asked for. */
export interface ServerState {
  /** Calls whose stream is open here. */
  readonly running: number;
  /** Whether the store answered last time. */
  readonly isStoreUp: boolean;
  /** Writes that wait for it. */
  readonly queued: number;
  /** Writes that found no room. */
  readonly dropped: number;
  /** How late this process is. */
  readonly lagMs: number;
  /** Memory of the program, with what is not collected yet, and of the whole process. */
  readonly memory: { readonly heapBytes: number; readonly residentBytes: number };
}

/** Counts and traces one process. */
export class Telemetry {
  /** The log that was given, with what it is told counted. */
  readonly log: Log;
  readonly #metrics = new Metrics();
  readonly #calls = new CallMetrics(this.#metrics);
  readonly #spans = new CallSpans();
  readonly #watch = new CallWatch();

  /** Begins with nothing. */
  constructor(log: Log) {
    this.log = this.#calls.listening(log);
  }

  /** A record of a call is kept. Never throws: what cannot be counted is not worth a call. */
  kept(record: CallRecord): void {
    try {
      const changes = this.#watch.take(record);
      this.#calls.changed(changes);
      this.#spans.changed(changes);
    } catch (error) {
      this.log.error("telemetry-failed", { callSid: record.callSid, error });
    }
  }

  /**
   * From now on the state of the server is told too.
   *
   * @throws {RangeError} If it is already
   */
  showState(read: () => ServerState): void {
    const gauge = (name: string, help: string, value: (state: ServerState) => number) =>
      this.#metrics.gauge(`offhook_${name}`, help, () => value(read()));
    gauge("calls_running", "Calls whose stream is open", ({ running }) => running);
    gauge("store_up", "1 if the store answered last time", ({ isStoreUp }) => Number(isStoreUp));
    gauge("store_queued_writes", "Writes that wait for the store", ({ queued }) => queued);
    gauge("store_dropped_writes", "Writes that found no room", ({ dropped }) => dropped);
    gauge("loop_lag_seconds", "How late the process is", ({ lagMs }) => lagMs / 1_000);
    gauge("heap_bytes", "Memory that the program holds", ({ memory }) => memory.heapBytes);
    gauge("resident_bytes", "Memory of the process", ({ memory }) => memory.residentBytes);
  }

  /** All counts as Prometheus reads them. */
  render(): string {
    return this.#metrics.render();
  }
}
