/**
 * How calls went over time: what callers waited for, what broke in, what had to be mended.
 *
 * @module
 */

import { html } from "hono/html";
import type { ListedCall } from "../../lib/records/call_store.ts";
import type { Html } from "./layout.ts";
import { momentWords, msWords, percentile } from "./words.ts";

const HEIGHT_PX = 72;
const MOST_COLUMNS = 40;
/** Fewer calls show no course. */
const LEAST_CALLS = 3;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** What a column may stand for, and how that is called. */
const STEPS: readonly (readonly [number, string])[] = [
  [MINUTE_MS, "minute"],
  [5 * MINUTE_MS, "5 minutes"],
  [15 * MINUTE_MS, "15 minutes"],
  [HOUR_MS, "hour"],
  [6 * HOUR_MS, "6 hours"],
  [DAY_MS, "day"],
  [7 * DAY_MS, "7 days"],
  [30 * DAY_MS, "30 days"],
];

/** Some time, and its calls. */
interface Column {
  readonly fromEpochMs: number;
  readonly calls: readonly ListedCall[];
}

/** What is drawn of a column: the whole height, and the part of it that is dark; absent where there was nothing. */
interface Bar {
  readonly height: number | undefined;
  readonly dark: number | undefined;
  readonly words: string;
}

/** Four small charts, oldest on the left; nothing where there are too few calls. */
export function history(calls: readonly ListedCall[]): Html {
  if (calls.length < LEAST_CALLS) return html``;
  const { columns, step } = columnsOf(calls);
  const perCall = (count: (call: ListedCall) => number) => (column: Column) => {
    const total = column.calls.reduce((sum, call) => sum + count(call), 0);
    const each = column.calls.length === 0 ? undefined : total / column.calls.length;
    return { height: each, dark: each, words: `${total} in ${column.calls.length} calls` };
  };
  const delay = (kind: "answerMs" | "endOfTurnMs") => ({ calls: some }: Column) => {
    const all = some.flatMap(({ delays }) => delays?.[kind] ?? []);
    const [dark, height] = [percentile(all, 0.5), percentile(all, 0.95)];
    return { height, dark, words: `median ${msWords(dark)}, 95 % ${msWords(height)}` };
  };
  const ms = (value: number) => `${Math.round(value)} ms`;
  const count = (value: number) => `${Math.round(value * 10) / 10} per call`;
  return html`
    <div class="history">
      ${chart("Answer delay", { columns, barOf: delay("answerMs"), unit: ms, step })}
      ${chart("End of turn", { columns, barOf: delay("endOfTurnMs"), unit: ms, step })}
      ${chart("Interruptions", { columns, barOf: perCall(cutsOf), unit: count, step })}
      ${chart("Silences mended", { columns, barOf: perCall(repairsOf), unit: count, step })}
    </div>
  `;
}

/** Answers that the caller broke off. */
export function cutsOf({ bargeIns }: ListedCall): number {
  return bargeIns?.cut ?? 0;
}

/** How often something was done so that a caller did not wait in silence. */
export function repairsOf({ repairs }: ListedCall): number {
  return Object.values(repairs ?? {}).reduce((total, each) => total + each, 0);
}

/** Columns of equal time without a gap between them, as fine as there is room for. */
function columnsOf(calls: readonly ListedCall[]): { columns: Column[]; step: string } {
  const times = calls.map(({ answeredEpochMs }) => answeredEpochMs);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const fits = ([ms]: readonly [number, string]) =>
    Math.floor(last / ms) - Math.floor(first / ms) < MOST_COLUMNS;
  const [stepMs, step] = STEPS.find(fits) ?? [Math.ceil((last - first) / 20), "twentieth"];
  const from = Math.floor(first / stepMs);
  const columns = Array.from({ length: Math.floor(last / stepMs) - from + 1 }, (_, n) => ({
    fromEpochMs: (from + n) * stepMs,
    calls: calls.filter((call) => Math.floor(call.answeredEpochMs / stepMs) === from + n),
  }));
  return { columns, step };
}

function chart(
  name: string,
  { columns, barOf, unit, step }: {
    columns: readonly Column[];
    barOf: (column: Column) => Bar;
    unit: (value: number) => string;
    step: string;
  },
): Html {
  const bars = columns.map(barOf);
  const highest = Math.max(0, ...bars.map(({ height = 0 }) => height));
  const width = 100 / columns.length;
  const tall = (value: number) => highest === 0 ? 0 : value / highest * HEIGHT_PX;
  const rect = (value: number | undefined, kind: string, n: number) =>
    value === undefined || value === 0 ? "" : html`
      <rect class="${kind}" x="${(n * width).toFixed(2)}%" width="${(width * 0.8).toFixed(
        2,
      )}%" y="${(HEIGHT_PX - tall(value)).toFixed(1)}"
        height="${tall(value).toFixed(1)}"></rect>
    `;
  const dayOf = (column: Column | undefined) => momentWords(column?.fromEpochMs ?? 0).slice(0, -3);
  return html`
    <figure class="chart">
      <figcaption><strong>${name}</strong> up to ${unit(highest)}, by the ${step}</figcaption>
      <svg width="100%" height="${HEIGHT_PX}" role="img"
        aria-label="${name} from ${dayOf(columns[0])} to ${dayOf(columns.at(-1))}, up to ${unit(
          highest,
        )}">${bars.map(({ height, dark, words }, n) =>
          html`
            <g><title>${dayOf(columns[n])}: ${words}</title>${rect(
              height,
              "light",
              n,
            )}${rect(dark, "dark", n)}</g>
          `
        )}</svg>
    </figure>
  `;
}
