/**
 * What a tool gave, made fit for the model: JSON of a bounded size, whatever the tool returned.
 *
 * @module
 */

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

/** What a model is answered: a result, or an error. */
export interface ToolResponse {
  /** What the tool gave. */
  readonly output?: Json;
  /** Whether `output` is not all of it. */
  readonly truncated?: true;
  /** What went wrong. */
  readonly error?: string;
}

/** Larger answers make models stutter, and some close the connection. */
export const LARGEST_RESPONSE_BYTES = 16 * 1024;
const DEEPEST = 32;

/** Longest text and list, tried one after the other until the whole fits. */
const LIMITS = [
  { text: 4_096, list: 200 },
  { text: 1_024, list: 50 },
  { text: 256, list: 20 },
  { text: 64, list: 8 },
] as const;

const encoder = new TextEncoder();

/**
 * Makes a response of what a tool returned. What JSON cannot hold becomes a word that says what it was; what is too
 * much is shortened: texts and lists first, then the whole as one text.
 *
 * @param value Anything
 * @returns At most {@linkcode LARGEST_RESPONSE_BYTES} bytes as JSON
 * @throws Whatever a getter or a `toJSON` of the value throws
 */
export function toolOutput(value: unknown): ToolResponse {
  const output = plain(value, []);
  if (fits({ output })) return { output };
  for (const limit of LIMITS) {
    const response = { output: shorten(output, limit), truncated: true } as const;
    if (fits(response)) return response;
  }
  // Escapes may double a text, and a character may take four bytes.
  const text = JSON.stringify(output).slice(0, LARGEST_RESPONSE_BYTES / 8);
  return { output: text, truncated: true };
}

function fits(response: ToolResponse): boolean {
  return encoder.encode(JSON.stringify(response)).length <= LARGEST_RESPONSE_BYTES;
}

/** The value as JSON has it; `above` are the objects that it stands in. */
function plain(value: unknown, above: readonly object[]): Json {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? value : value.toWellFormed();
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return value.toString();
    case "object":
      return value === null ? null : plainObject(value, above);
    default:
      return null;
  }
}

function plainObject(value: object, above: readonly object[]): Json {
  if (above.includes(value)) return "[circular]";
  if (above.length >= DEEPEST) return "[too deep]";
  const within = [...above, value];
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    return `[${value.byteLength} bytes]`;
  }
  if (value instanceof Error) return `[${value.name}]`;
  if (value instanceof Map) {
    const isNamed = value.keys().every((key) => typeof key === "string" || typeof key === "number");
    return plain(isNamed ? Object.fromEntries(value) : [...value], within);
  }
  if (value instanceof Set) return plain([...value], within);
  if ("toJSON" in value && typeof value.toJSON === "function") return plain(value.toJSON(), within);
  if (Array.isArray(value)) return value.map((element) => plain(element, within));
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined && typeof field !== "function")
    .map(([name, field]) => [name, plain(field, within)] as const);
  return Object.fromEntries(fields);
}

function shorten(value: Json, limit: { text: number; list: number }): Json {
  if (typeof value === "string") {
    return value.length <= limit.text ? value : `${value.slice(0, limit.text).toWellFormed()}…`;
  }
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    return value.slice(0, limit.list).map((element) => shorten(element, limit));
  }
  const fields = Object.entries(value).slice(0, limit.list)
    .map(([name, field]) => [name, shorten(field, limit)] as const);
  return Object.fromEntries(fields);
}
