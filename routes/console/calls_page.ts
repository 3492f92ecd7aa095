/**
 * `GET /calls`: calls to search, with figures over those that fit.
 *
 * @module
 */

import { html } from "hono/html";
import { z } from "zod";
import type { CallStore, ListedCall } from "../../lib/records/call_store.ts";
import { cutsOf, history, repairsOf } from "./history.ts";
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
/** Calls that figures are made of. */
const MOST_FIGURED = 500;
const READ_AT_ONCE = 200;

const query = z.object({
  q: z.string().trim().max(100).default(""),
  ended: z.enum(["all", "well", "badly", "now"]).catch("all"),
  after: z.string().optional(),
});

type Query = z.infer<typeof query>;

interface Found {
  readonly calls: readonly ListedCall[];
  /** Those behind them too, as far as was looked. */
  readonly all: readonly ListedCall[];
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
        : html`${figures(found.all)}${table(found.calls)}`
    }${next(asked, found)}`,
  });
}

async function find(asked: Query, records: CallStore): Promise<Found> {
  const all: ListedCall[] = [];
  let after = asked.after;
  let isPartial = false;
  for (let searched = 0; searched < MOST_SEARCHED; searched += READ_AT_ONCE) {
    const page = await pageFrom(after, records);
    isPartial ||= page.isPartial ?? false;
    all.push(...page.calls.filter((call) => fits(call, asked)));
    after = page.next;
    if (after === undefined || all.length >= MOST_FIGURED) break;
  }
  const calls = all.slice(0, PAGE_CALLS);
  const last = all.length > PAGE_CALLS ? calls.at(-1) : undefined;
  const next = last ? `${last.answeredEpochMs}.${last.callSid}` : after;
  return { calls, all, next, isPartial };
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

function fits(call: ListedCall, { q, ended }: Query): boolean {
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

function figures(calls: readonly ListedCall[]): Html {
  const answers = calls.flatMap(({ delays }) => delays?.answerMs ?? []);
  const ends = calls.flatMap(({ delays }) => delays?.endOfTurnMs ?? []);
  return html`<section aria-label="Figures over ${callsWord(calls.length)}">
  <div class="figures">
    ${figure("Answer delay, median", msWords(percentile(answers, 0.5)))}
    ${figure("Answer delay, 95 %", msWords(percentile(answers, 0.95)))}
    ${figure("End of turn, median", msWords(percentile(ends, 0.5)))}
    ${figure("End of turn, 95 %", msWords(percentile(ends, 0.95)))}
    ${figure("Interruptions", String(sum(calls, cutsOf)))}
    ${figure("Silences mended", String(sum(calls, repairsOf)))}
  </div>${history(calls)}
  <p class="hint">Over ${callsWord(calls.length)}, ${minuteOf(calls.at(-1))} to ${
    minuteOf(calls[0])
  } UTC. Solid is the median, pale the 95th percentile.</p>
  </section>`;
}

function callsWord(count: number): string {
  return count === 1 ? "1 call" : `${count} calls`;
}

function minuteOf(call: ListedCall | undefined): string {
  return momentWords(call?.answeredEpochMs ?? 0).slice(0, -3);
}

function figure(name: string, value: string): Html {
  return html`
    <div
      class="figure"><span class="value">${value}</span><span class="name">${name}</span></div>
  `;
}

function sum(calls: readonly ListedCall[], count: (call: ListedCall) => number): number {
  return calls.reduce((total, call) => total + count(call), 0);
}

function table(calls: readonly ListedCall[]): Html {
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
              <td>${minuteOf(call)}</td>
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
