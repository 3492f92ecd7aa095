/**
 * Where the time of each turn went, as bars on one scale.
 *
 * @module
 */

import { html } from "hono/html";
import type { TurnLatency } from "../../lib/records/call_record.ts";
import type { Html } from "./layout.ts";
import { clockWords, msWords, usdWords } from "./words.ts";

/** The steps of a turn, first to last: each begins where the one before it was reached. */
const STEPS = [
  ["decidedMs", "decide", "Decided"],
  ["activityEndSentMs", "send", "Told the model"],
  ["firstModelAudioMs", "model", "Model's first audio"],
  ["firstMediaSentMs", "line", "Sent to the line"],
  ["firstHeardMs", "hear", "Heard"],
] as const;

interface Step {
  readonly name: string;
  readonly label: string;
  readonly fromMs: number;
  /** Absent: it did not come to that. */
  readonly toMs: number | undefined;
}

/** A table of turns: a bar from the caller's last word to the agent's first, and its parts in milliseconds. */
export function waterfall(turns: readonly TurnLatency[]): Html {
  const rows = turns.map((turn) => ({ turn, steps: stepsOf(turn) }));
  const isPriced = turns.some(({ costUsd }) => costUsd !== undefined);
  const longestMs = Math.max(1, ...rows.map(({ turn }) => totalMs(turn)));
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="Latency of each turn">
      <table class="waterfall">
        <caption>From the caller's last word to the agent's first, each step behind the one before it</caption>
        <thead>
          <tr><th scope="col">At</th><th scope="col" class="wide">Where the time went</th>${STEPS
            .map(([, name, label]) =>
              html`<th scope="col" class="num"><span class="key ${name}"></span>${label}</th>`
            )}<th scope="col" class="num">All</th>${isPriced
            ? html`<th scope="col" class="num">Cost</th>`
            : ""}</tr>
        </thead>
        <tbody>${rows.map(({ turn, steps }) =>
          html`<tr><th scope="row">${clockWords(turn.speechEndedMs)}</th>
    <td class="wide">${bar(steps, longestMs)}</td>${
            steps.map(({ fromMs, toMs }) =>
              html`<td class="num">${
                toMs === undefined ? "–" : `+${Math.round(toMs - fromMs)}`
              }</td>`
            )
          }<td class="num strong">${msWords(totalMs(turn))}</td>${
            isPriced ? html`<td class="num">${usdWords(turn.costUsd)}</td>` : ""
          }</tr>`
        )}</tbody>
      </table>
    </div>
  `;
}

/** From the caller's last word to the last step that a turn came to. */
function totalMs(turn: TurnLatency): number {
  const reached = STEPS.map(([field]) => turn[field] ?? turn.speechEndedMs);
  return Math.max(...reached) - turn.speechEndedMs;
}

function stepsOf(turn: TurnLatency): Step[] {
  let reachedMs = 0;
  return STEPS.map(([field, name, label]) => {
    const fromMs = reachedMs;
    const at = turn[field];
    if (at === undefined) return { name, label, fromMs, toMs: undefined };
    reachedMs = at - turn.speechEndedMs;
    return { name, label, fromMs, toMs: reachedMs };
  });
}

function bar(steps: readonly Step[], longestMs: number): Html {
  const part = (ms: number) => Math.round(ms / longestMs * 10_000) / 100;
  return html`<svg class="bar" width="100%" height="16" role="img" aria-label="${
    steps.map(({ label, toMs }) => `${label} ${msWords(toMs)}`).join(", ")
  }">${
    steps.map(({ name, label, fromMs, toMs }) =>
      toMs === undefined || toMs <= fromMs ? "" : html`
        <rect class="${name}" x="${part(fromMs)}%" width="${part(
          toMs - fromMs,
        )}%" y="0" height="16">
          <title>${label}: ${Math.round(toMs)} ms after the last word</title>
        </rect>
      `
    )
  }</svg>`;
}
