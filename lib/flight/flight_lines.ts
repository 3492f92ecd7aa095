/**
 * How a flight is written: a line of JSON that says what the call was made of, then one for each thing that went in or
 * out, in the order in which it did.
 *
 * @module
 */

import type { AgentConfig, PriceTable, VoicemailConfig } from "../agents/agent_config.ts";
import type { CallFacts } from "../call/leg.ts";
import { ModelError, type ModelErrorKind } from "../call/model.ts";
import type { CallSnapshot } from "../records/call_snapshot.ts";

/** How flights are written; another version of this program may do it otherwise. */
export const FLIGHT_FORMAT = 1;

/** What a call was made of, beside what went in and out later. */
export interface FlightHead {
  /** {@linkcode FLIGHT_FORMAT}. */
  readonly flight: typeof FLIGHT_FORMAT;
  /** The call's clock when it began. */
  readonly nowMs: number;
  /** What is known of the call. */
  readonly facts: CallFacts;
  /** Who answered; without what a call does not look at. */
  readonly agent: AgentConfig;
  /** Longest call. */
  readonly maxCallSeconds: number;
  /** What its model cost. */
  readonly prices?: PriceTable | undefined;
  /** What there was beside. */
  readonly has: {
    /** A model to go on with. */
    readonly secondModel: boolean;
    /** A model that was told how to begin before there was a stream. */
    readonly begun: boolean;
    /** Tools. */
    readonly toolKit: boolean;
    /** Somebody who counts what turns cost. */
    readonly spent: boolean;
  };
  /** The greeting that could be kept; `kept`: as it was spoken. */
  readonly greeting?: { readonly kept?: Int16Array | undefined } | undefined;
  /** Of a call that we placed. */
  readonly outbound?: { readonly voicemail: VoicemailConfig } | undefined;
  /** Which admission of the call it was. */
  readonly term: number;
  /** What was before. */
  readonly resumed?: CallSnapshot | undefined;
}

/** Something that came into the call: by which way, and what. Without a time it came in the middle of the call's work. */
export interface FlightIn {
  /** The way. */
  readonly in: string;
  /** The call's clock. */
  readonly nowMs?: number;
  /** What came. */
  readonly with: readonly unknown[];
}

/** Something that the call did to what is around it. */
export interface FlightOut {
  /** What it did. */
  readonly out: string;
  /** With what. */
  readonly with: readonly unknown[];
}

/** Why a flight ends where it does, before its call was over. */
export interface FlightNote {
  /** In words. */
  readonly note: string;
}

/** A line behind the first. */
export type FlightLine = FlightIn | FlightOut | FlightNote;

/** A flight cannot be read. */
export class FlightError extends Error {
  /** Tells it from other errors. */
  override name = "FlightError";
}

/** Shorter ones would stand in words by chance. */
const SHORTEST_SECRET = 8;
/** Names a field whose values are replaced: who has a handle could take the conversation up. */
const HANDLE = "handle";
/** What stands in their place; a replay writes it again as it is. */
const REPLACED = /^handle-\d+$/;

/** Writes the lines of one flight; secrets are replaced, handles by a number each. */
export class FlightText {
  readonly #secrets: readonly string[];
  readonly #handles = new Map<string, string>();

  /**
   * Begins a flight.
   *
   * @param secrets Words that must not be written; those of less than eight characters are left
   */
  constructor(secrets: readonly string[] = []) {
    this.#secrets = secrets.filter(({ length }) => length >= SHORTEST_SECRET);
  }

  /**
   * One line, without its end.
   *
   * @throws {TypeError} If it cannot be written as JSON
   */
  line(value: FlightHead | FlightLine): string {
    return JSON.stringify(value, (key, part) => this.#part(key, part));
  }

  #part(key: string, part: unknown): unknown {
    if (typeof part === "string") return this.#text(key, part);
    if (part instanceof Int16Array) {
      return { $i16: new Uint8Array(part.buffer, part.byteOffset, part.byteLength).toBase64() };
    }
    if (part instanceof Uint8Array) return { $u8: part.toBase64() };
    if (part instanceof ModelError) {
      const { kind, message, retryable, closeCode } = part;
      return { $modelError: { kind, message, retryable, closeCode } };
    }
    if (part instanceof Error) return { $error: { name: part.name, message: part.message } };
    return part;
  }

  #text(key: string, text: string): string {
    // Audio holds no words.
    if (key === "$i16" || key === "$u8") return text;
    if (key !== HANDLE) return this.#secrets.reduce((all, one) => all.replaceAll(one, "***"), text);
    if (REPLACED.test(text)) return text;
    const known = this.#handles.get(text) ?? `handle-${this.#handles.size + 1}`;
    this.#handles.set(text, known);
    return known;
  }
}

/**
 * Reads the first line of a flight.
 *
 * @throws {FlightError} If it is none, or of another format
 */
export function readHead(line: string): FlightHead {
  const head = parse(line, "its first line");
  if (!isObject(head) || typeof head.flight !== "number") {
    throw new FlightError("Cannot read flight: its first line names no format");
  }
  if (head.flight !== FLIGHT_FORMAT) {
    const expected = `this version reads ${FLIGHT_FORMAT}`;
    throw new FlightError(`Cannot read flight: it has format ${head.flight}; ${expected}`);
  }
  // What has the format was written by `FlightText`.
  return head as unknown as FlightHead;
}

/**
 * Reads a line behind the first.
 *
 * @param number Of the line; the first has number 1
 * @throws {FlightError} If it is none
 */
export function readLine(line: string, number: number): FlightLine {
  const value = parse(line, `line ${number}`);
  if (isObject(value)) {
    const { note, with: given, nowMs } = value;
    if (typeof note === "string") return { note };
    if (Array.isArray(given)) {
      if (typeof value.out === "string") return { out: value.out, with: given };
      const time = typeof nowMs === "number" ? { nowMs } : {};
      if (typeof value.in === "string") return { in: value.in, ...time, with: given };
    }
  }
  throw new FlightError(`Cannot read flight: line ${number} has none of the forms of a line`);
}

function parse(line: string, which: string): unknown {
  try {
    return JSON.parse(line, (_key, value) => whole(value));
  } catch (cause) {
    throw new FlightError(`Cannot read flight: ${which} is no JSON`, { cause });
  }
}

/** What JSON could not hold, as it was. */
function whole(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { $i16, $u8, $modelError: modelError, $error: error } = value;
  if (typeof $i16 === "string") return new Int16Array(Uint8Array.fromBase64($i16).buffer);
  if (typeof $u8 === "string") return Uint8Array.fromBase64($u8);
  if (isObject(modelError)) {
    const { kind, message, retryable, closeCode } = modelError;
    return new ModelError(kind as ModelErrorKind, String(message), {
      retryable: retryable === true,
      ...(typeof closeCode === "number" ? { closeCode } : {}),
    });
  }
  if (isObject(error)) {
    return Object.assign(new Error(String(error.message)), { name: String(error.name) });
  }
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
