/**
 * A call on one axis of time: who spoke when, what of it was heard, and what happened beside it.
 *
 * @module
 */

import { html } from "hono/html";
import type {
  CallMoment,
  CallRecord,
  ToolEntry,
  TranscriptEntry,
} from "../../lib/records/call_record.ts";
import type { Html } from "./layout.ts";
import { clockWords } from "./words.ts";

/** Room for a second; longer calls are scrolled. */
const PX_PER_SECOND = 14;
const LEAST_PX = 1_040;
const MOST_PX = 24_000;
/** A number needs so much before the end. */
const NUMBER_PX = 40;
/** The axis has a number no closer than this to the last one. */
const PX_PER_NUMBER = 80;
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600];

const MOMENTS: Readonly<Record<CallMoment["type"], { sign: string; words: string }>> = {
  "window-opened": { sign: "", words: "the model began to listen" },
  "window-closed": { sign: "", words: "the model was told that the caller had finished" },
  "answer-held": { sign: "‖", words: "the answer was held" },
  "answer-resumed": { sign: "▸", words: "the answer went on" },
  "answer-cut": { sign: "✂", words: "the rest of the answer was dropped" },
  "key-pressed": { sign: "#", words: "a key was pressed" },
  "tool-called": { sign: "⚙", words: "the model called" },
  "whispered": { sign: "✎", words: "the agent was told:" },
  "model-away": { sign: "⚡", words: "the line to the model was lost" },
  "model-back": { sign: "↻", words: "the line to the model is back" },
  "repair": { sign: "✚", words: "silence was mended:" },
  "fault": { sign: "!", words: "a fault was survived:" },
};

/** The axis as a picture of its own width; every mark on it says in words what it is. */
export function timeAxis(record: CallRecord): Html {
  const endMs = lengthOf(record);
  const px = Math.round(Math.min(MOST_PX, Math.max(LEAST_PX, endMs / 1_000 * PX_PER_SECOND)));
  const at = (ms: number) => Math.round(Math.min(ms, endMs) / endMs * px * 10) / 10;
  const windows = windowsOf(record.moments ?? []);
  const signs = (record.moments ?? []).filter(({ type }) => MOMENTS[type].sign !== "");
  return html`
    <div id="axis-region" class="scroll" tabindex="0" role="region" aria-label="Time axis">
      <svg id="axis" class="axis" width="${px}" height="150" viewBox="0 0 ${px} 150"
        role="img"
        data-end-ms="${endMs}" aria-label="Who spoke when">
      ${numbers(endMs, px).map((ms) =>
        html`
          <line class="grid" x1="${at(ms)}" x2="${at(ms)}" y1="18" y2="150"></line>
          <text class="number" x="${at(ms) + 3}" y="12">${clockWords(ms)}</text>
        `
      )}
      ${windows.map(({ fromMs, toMs }) =>
        html`
          <rect class="window" x="${at(fromMs)}" y="24" width="${at(toMs) -
            at(fromMs)}" height="40" rx="4">
            <title>${clockWords(fromMs)} the model listened for ${Math.round(
              toMs - fromMs,
            )} ms</title>
          </rect>
        `
      )}
      ${record.transcript.map((entry) => bars(entry, record, at))}
      <path id="wave-caller" class="wave of-caller"></path>
      <path id="wave-agent" class="wave of-agent"></path>
      ${(record.tools ?? []).map((run) => toolRun(run, at))}
      ${signs.map((moment) => sign(moment, at(moment.atMs)))}
      <line id="playhead" class="playhead" y1="16" y2="150"></line>
      </svg>
    </div>
    <p
      class="hint"><span class="key caller"></span>caller <span class="key agent"></span>agent, dashed what was not heard;
    in dashes around the caller, when the model listened</p>
  `;
}

function toolRun(
  { name, startMs, durationMs, ending }: ToolEntry,
  at: (ms: number) => number,
): Html {
  const width = Math.max(3, at(startMs + durationMs) - at(startMs));
  return html`
    <rect class="tool" x="${at(startMs)}" y="110" width="${width}" height="6" rx="3">
      <title>${clockWords(startMs)} ${name}: ${ending} after ${Math.round(durationMs)} ms</title>
    </rect>
  `;
}

function sign(moment: CallMoment, x: number): Html {
  return html`
    <line class="tick" x1="${x}" x2="${x}" y1="24" y2="118"></line>
    <text class="sign ${moment.type}" x="${x}" y="136"><title>${momentText(
      moment,
    )}</title>${MOMENTS[moment.type].sign}</text>
  `;
}

/** What happened, in words, for those who do not see the picture. */
export function momentText({ type, atMs, detail }: CallMoment): string {
  return `${clockWords(atMs)} ${MOMENTS[type].words}${detail === undefined ? "" : ` ${detail}`}`;
}

/** Whether a moment is shown as a sign. */
export function isSign({ type }: CallMoment): boolean {
  return MOMENTS[type].sign !== "";
}

function bars(entry: TranscriptEntry, record: CallRecord, at: (ms: number) => number): Html {
  const { party, startMs, text } = entry;
  if (party === "caller") {
    const width = Math.max(3, at(callerEndMs(entry, record)) - at(startMs));
    return html`
      <rect class="caller" x="${at(startMs)}" y="30" width="${width}" height="28" rx="4">
        <title>${clockWords(startMs)} caller: ${text}</title>
      </rect>
    `;
  }
  const { spokenMs = 0, heardMs = spokenMs } = entry;
  const heardPx = Math.max(3, at(startMs + heardMs) - at(startMs));
  const unheardPx = at(startMs + spokenMs) - at(startMs + heardMs);
  return html`
    <rect class="agent" x="${at(startMs)}" y="76" width="${heardPx}" height="28" rx="4">
      <title>${clockWords(startMs)} agent: ${entry.heardText ?? text}</title>
    </rect>
      ${unheardPx > 0
        ? html`
          <rect class="unheard" x="${at(
            startMs + heardMs,
          )}" y="76" width="${unheardPx}" height="28" rx="4">
            <title>not heard</title>
          </rect>
        `
        : ""}
  `;
}

/** When the caller stopped: where the next turn begins to be decided. */
function callerEndMs({ startMs }: TranscriptEntry, { turns }: CallRecord): number {
  return turns.find(({ speechEndedMs }) => speechEndedMs >= startMs)?.speechEndedMs ?? startMs;
}

function lengthOf({ durationMs, transcript, turns }: CallRecord): number {
  const said = transcript.map(({ startMs, heardMs = 0 }) => startMs + heardMs);
  const decided = turns.map(({ decidedMs }) => decidedMs);
  return durationMs || Math.max(1_000, ...said, ...decided);
}

function windowsOf(moments: readonly CallMoment[]): { fromMs: number; toMs: number }[] {
  const windows: { fromMs: number; toMs: number }[] = [];
  let fromMs: number | undefined;
  for (const { type, atMs } of moments) {
    if (type === "window-opened") fromMs = atMs;
    if (type !== "window-closed" || fromMs === undefined) continue;
    windows.push({ fromMs, toMs: atMs });
    fromMs = undefined;
  }
  return windows;
}

function numbers(endMs: number, px: number): number[] {
  const stepS = STEPS_S.find((step) => step * 1_000 / endMs * px >= PX_PER_NUMBER) ?? 1_800;
  const all = Array.from({ length: Math.floor(endMs / 1_000 / stepS) + 1 }, (_, n) => n * stepS);
  return all.map((s) => s * 1_000).filter((ms) => px - ms / endMs * px >= NUMBER_PX);
}
