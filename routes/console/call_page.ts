/**
 * `GET /calls/:id`: one call, whole.
 *
 * @module
 */

import { html } from "hono/html";
import type { CallRecord, TranscriptEntry } from "../../lib/records/call_record.ts";
import type { CallStore } from "../../lib/records/call_store.ts";
import type { Recordings } from "../../lib/records/recordings.ts";
import { StoreError } from "../../lib/store/store.ts";
import { type Html, pageResponse } from "./layout.ts";
import { player } from "./player.ts";
import { isSign, momentText, timeAxis } from "./time_axis.ts";
import { waterfall } from "./waterfall.ts";
import {
  clockWords,
  endingWords,
  isGoodEnding,
  momentWords,
  partyWords,
  usdWords,
} from "./words.ts";

/** Where calls and their sound are found. */
export interface CallPageDeps {
  /** What is kept of calls. */
  readonly records: Pick<CallStore, "get">;
  /** The sound of calls. */
  readonly recordings: Pick<Recordings, "read">;
}

/** The page of a call, or one that says that no such call is kept. */
export async function answerCallPage(callSid: string, deps: CallPageDeps): Promise<Response> {
  const [record, isRecorded] = await Promise.all([
    deps.records.get(callSid),
    hasSound(callSid, deps),
  ]);
  if (!record) {
    return pageResponse({
      title: "No such call",
      place: "/calls",
      status: 404,
      body: html`
        <h1>No such call</h1>
        <p>No call of this name is kept. <a href="/calls">All calls</a></p>
      `,
    });
  }
  return pageResponse({
    title: `Call with ${partyWords(record)}`,
    place: "/calls",
    ...(isRecorded ? { script: "call.js" } : {}),
    body: html`${heading(record, isRecorded)}
<section><h2>When</h2>${isRecorded ? player(record.callSid) : ""}${timeAxis(record)}${
      moments(record)
    }</section>
<section><h2>What was said</h2>${transcript(record.transcript, isRecorded)}</section>
<section><h2>Where the time went</h2>${
      record.turns.length === 0
        ? html`<p class="none">No turn of the caller has ended.</p>`
        : waterfall(record.turns)
    }</section>
${details(record)}`,
  });
}

/** A store that is away may have it; the page does not wait for it longer than the reader does. */
async function hasSound(callSid: string, { recordings }: CallPageDeps): Promise<boolean> {
  try {
    return await recordings.read(callSid) !== undefined;
  } catch (error) {
    if (error instanceof StoreError) return false;
    throw error;
  }
}

function heading(record: CallRecord, isRecorded: boolean): Html {
  const { callSid, ending, endingDetail, durationMs } = record;
  const tone = ending === undefined ? "now" : isGoodEnding(ending) ? "good" : "bad";
  return html`
    <div class="heading">
      <h1>${partyWords(record)}</h1>
      <p><span class="badge ${tone}">${endingWords(ending)}</span>
        ${record.direction}, ${momentWords(record.answeredEpochMs)} UTC${durationMs === undefined
          ? ""
          : `, ${clockWords(durationMs)} long`}, agent ${record.agent}</p>
      ${endingDetail === undefined ? "" : html`
        <p class="hint">${endingDetail}</p>
      `}
      <p
        class="row">${ending === undefined
          ? html`
            <a class="button" href="/?call=${callSid}">Follow it live</a>
          `
          : ""}<a class="button" href="/api/calls/${callSid}" download="${callSid}.json">Download as JSON</a>${isRecorded
          ? html`
            <a class="button" href="/api/calls/${callSid}/recording" download="${callSid}.wav"
            >Download as WAV</a>
          `
          : ""}</p>
    </div>
  `;
}

/** What was said, with times; what the caller did not hear of it is struck through. */
function transcript(entries: readonly TranscriptEntry[], isRecorded: boolean): Html {
  if (entries.length === 0) return html`<p class="none">Nothing was said.</p>`;
  return html`<ol class="transcript">${
    entries.map((entry) =>
      html`<li class="${entry.party}">${who(entry, isRecorded)}<p>${words(entry)}</p>${
        sources(entry)
      }</li>`
    )
  }</ol>`;
}

/** When somebody spoke; where there is sound it can be heard from there. */
function who({ party, startMs }: TranscriptEntry, isRecorded: boolean): Html {
  const name = `${clockWords(startMs)} ${party}`;
  return isRecorded
    ? html`
      <button type="button" class="who" data-at="${startMs}"
        aria-label="Play from ${name}">${name}</button>
    `
    : html`<span class="who">${name}</span>`;
}

/** What the model found on the web for an answer. */
function sources({ sources: pages = [] }: TranscriptEntry): Html {
  if (pages.length === 0) return html``;
  const links = pages.map(({ title, url }) =>
    html`
      <a href="${url}" rel="noreferrer">${title}</a>
    `
  );
  return html`<p class="note">Sources: ${links}</p>`;
}

function words({ text, heardText, interrupted, brokenOff }: TranscriptEntry): Html {
  if (text === "") return html`<em>not transcribed</em>`;
  if (brokenOff) return html`${text} <em>(broken off by the model)</em>`;
  if (!interrupted || heardText === undefined) return html`${text}`;
  return html`${heardText} <del>${text.slice(heardText.length).trim()}</del>`;
}

function moments({ moments: all = [] }: CallRecord): Html {
  const shown = all.filter(isSign);
  if (shown.length === 0) return html``;
  return html`
    <details>
      <summary>What happened beside it (${shown.length})</summary>
      <ol class="moments">${shown.map((moment) => html`<li>${momentText(moment)}</li>`)}</ol>
    </details>
  `;
}

function details(record: CallRecord): Html {
  const { prompt, response, total } = record.tokens;
  return html`
    <section>
      <h2>Beside that</h2>
      <dl class="facts">
        <dt>From</dt>
        <dd>${record.from || "unknown"}</dd>
        <dt>To</dt>
        <dd>${record.to || "unknown"}</dd>
        <dt>Name of the call</dt>
        <dd><code>${record.callSid}</code></dd>
        <dt>Cost</dt>
        <dd>${usdWords(record.costUsd)}</dd>
        <dt>Tokens</dt>
        <dd>${total} in all: ${prompt} read, ${response} answered</dd>
        <dt>Silence mended</dt>
        <dd>${countWords(record.repairs, "never")}</dd>
        <dt>Survived</dt>
        <dd>${countWords(record.faults, "no fault")}</dd>
      </dl>
    </section>
  `;
}

/** What older versions wrote has not every kind of count. */
function countWords(counts: Readonly<Record<string, number>> | undefined, none: string): string {
  const words = Object.entries(counts ?? {}).map(([name, count]) => `${name} ${count}`);
  return words.length === 0 ? none : words.join(", ");
}
