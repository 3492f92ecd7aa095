/**
 * The file of an agent: JSON with comments and trailing commas, checked field by field.
 *
 * @module
 */

import { parse, type ParseError, printParseErrorCode } from "jsonc-parser";
import { z } from "zod";
import type { AgentConfig } from "./agent_config.ts";
import { lines, number, phoneNumbers, section, text, wholeNumber } from "./file_fields.ts";
import { outboundField } from "./outbound_field.ts";
import { unknownVariables, VARIABLE_NAMES } from "./instructions.ts";
import { MODEL_FIELDS } from "./model_fields.ts";
import { CALLER_FIELDS } from "./caller_fields.ts";
import { announced, RECORD_FIELDS } from "./record_fields.ts";
import { TOOL_FIELDS } from "./tool_fields.ts";
import { TURN_FIELDS, turnSettings } from "./turn_fields.ts";

/** An agent file cannot be used as it is. */
export class AgentFileError extends Error {
  /** Tells it from other errors. */
  override name = "AgentFileError";
  /** One line per problem: the file, the field, what is expected. */
  readonly lines: readonly string[];

  /**
   * An error of all that is wrong.
   *
   * @param lines One line per problem
   * @param options `cause`, where something else failed first
   */
  constructor(lines: readonly string[], options: { cause?: unknown } = {}) {
    super(lines.join("\n"), options);
    this.lines = lines;
  }
}

/** A day: in effect no limit beside the server's. */
const LONGEST_CALL_SECONDS = 86_400;

const FILLED_IN = "{{caller}}, {{called}}, {{time}} and the variables are filled in";

const agentFile = section({
  $schema: z.string("expected the path of a JSON Schema").optional(),
  name: text(/^[a-z][a-z0-9_-]{0,39}$/, "1 to 40 of a-z, 0-9, - and _, a letter first")
    .describe("What the agent is called in logs; the one called default answers what is left"),
  numbers: phoneNumbers().default([])
    .describe("Numbers in E.164 whose calls it takes; without any only the one called default"),
  variables: z.record(
    text(/^[a-z]\w{0,39}$/i, "a name of letters, digits and _"),
    z.string("expected a text").max(100, "expected at most 100 characters"),
    "expected names and texts",
  ).default({}).describe("Values of its own that the texts below may name in double braces"),
  instructions: lines(20_000)
    .describe(`What the model is told about its task; ${FILLED_IN}`),
  greeting: lines(1_000).describe(`What the agent says first; ${FILLED_IN}`),
  keepGreeting: z.boolean("expected true or false").default(false)
    .describe("Whether a greeting without variables is kept as spoken and played to later callers"),
  ...MODEL_FIELDS,
  ...TURN_FIELDS,
  outbound: outboundField,
  limits: section({
    maxCallSeconds: wholeNumber(1, LONGEST_CALL_SECONDS).default(LONGEST_CALL_SECONDS)
      .describe("Longest call; the server's own limit counts too"),
    maxDailyUsd: number(0, 1_000_000).optional()
      .describe("US dollars that its calls may cost in a day, UTC; then none is taken"),
  }).prefault({}).describe("How long things may take, and what they may cost"),
  ...TOOL_FIELDS,
  ...CALLER_FIELDS,
  ...RECORD_FIELDS,
}).superRefine(({ variables, instructions, greeting, outbound }, context) => {
  const known = [...VARIABLE_NAMES, ...Object.keys(variables)];
  const voicemail = outbound?.voicemail ?? "hang-up";
  const texts: Record<string, string> = {
    instructions,
    greeting,
    ...(voicemail === "hang-up" ? {} : { "outbound.voicemail.message": voicemail.message }),
  };
  for (const [field, value] of Object.entries(texts)) {
    for (const name of unknownVariables(value, known)) {
      const names = known.map((each) => `{{${each}}}`).join(", ");
      const message = `{{${name}}} is unknown; known are ${names}`;
      context.addIssue({ code: "custom", path: field.split("."), message });
    }
  }
});

/**
 * Reads an agent file.
 *
 * @param text What stands in the file
 * @param path Where it stands, for messages
 * @throws {AgentFileError} With everything that is wrong, such as
 * `agents/default.jsonc: turns.hangoverMs: expected a number from 100 to 5000`
 */
export function parseAgentFile(text: string, path: string): AgentConfig {
  const result = agentFile.safeParse(parseJsonc(text.replace(/^\uFEFF/, ""), path));
  if (!result.success) {
    const lines = result.error.issues.flatMap((issue) => describe(issue));
    throw new AgentFileError([...new Set(lines)].map((line) => `${path}: ${line}`));
  }
  const { $schema: _schema, turns, ...config } = result.data;
  const greeting = announced(config.greeting, config.records);
  return { ...config, greeting, turns: turnSettings(turns) };
}

/** The JSON Schema of an agent file, by which editors help. */
export function agentFileSchema(): Record<string, unknown> {
  return z.toJSONSchema(agentFile, { io: "input", target: "draft-7" });
}

function parseJsonc(text: string, path: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (!first) return value;
  const before = text.slice(0, first.offset).split("\n");
  const what = printParseErrorCode(first.error).replace(/\B[A-Z]/g, (letter) => ` ${letter}`);
  const column = (before.at(-1)?.length ?? 0) + 1;
  throw new AgentFileError([`${path}:${before.length}:${column}: ${what.toLowerCase()}`]);
}

/** The lines of one issue: a line per unknown key, else one; of a tool, those of what it is most like. */
function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "invalid_union" && issue.path[0] === "tools") {
    const [nearest] = issue.errors.filter((errors) => errors.every(({ path }) => path.length > 0))
      .toSorted((a, b) => a.length - b.length);
    if (nearest) {
      return nearest.flatMap((each) => describe({ ...each, path: [...issue.path, ...each.path] }));
    }
  }
  const fields = issue.code === "unrecognized_keys"
    ? issue.keys.map((key) => [...issue.path, key])
    : [issue.path];
  return fields.map((field) => [field.join("."), issue.message].filter(Boolean).join(": "));
}
