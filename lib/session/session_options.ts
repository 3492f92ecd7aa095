/**
 * What a session is made of, checked.
 *
 * @module
 */

import { modelFamily } from "../agents/model_family.ts";
import type { RecapOptions } from "../call/recap.ts";
import { type Clock, systemClock } from "../clock.ts";
import { ModelCircuit } from "../gemini/circuit.ts";
import type { SessionOptions as LinkOptions } from "../gemini/live_link.ts";
import type { LiveBegin, LiveSetup } from "../gemini/live_setup.ts";
import type { WebSocketFactory } from "../gemini/live_socket.ts";
import {
  type FunctionDeclaration,
  programSetup,
  type SessionConfig,
} from "../gemini/program_setup.ts";
import { type Ids, randomIds } from "../ids.ts";
import { createLog, type Log } from "../log.ts";
import type { Tool } from "../tools/tool.ts";
import { declareTool } from "../tools/tool_declaration.ts";
import { InvalidMessageError } from "./session_errors.ts";

/** How a program opens a session; every field has a default. */
export interface SessionOptions {
  /** Key of the Gemini API; without one it is Vertex AI, by the variables that the SDK reads itself. */
  readonly apiKey?: string | undefined;
  /** Where the service is; Google's unless given. */
  readonly baseUrl?: string | undefined;
  /** Version of the interface on the Gemini API; `v1beta` unless given. */
  readonly apiVersion?: string | undefined;
  /** Model id; `gemini-3.8-live` unless given. */
  readonly model?: string | undefined;
  /** What the model is told. */
  readonly config?: SessionConfig | undefined;
  /** Makes what the model is told, in place of `config`. */
  readonly setup?: ((begin: LiveBegin) => LiveSetup) | undefined;
  /** Tools that the session runs and answers by itself. */
  readonly tools?: readonly Tool[] | undefined;
  /** Most texts in a minute; 60 unless given, `null` for no limit. */
  readonly textsPerMinute?: number | null | undefined;
  /** Most pieces of audio and pictures that wait while there is no connection; 100 unless given. */
  readonly mostChunks?: number | undefined;
  /** Most tries to get back a connection that was lost; 5 unless given. */
  readonly mostReconnects?: number | undefined;
  /** Most tokens of the recap that a new connection is given; 32,000 unless given. */
  readonly recapTokens?: number | undefined;
  /** Most of these for the summary of what does not fit word for word; 100 unless given. */
  readonly summaryTokens?: number | undefined;
  /** Sees each message whole, as it goes out and as it comes in. It may hold what people say. */
  readonly watch?: ((direction: "sent" | "received", message: string) => void) | undefined;
  /** Makes the sockets: for proxies, and for tests. */
  readonly webSocketFactory?: WebSocketFactory | undefined;
  /** Whose time counts. */
  readonly clock?: Clock | undefined;
  /** Spreads attempts to connect. */
  readonly ids?: Ids | undefined;
  /** Where it is told of; nowhere unless given. */
  readonly log?: Log | undefined;
}

/** Options with their defaults. */
export interface CheckedOptions {
  /** What the link takes; without what the session itself adds. */
  readonly link: Omit<LinkOptions, "failed" | "watch">;
  /** Whether words alone are told, and no sound. */
  readonly isText: boolean;
  /** Whether the program marks its turns. */
  readonly isManual: boolean;
  /** Tools that the session runs. */
  readonly tools: readonly Tool[];
  /** Whether a result may say when it is to be taken up. */
  readonly takesScheduling: boolean;
  /** Names of functions that the program answers. */
  readonly answeredByProgram: ReadonlySet<string>;
  /** Most texts in a minute, if there is a limit. */
  readonly textsPerMinute: number | null;
  /** How long a recap may be. */
  readonly recap: RecapOptions;
  /** Sees each message. */
  readonly watch: SessionOptions["watch"];
  /** Whose time counts. */
  readonly clock: Clock;
  /** Where it is told of. */
  readonly log: Log;
}

const DEFAULT_MODEL = "gemini-3.8-live";
const TEXTS_PER_MINUTE = 60;
const MOST_CHUNKS = 100;
/** As in calls: the service may lose a closer one. */
const ACTIVITY_GAP_MS = 100;

const FUNCTION_NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/;

/**
 * Checks options and adds what is absent.
 *
 * @throws {InvalidMessageError} If the setup cannot be right, with the field
 * @throws {RangeError} If a tool cannot be declared
 */
export function checkedOptions(options: SessionOptions): CheckedOptions {
  const { config = {}, tools = [], model = DEFAULT_MODEL, clock = systemClock } = options;
  const functionDeclarations = [...config.functionDeclarations ?? [], ...tools.map(declareTool)];
  checkNumbers(options);
  checkConfig(config);
  checkFunctions(functionDeclarations);
  const family = modelFamily(model);
  const blocking = new Set(
    functionDeclarations.filter(({ isBlocking }) => isBlocking).map(({ name }) => name),
  );
  const setup = options.setup ??
    ((begin: LiveBegin) => programSetup({ ...config, functionDeclarations }, { ...begin, model }));
  const log = options.log ?? createLog({ level: "error", clock, write: () => {} });
  return {
    link: {
      apiKey: options.apiKey,
      baseUrl: options.baseUrl,
      apiVersion: options.apiVersion,
      mostReconnects: options.mostReconnects,
      webSocketFactory: options.webSocketFactory,
      model,
      setup,
      isBlocking: (name) =>
        family.tools === "blocking" || family.tools === "either" && blocking.has(name),
      activityGapMs: ACTIVITY_GAP_MS,
      mostChunks: options.mostChunks ?? MOST_CHUNKS,
      circuit: new ModelCircuit(clock),
      ids: options.ids ?? randomIds,
      clock,
      log,
    },
    isText: config.responseModalities?.[0] === "TEXT",
    isManual: config.activityDetection === "manual",
    tools,
    takesScheduling: family.takesScheduling,
    answeredByProgram: new Set(config.functionDeclarations?.map(({ name }) => name)),
    textsPerMinute: options.textsPerMinute === undefined
      ? TEXTS_PER_MINUTE
      : options.textsPerMinute,
    recap: { budgetTokens: options.recapTokens, summaryTokens: options.summaryTokens },
    watch: options.watch,
    clock,
    log,
  };
}

function checkNumbers({ mostChunks = 1, mostReconnects = 0 }: SessionOptions): void {
  if (!Number.isInteger(mostChunks) || mostChunks < 1) {
    throw wrong("mostChunks", "a whole number of at least 1");
  }
  if (!Number.isInteger(mostReconnects) || mostReconnects < 0) {
    throw wrong("mostReconnects", "a whole number of at least 0");
  }
}

function checkConfig({ responseModalities = ["AUDIO"], generationConfig = {} }: SessionConfig) {
  const [modality] = responseModalities;
  if (responseModalities.length !== 1 || modality !== "AUDIO" && modality !== "TEXT") {
    throw wrong("responseModalities", "exactly one of AUDIO and TEXT");
  }
  const { temperature = 1, topP = 1, topK = 1, maxOutputTokens = 1 } = generationConfig;
  const isIn = (value: number, low: number, high: number) => value >= low && value <= high;
  if (!isIn(temperature, 0, 2)) throw wrong("generationConfig.temperature", "0 to 2");
  if (!isIn(topP, 0, 1)) throw wrong("generationConfig.topP", "0 to 1");
  if (!Number.isInteger(topK) || topK < 1) {
    throw wrong("generationConfig.topK", "a whole number of at least 1");
  }
  if (!Number.isInteger(maxOutputTokens) || maxOutputTokens < 1) {
    throw wrong("generationConfig.maxOutputTokens", "a whole number of at least 1");
  }
}

function checkFunctions(declarations: readonly FunctionDeclaration[]): void {
  const names = new Set<string>();
  for (const [n, { name, description }] of declarations.entries()) {
    const field = `functionDeclarations.${n}`;
    if (!FUNCTION_NAME.test(name)) throw wrong(`${field}.name`, "1 to 64 letters, digits and _");
    if (names.has(name)) throw wrong(`${field}.name`, "a name that no other function has");
    if (!description) throw wrong(`${field}.description`, "a text");
    names.add(name);
  }
}

function wrong(field: string, expected: string): InvalidMessageError {
  return new InvalidMessageError(`Cannot open a session: ${field}: expected ${expected}`, {
    field,
  });
}
