/**
 * Tells one reader what is new of a running call. Nothing waits for a reader who is slow: what they have missed
 * meanwhile is told as it is when they ask again.
 *
 * @module
 */

import type { TranscriptEntry, TurnLatency } from "../records/call_record.ts";
import type { ToolInSight } from "./call_observer.ts";
import type { CallSight, Speaker } from "./call_sight.ts";
import type { TraceColumn } from "./call_trace.ts";
import type { CallFacts } from "./leg.ts";

/** What is new of a call; what is absent is as it was. */
export interface CallNews {
  /** What is known of the call from its beginning; first of all. */
  readonly call?: CallFacts & { readonly answeredEpochMs: number };
  /** Who has the floor. */
  readonly speaker?: Speaker;
  /** Entries of the transcript that are new or have changed, by number. */
  readonly said?: readonly (readonly [number, TranscriptEntry])[];
  /** The latest turns. */
  readonly turns?: readonly TurnLatency[];
  /** The tools that run, oldest first. */
  readonly tools?: readonly ToolInSight[];
  /** Sound since the last time. */
  readonly trace?: readonly TraceColumn[];
  /** How the call ended; last of all. */
  readonly ending?: string;
}

/** Turns that are told of. */
const LATEST_TURNS = 8;
/** Entries at the end of a transcript that may still change. */
const OPEN_ENTRIES = 12;

/** Reads one call. */
export class SightReader {
  readonly #sight: CallSight;
  readonly #unwatch: () => void;
  readonly #told = new Map<string, string>();
  #column = 0;
  #isFirst = true;
  #isOver = false;

  /** Begins to read; has to be closed. */
  constructor(sight: CallSight) {
    this.#sight = sight;
    this.#unwatch = sight.watch();
  }

  /** Whether the end of the call was told. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** What is new since the last time, if anything is. */
  next(): CallNews | undefined {
    const record = this.#sight.record();
    if (!record || this.#isOver) return undefined;
    const { facts, ending, speaker, tools } = this.#sight;
    const { answeredEpochMs, transcript } = record;
    const from = this.#isFirst ? 0 : Math.max(0, transcript.length - OPEN_ENTRIES);
    const said = transcript.slice(from)
      .map((entry, index) => [from + index, entry] as const)
      .filter(([index, entry]) => this.#isNew(`said ${index}`, entry));
    const turns = record.turns.slice(-LATEST_TURNS);
    const trace = this.#sight.columns(this.#column);
    this.#column = (trace.at(-1)?.[0] ?? this.#column - 1) + 1;
    const news: CallNews = {
      ...(this.#isFirst ? { call: { ...facts, answeredEpochMs } } : {}),
      ...(this.#isNew("speaker", speaker) ? { speaker } : {}),
      ...(said.length > 0 ? { said } : {}),
      ...(this.#isNew("turns", turns) ? { turns } : {}),
      ...(this.#isNew("tools", tools) ? { tools } : {}),
      ...(trace.length > 0 ? { trace } : {}),
      ...(ending === undefined ? {} : { ending }),
    };
    this.#isFirst = false;
    this.#isOver = ending !== undefined;
    return Object.keys(news).length > 0 ? news : undefined;
  }

  /** Reads no more. */
  close(): void {
    this.#unwatch();
  }

  #isNew(name: string, value: unknown): boolean {
    const text = JSON.stringify(value);
    if (this.#told.get(name) === text) return false;
    this.#told.set(name, text);
    return true;
  }
}
