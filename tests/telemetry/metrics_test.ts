import { assertEquals, assertThrows } from "@std/assert";
import { Metrics } from "../../lib/telemetry/metrics.ts";

Deno.test("Metrics writes counters, gauges and histograms as Prometheus reads them", () => {
  const metrics = new Metrics();
  const ended = metrics.counter("offhook_calls_ended_total", "Calls that ended, by how");
  metrics.gauge("offhook_calls_running", "Calls with an open stream", () => 3);
  const delay = metrics.histogram("offhook_answer_seconds", "From word to word", [0.5, 1]);
  ended.add({ ending: "caller-hung-up" });
  ended.add({ ending: "caller-hung-up" }, 2);
  ended.add({ ending: 'a "quoted"\nline\\' });
  for (const value of [0.5, 0.75, 4, NaN, Infinity]) delay.observe(value);
  assertEquals(metrics.render().split("\n"), [
    "# HELP offhook_calls_ended_total Calls that ended, by how",
    "# TYPE offhook_calls_ended_total counter",
    'offhook_calls_ended_total{ending="caller-hung-up"} 3',
    'offhook_calls_ended_total{ending="a \\"quoted\\"\\nline\\\\"} 1',
    "# HELP offhook_calls_running Calls with an open stream",
    "# TYPE offhook_calls_running gauge",
    "offhook_calls_running 3",
    "# HELP offhook_answer_seconds From word to word",
    "# TYPE offhook_answer_seconds histogram",
    'offhook_answer_seconds_bucket{le="0.5"} 1',
    'offhook_answer_seconds_bucket{le="1"} 2',
    'offhook_answer_seconds_bucket{le="+Inf"} 3',
    "offhook_answer_seconds_sum 5.25",
    "offhook_answer_seconds_count 3",
    "",
  ]);
});

Deno.test("Metrics keeps series apart by label, in any order of labels, and not without end", () => {
  const metrics = new Metrics();
  const faults = metrics.counter("faults_total", "Faults");
  faults.add({ at: "line", kind: "lost" });
  faults.add({ kind: "lost", at: "line" });
  assertEquals(metrics.render().split("\n")[2], 'faults_total{at="line",kind="lost"} 2');
  for (let n = 0; n < 1_000; n++) faults.add({ at: `${n}` });
  assertEquals(metrics.render().trimEnd().split("\n").length, 2 + 200);
});

Deno.test("Metrics refuses names that are taken or none, and buckets that do not rise", () => {
  const metrics = new Metrics();
  metrics.counter("calls_total", "Calls");
  for (const name of ["calls_total", "Calls", "calls-total", ""]) {
    assertThrows(() => metrics.counter(name, ""), RangeError, "expected a new name");
  }
  assertThrows(() => metrics.histogram("seconds", "", [1, 1]), RangeError, "expected buckets");
});
