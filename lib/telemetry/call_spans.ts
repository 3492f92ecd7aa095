/**
 * Calls and their turns as spans and histograms of OpenTelemetry. The runtime exports them if it is told to
 * (`OTEL_DENO=true`); otherwise the API is a stand-in that does nothing.
 *
 * A span holds no number of a person and nothing that was said. It is of the call as one process saw it: a call that
 * has come back has a span for each run.
 *
 * @module
 */

import {
  type Attributes,
  context,
  type Histogram,
  metrics,
  type Span,
  trace,
} from "@opentelemetry/api";
import type { TurnLatency } from "../records/call_record.ts";
import type { CallChanges } from "./call_changes.ts";
import { CALL_SECONDS, DELAY_SECONDS, TURN_DELAYS, turnDelays } from "./turn_delays.ts";

const NAME = "offhook";

/** Tells OpenTelemetry of calls. */
export class CallSpans {
  readonly #tracer = trace.getTracer(NAME);
  readonly #calls = new Map<string, Span>();
  readonly #seconds = histogram("call", "How long calls last", CALL_SECONDS);
  readonly #delays = new Map(
    TURN_DELAYS.map(({ name, help }) => [name, histogram(name, help, DELAY_SECONDS)]),
  );

  /** A record was kept. */
  changed({ record, turns }: CallChanges): void {
    const { callSid, agent, direction, ending, durationMs = 0 } = record;
    const call = this.#calls.get(callSid) ?? this.#tracer.startSpan("call", {
      root: true,
      attributes: { "call.sid": callSid, "call.agent": agent, "call.direction": direction },
    });
    for (const turn of turns) this.#turn(turn, { call, answeredEpochMs: record.answeredEpochMs });
    if (ending === undefined) return void this.#calls.set(callSid, call);
    this.#calls.delete(callSid);
    call.setAttributes({
      "call.ending": ending,
      "call.turns": record.turns.length,
      "call.tokens": record.tokens.total,
      ...counts("call.repairs", record.repairs),
      ...counts("call.faults", record.faults),
    });
    call.end();
    this.#seconds.record(durationMs / 1_000, { ending });
  }

  /** The span of a turn goes from the caller's last word until they heard an answer. */
  #turn(
    turn: TurnLatency,
    { call, answeredEpochMs }: { call: Span; answeredEpochMs: number },
  ): void {
    const delays = turnDelays(turn);
    const endMs = turn.firstHeardMs ?? turn.firstMediaSentMs ?? turn.activityEndSentMs;
    const startTime = answeredEpochMs + turn.speechEndedMs;
    const parent = trace.setSpan(context.active(), call);
    const attributes = Object.fromEntries(delays.map(([name, s]) => [`turn.${name}_seconds`, s]));
    this.#tracer.startSpan("turn", { startTime, attributes }, parent).end(answeredEpochMs + endMs);
    for (const [name, seconds] of delays) this.#delays.get(name)?.record(seconds);
  }
}

/**
 * Names the span of the request that is being answered: the runtime knows no routes. Under `node:http` it makes a span
 * too, but does not make it the active one, and its name stays that of the method.
 */
export function nameRequest(method: string, route: string): void {
  const span = trace.getActiveSpan();
  span?.updateName(`${method} ${route}`);
  span?.setAttribute("http.route", route);
}

function histogram(name: string, description: string, buckets: readonly number[]): Histogram {
  const advice = { explicitBucketBoundaries: [...buckets] };
  return metrics.getMeter(NAME)
    .createHistogram(`${NAME}.${name}`, { description, unit: "s", advice });
}

function counts(prefix: string, by: Readonly<Record<string, number>>): Attributes {
  return Object.fromEntries(
    Object.entries(by).map(([name, count]) => [`${prefix}.${name}`, count]),
  );
}
