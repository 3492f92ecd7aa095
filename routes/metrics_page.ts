/**
 * What Prometheus asks.
 *
 * @module
 */

/** What its text format is called. */
const PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

/** `GET /metrics`: counts of the whole process. */
export function answerMetrics(telemetry: { render(): string }): Response {
  return new Response(telemetry.render(), { headers: { "content-type": PROMETHEUS_TEXT } });
}
