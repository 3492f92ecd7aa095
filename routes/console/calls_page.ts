/**
 * `GET /calls`: calls to search, with figures over those that are listed.
 *
 * @module
 */

import { html } from "hono/html";
import { z } from "zod";
import type { CallRecord } from "../../lib/records/call_record.ts";
import type { CallStore, CallSummary } from "../../lib/records/call_store.ts";
import { delayChart } from "./delay_chart.ts";
import { type Html, pageResponse } from "./layout.ts";
import {
  clockWords,
  endingWords,
  isGoodEnding,
  momentWords,
  msWords,
  partyWords,
  percentile,
} from "./words.ts";

/** Calls on one page. */
const PAGE_CALLS = 25;
/** Calls that are looked through for one page; the rest is left to the next. */
const MOST_SEARCHED = 2_000;
const READ_AT_ONCE = 200;

const query = z.object({
  q: z.string().trim().max(100).default(""),
  ended: z.enum(["all", "well", "badly", "now"]).catch("all"),
  after: z.string().optional(),
});

type Query = z.infer<typeof query>;

interface Found {
  readonly calls: readonly CallSummary[];
  readonly next: string | undefined;
  readonly isPartial: boolean;
}

/** A page of calls. A query that cannot be read shows all calls. */
export async function answerCallsPage(
  given: Readonly<Record<string, string>>,
  records: CallStore,
): Promise<Response> {
  const asked = query.safeParse(given).data ?? query.parse({});
  const found = await find(asked, records);
  const whole = await Promise.all(found.calls.map(({ callSid }) => records.get(callSid)));
  const kept = whole.filter((record) => record !== undefined);
  return pageResponse({
    title: "Calls",
    place: "/calls",
    body: html`<h1>Calls</h1>${form(asked)}${
      found.isPartial
        ? html`<p class="note bad">The store does not answer: these are the latest calls of this server alone.</p>`
        : ""
    }${
      found.calls.length === 0
        ? html`<p class="none">No call is kept that fits.</p>`
        : html`${figures(kept)}${table(found.calls)}`
    }${next(asked, found)}`,
  });
}

async function find(asked: Query, records: CallStore): Promise<Found> {
  const calls: CallSummary[] = [];
  let after = asked.after;
  let isPartial = false;
  for (let searched = 0; searched < MOST_SEARCHED; searched += READ_AT_ONCE) {
    const page = await pageFrom(after, records);
    isPartial ||= page.isPartial ?? false;
    for (const call of page.calls) {
      if (calls.length === PAGE_CALLS) return { calls, next: after, isPartial };
      after = `${call.answeredEpochMs}.${call.callSid}`;
      if (fits(call, asked)) calls.push(call);
    }
    if (page.next === undefined) return { calls, next: undefined, isPartial };
  }
  return { calls, next: after, isPartial };
}

/** A place that no page has given is taken as none. */
async function pageFrom(after: string | undefined, records: CallStore) {
  try {
    return await records.list({ limit: READ_AT_ONCE, ...(after === undefined ? {} : { after }) });
  } catch (error) {
    if (error instanceof RangeError) return { calls: [] };
    throw error;
  }
}

function fits(call: CallSummary, { q, ended }: Query): boolean {
  const { ending } = call;
  if (ended === "now" && ending !== undefined) return false;
  if (ended === "well" && !(ending && isGoodEnding(ending))) return false;
  if (ended === "badly" && (ending === undefined || isGoodEnding(ending))) return false;
  const text = [call.from, call.to, call.callSid, call.agent, endingWords(ending)].join(" ");
  return text.toLowerCase().includes(q.toLowerCase());
}

function form({ q, ended }: Query): Html {
  const choices = [["all", "All"], ["now", "Going on"], ["well", "Ended well"], [
    "badly",
    "Ended badly",
  ]] as const;
  return html`<form class="filter" method="get" action="/calls" role="search">
  <label>Number, agent or name <input type="search" name="q" value="${q}" maxlength="100"></label>
  <label>Show <select name="ended">${
    choices.map(([value, name]) =>
      value === ended
        ? html`<option value="${value}" selected>${name}</option>`
        : html`<option value="${value}">${name}</option>`
    )
  }</select></label>
  <button>Search</button>
</form>`;
}

function figures(records: readonly CallRecord[]): Html {
  const turns = records.flatMap((record) => record.turns);
  const answers = turns.flatMap(({ firstHeardMs, speechEndedMs }) =>
    firstHeardMs === undefined ? [] : [firstHeardMs - speechEndedMs]
  );
  const ends = turns.map(({ decidedMs, speechEndedMs }) => decidedMs - speechEndedMs);
  const interruptions = sum(
    records,
    ({ transcript }) => transcript.filter(({ interrupted }) => interrupted).length,
  );
  const repairs = sum(
    records,
    (record) => Object.values(record.repairs ?? {}).reduce((total, count) => total + count, 0),
  );
  return html`<section aria-label="Figures over the calls below">
  <div class="figures">
    ${figure("Answer delay, median", msWords(percentile(answers, 0.5)))}
    ${figure("Answer delay, 95 %", msWords(percentile(answers, 0.95)))}
    ${figure("End of turn, median", msWords(percentile(ends, 0.5)))}
    ${figure("End of turn, 95 %", msWords(percentile(ends, 0.95)))}
    ${figure("Interruptions", String(interruptions))}
    ${figure("Silences mended", String(repairs))}
  </div>${delayChart(records)}</section>`;
}

function figure(name: string, value: string): Html {
  return html`
    <div
      class="figure"><span class="value">${value}</span><span class="name">${name}</span></div>
  `;
}

function sum(records: readonly CallRecord[], count: (record: CallRecord) => number): number {
  return records.reduce((total, record) => total + count(record), 0);
}

function table(calls: readonly CallSummary[]): Html {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="List of calls">
      <table class="calls">
        <thead>
          <tr>
            <th scope="col">With</th>
            <th scope="col">Answered (UTC)</th>
            <th scope="col" class="num">Length</th>
            <th scope="col">Ended</th>
            <th scope="col">Agent</th>
          </tr>
        </thead>
        <tbody>${calls.map((call) =>
          html`
            <tr>
              <th scope="row"><a href="/calls/${call.callSid}">${partyWords(call)}</a></th>
              <td>${momentWords(call.answeredEpochMs).slice(0, -3)}</td>
              <td class="num">${call.durationMs === undefined
                ? "–"
                : clockWords(call.durationMs)}</td>
              <td>${endingWords(call.ending)}</td>
              <td>${call.agent}</td>
            </tr>
          `
        )}</tbody>
      </table>
    </div>
  `;
}

function next(asked: Query, { next: after }: Found): Html {
  const first = asked.after === undefined ? "" : html`
    <a class="button" href="/calls">Newest</a>
  `;
  if (after === undefined) return html`<p class="pages">${first}</p>`;
  const rest = new URLSearchParams({ q: asked.q, ended: asked.ended, after });
  return html`<p class="pages">${first}<a class="button" href="/calls?${rest.toString()}">Older</a></p>`;
}
