/**
 * The only output: one JSON object per line. What a person said or is called by stands under `pii` and is written at
 * debug level only.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** How much is written, from most to least. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a line says beside its event; anything about a person goes under `pii`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes events. */
export interface Log {
  /** Per turn. */
  debug(event: string, fields?: LogFields): void;
  /** About ten lines per call. */
  info(event: string, fields?: LogFields): void;
  /** Something went wrong and was dealt with. */
  warn(event: string, fields?: LogFields): void;
  /** Something went wrong that somebody should look at. */
  error(event: string, fields?: LogFields): void;
  /** A log whose every line carries these fields too. */
  with(fields: LogFields): Log;
}

/** What every line begins with. */
interface LogHead {
  readonly time: string;
  readonly level: LogLevel;
  readonly event: string;
}

const ORDER: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * Makes a log.
 *
 * @param options `level` is the least that is written; `write` takes one line without its end; `clock` stamps it
 */
export function createLog(options: {
  level: LogLevel;
  clock: Clock;
  write: (line: string) => void;
}): Log {
  return logWith({}, options);
}

function logWith(
  base: LogFields,
  options: { level: LogLevel; clock: Clock; write: (line: string) => void },
): Log {
  const { level, clock, write } = options;
  function line(at: LogLevel, event: string, fields: LogFields = {}): void {
    if (ORDER[at] < ORDER[level]) return;
    const { pii, ...rest } = { ...base, ...fields };
    const head = { time: new Date(clock.epochMs()).toISOString(), level: at, event };
    const shown = level === "debug" && pii !== undefined ? { ...rest, pii } : rest;
    // The head stands first and is nobody else's to say.
    write(toLine({ ...head, ...shown, ...head }));
  }
  return {
    debug: (event, fields) => line("debug", event, fields),
    info: (event, fields) => line("info", event, fields),
    warn: (event, fields) => line("warn", event, fields),
    error: (event, fields) => line("error", event, fields),
    with: (fields) => logWith({ ...base, ...fields }, options),
  };
}

/** Characters that JSON leaves as they are and that some terminals and readers obey or end a line at. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g;

/** An error becomes its name, message and cause; what cannot be written as JSON becomes a word that says so. */
function toLine(entry: LogHead & LogFields): string {
  const { time, event } = entry;
  let text: string;
  try {
    text = JSON.stringify(entry, (_key, value) => value instanceof Error ? describe(value) : value);
  } catch (error) {
    const unwritable = { time, level: "error", event: "log-line-unwritable", of: event };
    text = JSON.stringify({ ...unwritable, error: describe(error) });
  }
  return text.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, cause, stack } = error;
  const at = stack?.split("\n").find((frame) => frame.trimStart().startsWith("at "))?.trim();
  return { name, message, at, ...(cause === undefined ? {} : { cause: describe(cause) }) };
}

/** Writes a line where the host collects logs: `console` reaches terminals, Deno Deploy and OpenTelemetry alike. */
export function toConsole(line: string): void {
  // deno-lint-ignore no-console
  console.log(line);
}
