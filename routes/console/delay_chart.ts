/**
 * The delay of answers from call to call.
 *
 * @module
 */

import { html } from "hono/html";
import type { CallRecord } from "../../lib/records/call_record.ts";
import type { Html } from "./layout.ts";
import { momentWords, partyWords, percentile } from "./words.ts";

const HEIGHT_PX = 72;
/** Fewer calls show no course. */
const LEAST_CALLS = 3;

/** A column for the median answer delay of each call, oldest first; nothing where there are too few. */
export function delayChart(records: readonly CallRecord[]): Html {
  const delays = records.flatMap((record) => {
    const ms = percentile(delaysOf(record), 0.5);
    return ms === undefined ? [] : [{ record, ms }];
  }).reverse();
  if (delays.length < LEAST_CALLS) return html``;
  const longestMs = Math.max(...delays.map(({ ms }) => ms));
  const step = 100 / delays.length;
  return html`
    <figure class="chart">
      <figcaption>Median answer delay of each call, oldest first; the highest is ${Math.round(
        longestMs,
      )} ms</figcaption>
      <svg width="100%" height="${HEIGHT_PX}" role="img"
        aria-label="Median answer delay of ${String(delays.length)} calls">${delays.map(
          ({ record, ms }, n) => {
            const height = Math.max(2, ms / longestMs * HEIGHT_PX);
            return html`
              <rect class="model" x="${(n * step).toFixed(2)}%" width="${(step * 0.8).toFixed(
                2,
              )}%" y="${(HEIGHT_PX - height).toFixed(1)}" height="${height.toFixed(1)}">
                <title>${momentWords(record.answeredEpochMs)} ${partyWords(record)}: ${Math.round(
                  ms,
                )} ms</title>
              </rect>
            `;
          },
        )}</svg>
    </figure>
  `;
}

function delaysOf({ turns }: CallRecord): number[] {
  return turns.flatMap(({ firstHeardMs, speechEndedMs }) =>
    firstHeardMs === undefined ? [] : [firstHeardMs - speechEndedMs]
  );
}
