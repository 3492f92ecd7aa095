/**
 * The file of an agent: JSON with comments and trailing commas, checked field by field.
 *
 * @module
 */

import { parse, type ParseError, printParseErrorCode } from "jsonc-parser";
import { z } from "zod";
import {
  AUTOMATIC_DETECTIONS,
  type AutomaticDetection,
  DEFAULT_BARGE_IN,
  DEFAULT_TURN_SETTINGS,
  SENSITIVITIES,
  type Sensitivity,
  type TurnSettings,
} from "../turns/turn_settings.ts";
import type { AgentConfig } from "./agent_config.ts";
import { outboundField } from "./outbound_field.ts";
import { unknownVariables, VARIABLE_NAMES } from "./instructions.ts";

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

/** Fields that may be left out. */
type Given<Fields> = { readonly [Field in keyof Fields]?: Fields[Field] | undefined };

/** What a file may say of turns. */
type GivenTurns =
  & { readonly detection: "own" | "automatic"; readonly sensitivity: Sensitivity }
  & { readonly automatic?: Given<AutomaticDetection> | undefined }
  & Given<Omit<TurnSettings, "automatic">>;

/** A day: in effect no limit beside the server's. */
const LONGEST_CALL_SECONDS = 86_400;

/** The prebuilt voices, as Google lists them. */
export const VOICES: readonly string[] = [
  ["Zephyr", "Puck", "Charon", "Kore", "Fenrir", "Leda", "Orus", "Aoede", "Callirrhoe", "Autonoe"],
  ["Enceladus", "Iapetus", "Umbriel", "Algieba", "Despina", "Erinome", "Algenib", "Rasalgethi"],
  ["Laomedeia", "Achernar", "Alnilam", "Schedar", "Gacrux", "Pulcherrima", "Achird"],
  ["Zubenelgenubi", "Vindemiatrix", "Sadachbia", "Sadaltager", "Sulafat"],
].flat();

const agentFile = section({
  $schema: z.string("expected the path of a JSON Schema").optional(),
  name: text(/^[a-z][a-z0-9_-]{0,39}$/, "1 to 40 of a-z, 0-9, - and _, a letter first")
    .describe("What the agent is called in logs; the one called default answers every call"),
  instructions: template(20_000)
    .describe(
      "What the model is told about its task; {{caller}}, {{called}}, {{time}} are filled in",
    ),
  greeting: template(1_000)
    .describe("What the agent says first; {{caller}}, {{called}}, {{time}} are filled in"),
  keepGreeting: z.boolean("expected true or false").default(false)
    .describe("Whether a greeting without variables is kept as spoken and played to later callers"),
  voice: text(/^\w+$/, "the name of a voice, such as Kore").default("Kore")
    .meta({ description: "A prebuilt voice", examples: [...VOICES] }),
  language: text(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/, "a BCP-47 code such as en-US")
    .optional().describe("Language it begins with; without one the model hears for itself"),
  model: text(/^[\w./-]+$/, "a model id such as gemini-3.8-live")
    .optional().describe("Model id; without one the server's"),
  fallbackModel: text(/^[\w./-]+$/, "a model id such as gemini-3.1-flash-live-preview")
    .optional().describe("Model that goes on with a call when the first one does not answer"),
  generation: section({
    temperature: number(0, 2).optional().describe("How freely answers are worded"),
    topP: number(0, 1).optional().describe("Probability from which words are drawn"),
    topK: wholeNumber(1, 1_000).optional().describe("How many words are drawn from"),
    maxOutputTokens: wholeNumber(1, 65_536).optional().describe("Longest answer, in tokens"),
  }).prefault({}).describe("How answers are made; what is absent is left to the model"),
  turns: section({
    detection: z.enum(["own", "automatic"], "expected own or automatic").default("own")
      .describe("Who finds the caller's turns: Offhook, or the model's service by itself"),
    sensitivity: sensitivity().default("medium")
      .describe("How soon a pause ends the turn: 420, 600 or 850 ms; the numbers below come first"),
    automatic: section({
      startSensitivity: sensitivity().optional()
        .describe(
          "How readily the service takes sound for speech; medium leaves it to the service",
        ),
      endSensitivity: sensitivity().optional()
        .describe("How readily it takes a pause for the end; medium leaves it to the service"),
      prefixPaddingMs: wholeNumber(0, 5_000).optional()
        .describe("Speech it needs before it believes in a beginning"),
      silenceDurationMs: wholeNumber(0, 10_000).optional()
        .describe("Pause after which it takes the caller to have finished"),
    }).optional().describe("Where automatic detection differs from the preset of the sensitivity"),
    speechProbability: number(0.05, 0.95).optional()
      .describe("A frame of at least this probability is evidence of speech"),
    onsetMs: number(20, 500).optional()
      .describe("Speech needed to believe in speech, each frame weighed by its probability"),
    hangoverMs: number(100, 5_000).optional()
      .describe("Pause after which the caller has finished"),
    prerollMs: number(0, 1_000).optional()
      .describe("Audio from before the onset that the model hears too"),
    activityGapMs: number(0, 1_000).optional()
      .describe("Shortest time between two activities"),
    longestActivityMs: number(1_000, 300_000).optional()
      .describe("Longest activity; then it is closed and may be opened again"),
    framesStoppedMs: number(100, 5_000).optional()
      .describe("Without any audio for this long a turn in progress is over"),
  }).superRefine(({ detection, automatic }, context) => {
    if (detection === "automatic" || automatic === undefined) return;
    context.addIssue({
      code: "custom",
      path: ["automatic"],
      message: 'expected only beside "detection": "automatic"',
    });
  }).prefault({}).describe("The numbers by which turns are taken"),
  bargeIn: section({
    mode: z.enum(["decide", "immediate", "never"], "expected decide, immediate or never")
      .default(DEFAULT_BARGE_IN.mode)
      .describe("Whether a sound during an answer is judged first, takes the floor, or never does"),
    minSpeechMs: number(20, 500).default(DEFAULT_BARGE_IN.minSpeechMs)
      .describe("Speech needed before the agent falls silent"),
    backchannelMaxMs: number(100, 2_000).default(DEFAULT_BARGE_IN.backchannelMaxMs)
      .describe('Longest sound of voice that may be a mere "mm-hmm"'),
  }).prefault({}).describe("How interruptions are taken"),
  deadAir: section({
    askAfterMs: wholeNumber(2_000, 120_000).default(8_000)
      .describe("Silence before the caller is asked, and before each further step"),
    asks: z.array(sentence(), "expected a list of sentences").max(5, "expected at most 5")
      .default(["Are you still there?", "I cannot hear you. Are you there?"])
      .describe("What the agent asks, one after the other"),
    goodbye: sentence().default("It seems that you cannot hear me. Please call again. Goodbye.")
      .describe("What it says at last, before it hangs up"),
    longestHoldMs: wholeNumber(0, 3_600_000).default(300_000)
      .describe("Longest time on hold; after that silence counts although the line sounds"),
  }).nullable().prefault({})
    .describe("What a caller who says nothing hears; null: nothing, the agent waits"),
  digits: section({
    policy: z.enum(
      ["interrupt", "wait", "ignore"],
      "expected interrupt, wait or ignore",
    ).default("interrupt").describe("Whether keys take the floor, wait for it, or do nothing"),
    endKey: text(/^[0-9*#]?$/, "one of 0 to 9, * and #, or nothing").default("#")
      .describe("The key that ends an entry and does not belong to it"),
    timeoutMs: wholeNumber(500, 30_000).default(2_500)
      .describe("Time without a further key after which an entry is complete"),
    mostDigits: wholeNumber(1, 64).default(32).describe("Keys that complete an entry by number"),
  }).prefault({}).describe("What becomes of keys that the caller presses"),
  cutNote: z.string("expected a text").max(1_000, "expected at most 1000 characters")
    .default('(The caller broke in. Of your last answer they heard only: "{{heard}}")')
    .describe("What the model is told when the caller broke in; {{heard}} is what they heard"),
  outbound: outboundField,
  limits: section({
    maxCallSeconds: wholeNumber(1, LONGEST_CALL_SECONDS).default(LONGEST_CALL_SECONDS)
      .describe("Longest call; the server's own limit counts too"),
  }).prefault({}).describe("How long things may take"),
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
  return { ...config, turns: turnSettings(turns) };
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

/** The lines of one issue: a line per unknown key, else one. */
function describe(issue: z.core.$ZodIssue): string[] {
  const fields = issue.code === "unrecognized_keys"
    ? issue.keys.map((key) => [...issue.path, key])
    : [issue.path];
  return fields.map((field) => [field.join("."), issue.message].filter(Boolean).join(": "));
}

/** An object that has these fields and no others. */
function section<Fields extends z.ZodRawShape>(
  fields: Fields,
): z.ZodObject<Fields, z.core.$strict> {
  const unknown = `unknown; known are ${Object.keys(fields).join(", ")}`;
  return z.strictObject(fields, {
    error: ({ code }) => code === "unrecognized_keys" ? unknown : "expected an object",
  });
}

function number(low: number, high: number) {
  const error = `expected a number from ${low} to ${high}`;
  return z.number(error).min(low, error).max(high, error);
}

function wholeNumber(low: number, high: number) {
  const error = `expected a whole number from ${low} to ${high}`;
  return z.int(error).min(low, error).max(high, error);
}

/** How turns are taken: the numbers that a file gives come before those of its preset, these before the usual ones. */
function turnSettings(
  { detection, sensitivity, automatic = {}, ...given }: GivenTurns,
): TurnSettings {
  return {
    ...DEFAULT_TURN_SETTINGS,
    ...SENSITIVITIES[sensitivity],
    ...defined(given),
    ...(detection === "automatic"
      ? { automatic: { ...AUTOMATIC_DETECTIONS[sensitivity], ...defined(automatic) } }
      : {}),
  };
}

function defined(given: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function sensitivity() {
  return z.enum(["high", "medium", "low"], "expected high, medium or low");
}

function text(pattern: RegExp, expected: string) {
  const error = `expected ${expected}`;
  return z.string(error).regex(pattern, error);
}

/** Something short that is spoken as it stands. */
function sentence() {
  return text(/\S/, "a sentence").max(500, "expected at most 500 characters");
}

/** Text with variables, or a list of its lines. */
function template(longest: number) {
  const error = `expected 1 to ${longest} characters, or a list of lines`;
  return z.union([z.string(), z.array(z.string())], error)
    .transform((lines) => [lines].flat().join("\n").trim())
    .pipe(z.string().min(1, error).max(longest, error))
    .superRefine((filled, context) => {
      const known = VARIABLE_NAMES.map((name) => `{{${name}}}`).join(", ");
      for (const name of unknownVariables(filled)) {
        context.addIssue(`{{${name}}} is unknown; known are ${known}`);
      }
    });
}
