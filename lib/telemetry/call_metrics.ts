/**
 * The counts of calls, from their records and from what the log is told.
 *
 * Labels are codes of this program. A fault, a repair or an event of the log that is not spelled as one is counted
 * without its name, so that nothing a person or a service said can become a label.
 *
 * @module
 */

import type { Log, LogFields } from "../log.ts";
import type { CallChanges, Counts } from "./call_changes.ts";
import type { Counter, Histogram, Metrics } from "./metrics.ts";
import {
  CALL_SECONDS,
  DELAY_SECONDS,
  TURN_DELAYS,
  type TurnDelay,
  turnDelays,
} from "./turn_delays.ts";

/** Lines of the log that are counted, and the field that becomes a label. */
const COUNTED: Readonly<Record<string, { name: string; help: string; label?: string }>> = {
  "call-admitted": { name: "calls_admitted_total", help: "Calls that were let in" },
  "call-turned-away": {
    name: "calls_turned_away_total",
    help: "Calls that were not let in, by why",
    label: "reason",
  },
  "stream-not-admitted": {
    name: "streams_refused_total",
    help: "Streams that were not let in, by why",
    label: "reason",
  },
  "twilio-signature-wrong": {
    name: "signatures_wrong_total",
    help: "Requests that were not signed by Twilio",
  },
  "call-goes-on": { name: "calls_came_back_total", help: "Calls that went on with a new stream" },
  "model-connection-lost": {
    name: "model_connections_lost_total",
    help: "Connections to the model that broke, by kind",
    label: "kind",
  },
  "model-reconnected": {
    name: "model_reconnects_total",
    help: "Conversations that went on with another connection, by how",
    label: "how",
  },
};

const CODE = /^[a-z][a-z0-9-]{0,47}$/;

/** Counts what becomes of calls. */
export class CallMetrics {
  readonly #events: ReadonlyMap<string, { counter: Counter; label: string | undefined }>;
  readonly #problems: Counter;
  readonly #ended: Counter;
  readonly #seconds: Histogram;
  readonly #delays: ReadonlyMap<TurnDelay, Histogram>;
  readonly #tokens: Counter;
  readonly #bargeIns: Counter;
  readonly #repairs: Counter;
  readonly #faults: Counter;

  /**
   * Adds its metrics.
   *
   * @throws {RangeError} If their names are taken
   */
  constructor(metrics: Metrics) {
    const counter = (name: string, help: string) => metrics.counter(`offhook_${name}`, help);
    this.#events = new Map(
      Object.entries(COUNTED).map(([event, { name, help, label }]) => [
        event,
        { counter: counter(name, help), label },
      ]),
    );
    this.#problems = counter(
      "problems_total",
      "Warnings and errors of the log, by level and event",
    );
    this.#ended = counter("calls_ended_total", "Calls that ended, by how");
    const seconds = (name: string, help: string, buckets: readonly number[]) =>
      metrics.histogram(`offhook_${name}_seconds`, help, buckets);
    this.#seconds = seconds("call", "How long calls last", CALL_SECONDS);
    this.#delays = new Map(
      TURN_DELAYS.map(({ name, help }) => [name, seconds(name, help, DELAY_SECONDS)]),
    );
    this.#tokens = counter("tokens_total", "Tokens as billed, by what they were for");
    this.#bargeIns = counter("barge_ins_total", "Answers held, resumed and cut by callers");
    this.#repairs = counter("repairs_total", "What was done against silence, by what");
    this.#faults = counter("faults_total", "What went wrong in calls and was survived, by what");
  }

  /** A record was kept. */
  changed({ record, turns, tokens, bargeIns, repairs, faults }: CallChanges): void {
    for (const turn of turns) {
      for (const [delay, seconds] of turnDelays(turn)) this.#delays.get(delay)?.observe(seconds);
    }
    const { total: _total, ...kinds } = tokens;
    addEach(this.#tokens, "kind", kinds);
    addEach(this.#bargeIns, "what", bargeIns);
    addEach(this.#repairs, "repair", repairs);
    addEach(this.#faults, "fault", faults);
    if (record.ending === undefined) return;
    this.#ended.add({ ending: code(record.ending) });
    this.#seconds.observe((record.durationMs ?? 0) / 1_000);
  }

  /** The same log, with what it is told counted. */
  listening(log: Log): Log {
    return {
      debug: (event, fields) => log.debug(event, fields),
      info: (event, fields) => {
        this.#count(event, fields);
        log.info(event, fields);
      },
      warn: (event, fields) => {
        this.#problem("warn", event, fields);
        log.warn(event, fields);
      },
      error: (event, fields) => {
        this.#problem("error", event, fields);
        log.error(event, fields);
      },
      with: (fields) => this.listening(log.with(fields)),
    };
  }

  #problem(level: "warn" | "error", event: string, fields: LogFields | undefined): void {
    this.#problems.add({ level, event: code(event) });
    this.#count(event, fields);
  }

  #count(event: string, fields: LogFields = {}): void {
    const counted = this.#events.get(event);
    if (!counted) return;
    const { counter, label } = counted;
    counter.add(label === undefined ? {} : { [label]: code(fields[label]) });
  }
}

function addEach(counter: Counter, label: string, counts: Counts): void {
  for (const [name, count] of Object.entries(counts)) counter.add({ [label]: code(name) }, count);
}

function code(value: unknown): string {
  return typeof value === "string" && CODE.test(value) ? value : "other";
}
