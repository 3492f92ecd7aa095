/**
 * Who said what, and how much of it was heard.
 *
 * The model's transcriptions come in pieces, without saying which turn they belong to: the caller's may come before,
 * during or after the answer, the agent's come with the audio or before it. So the caller's words belong to the
 * activity that was opened last, and the agent's to the answer that is being given.
 *
 * @module
 */

import type { AnswerSource, TranscriptEntry } from "../records/call_record.ts";
import type { HeardAnswer } from "./playout.ts";
import { merged } from "./sources.ts";

/** An entry that may still grow. */
interface Entry {
  readonly party: "caller" | "agent";
  readonly startMs: number;
  text: string;
  heard?: HeardAnswer;
  brokenOff?: true;
  sources?: readonly AnswerSource[];
}

/** Longest text of one entry, in characters. */
const LONGEST_TEXT = 16_384;

/** Who said what so far. */
export class Transcript {
  readonly #past: readonly TranscriptEntry[];
  readonly #entries: Entry[] = [];
  #caller: Entry | undefined;
  #open: Entry | undefined;
  readonly #answers = new Map<number, Entry>();

  /** Begins behind what was said on other instances. */
  constructor(past: readonly TranscriptEntry[] = []) {
    this.#past = past;
  }

  /** The caller begins to speak. */
  callerBegan(startMs: number): void {
    this.#caller = this.#begin("caller", startMs);
  }

  /** Words of the caller; those that come before any speech have nowhere to go. */
  callerWords(text: string): void {
    if (this.#caller) append(this.#caller, text);
  }

  /** Words of the agent, perhaps before their audio. */
  agentWords(text: string, nowMs: number): void {
    this.#open ??= this.#begin("agent", nowMs);
    append(this.#open, text);
  }

  /** The first audio of an answer is here. */
  answerBegan(answer: number, nowMs: number): void {
    this.#open ??= this.#begin("agent", nowMs);
    this.#answers.set(answer, this.#open);
  }

  /** The answer that is being given should be longer than it will be. */
  answerBrokenOff(): void {
    if (this.#open) this.#open.brokenOff = true;
  }

  /** What the agent said last rests on these; the service says so when all of it was sent. */
  agentSources(sources: readonly AnswerSource[]): void {
    const last = this.#entries.findLast(({ party }) => party === "agent");
    if (last && sources.length > 0) last.sources = merged(last.sources ?? [], sources);
  }

  /** No more words come for the answer that is being given. */
  answerCompleted(): void {
    this.#open = undefined;
  }

  /** The line is done with an answer: it was heard to its end, or broken off. */
  answerHeard(heard: HeardAnswer): void {
    const entry = this.#answers.get(heard.answer);
    if (entry) entry.heard = heard;
    this.#answers.delete(heard.answer);
  }

  /** What was heard of the last answer that the line is done with. */
  get lastHeard(): string {
    const last = this.#entries.findLast((entry) => entry.heard);
    return last ? toRecord(last).heardText ?? "" : "";
  }

  /** What the agent said last: what was heard of it, or will be. */
  get lastSaid(): string {
    const said = this.#entries.filter(({ party }) => party === "agent").map(toRecord);
    return said.map(({ text, heardText = text }) => heardText).findLast((text) => text) ?? "";
  }

  /** Everything said so far; an entry without words is a turn that was not transcribed. */
  entries(): TranscriptEntry[] {
    return [...this.#past, ...this.#entries.map(toRecord)];
  }

  #begin(party: "caller" | "agent", startMs: number): Entry {
    const entry: Entry = { party, startMs, text: "" };
    // Of a turn that the service finds, nothing may be known before its answer.
    const place = this.#entries.findLastIndex((earlier) => earlier.startMs <= startMs) + 1;
    this.#entries.splice(place, 0, entry);
    return entry;
  }
}

function append(entry: Entry, text: string): void {
  entry.text = (entry.text + text).slice(0, LONGEST_TEXT);
}

function toRecord(entry: Entry): TranscriptEntry {
  const { party, startMs, heard, brokenOff, sources } = entry;
  const text = entry.text.trim();
  const said = {
    party,
    startMs,
    text,
    ...(brokenOff ? { brokenOff } : {}),
    ...(sources ? { sources } : {}),
  };
  if (!heard) return said;
  const { spokenMs, heardMs, missedMs, isCut: interrupted } = heard;
  const heardText = interrupted ? wordsWithin(text, heardMs / Math.max(spokenMs, 1)) : text;
  const lost = missedMs === undefined ? {} : { missedMs };
  return { ...said, spokenMs, heardMs, ...lost, heardText, interrupted };
}

/** The whole words that lie within the first part of a text, as if it were spoken evenly. */
function wordsWithin(text: string, part: number): string {
  if (part >= 1) return text;
  const cut = text.slice(0, Math.floor(text.length * part) + 1);
  return cut.slice(0, Math.max(cut.lastIndexOf(" "), 0)).trimEnd();
}
