/**
 * What the variables of the environment mean. This is their one home: the rest of the code sees {@linkcode Settings}.
 *
 * An empty variable counts as absent. What is wrong is told in one line per variable, all of them at once, and a line
 * never holds a value, because a secret may stand in the wrong place.
 *
 * @module
 */

import { z } from "zod";
import type { Mode, ModelAccess, Settings } from "./settings.ts";

export type { Mode, ModelAccess, Settings };

/** The environment cannot be used as it is. */
export class SettingsError extends Error {
  /** Tells it from other errors. */
  override name = "SettingsError";
  /** One line per variable: its name, what is wrong, what is expected. */
  readonly lines: readonly string[];

  /**
   * An error of all that is wrong.
   *
   * @param lines One line per variable
   */
  constructor(lines: readonly string[]) {
    super(`Cannot read settings: ${lines.join("; ")}`);
    this.lines = lines;
  }
}

type Variables = Readonly<Record<string, string | undefined>>;

const variables = z.object({
  PORT: wholeNumber(0, 65_535).default(8_000),
  HOST: text(/^[\w.-]+$|^[\da-f]*:[\da-f]*:[\da-f:.]*$/i, "an IP address or a host name, no port"),
  PUBLIC_URL: origin("that Twilio reaches, such as https://phone.example.com"),
  TWILIO_ACCOUNT_SID: text(/^AC[\da-f]{32}$/i, "AC and 32 hex digits"),
  TWILIO_AUTH_TOKEN: secret(),
  TWILIO_API_KEY_SID: text(/^SK[\da-f]{32}$/i, "SK and 32 hex digits"),
  TWILIO_API_KEY_SECRET: secret(),
  TWILIO_API_URL: origin("such as https://api.twilio.com").default("https://api.twilio.com"),
  GEMINI_API_KEY: secret(),
  GOOGLE_API_KEY: secret(),
  GOOGLE_GENAI_USE_VERTEXAI: text(/^(true|false)$/i, "true or false"),
  GOOGLE_CLOUD_PROJECT: text(/^[\w.:-]+$/, "a project id"),
  GOOGLE_CLOUD_LOCATION: text(/^[\w-]+$/, "a region such as us-central1"),
  GOOGLE_GEMINI_BASE_URL: text(/^https?:\/\/[^\s@]+$/i, "an http or https address, no credentials"),
  GOOGLE_GENAI_API_VERSION: text(/^v\d+((alpha|beta)\d*)?$/, "a version such as v1beta"),
  GEMINI_MODEL: text(/^[\w./-]+$/, "a model id such as gemini-3.8-live"),
  AGENTS: z.string().default("agents/"),
  KV_PATH: text(
    /^(https?:\/\/[^\s@]+|(?!\w+:\/\/)\S+)$/i,
    "a file, :memory:, or the http or https address of a denokv server, no spaces, no credentials",
  ),
  RECORDINGS_PATH: text(
    /^(?!\w+:\/\/)[^\s:]+$/,
    "a folder such as data/recordings, no spaces",
  ),
  RECORD: z.enum(["off", "full"], invalid("off or full")).default("off"),
  CONSOLE_TOKEN: secret(),
  MAX_CALLS: wholeNumber(1, 10_000).default(50),
  MAX_CALLS_PER_CALLER: wholeNumber(1, 10_000).default(3),
  MAX_LOOP_LAG_MS: wholeNumber(20, 60_000).default(100),
  MAX_CALL_SECONDS: wholeNumber(1, 86_400).default(1_800),
  MAX_DAILY_USD: text(/^\d{1,6}(\.\d{1,2})?$/, "US dollars such as 25 or 2.50"),
  FALLBACK_NUMBER: text(/^\+[1-9]\d{6,14}$/, "a number in E.164, such as +15551234567"),
  FULL_HOUSE: z.enum(["say", "dial", "reject"], invalid("say, dial or reject")).optional(),
  DRAIN_SECONDS: wholeNumber(0, 86_400).optional(),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"], invalid("debug, info, warn or error"))
    .default("info"),
  DENO_DEPLOY: z.string().optional(),
});

/**
 * Reads the settings.
 *
 * @param env The environment, as the host has it
 * @throws {SettingsError} With everything that is wrong
 */
export function readSettings(env: Readonly<Record<string, string>>, mode: Mode): Settings {
  const given = withPublicUrl(present(env), mode);
  const parsed = variables.safeParse(given);
  const wrong = parsed.error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  const lines = [...wrong ?? [], ...missing(given, mode)];
  if (!parsed.success || lines.length > 0) throw new SettingsError(lines);
  return toSettings(parsed.data, { mode, secrets: secretsOf(given) });
}

/**
 * Whether an address or host name means this machine and no other.
 *
 * @param host An IP address, with or without brackets, or a name
 */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/^::ffff:/, "");
  return name === "localhost" || name === "::1" ||
    /^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(name);
}

/** `SECRET_CRM=...` is the secret `CRM`. */
function secretsOf(env: Variables): ReadonlyMap<string, string> {
  const named = Object.entries(env).flatMap(([name, value = ""]) => {
    const secret = /^SECRET_(\w+)$/.exec(name)?.[1];
    return secret === undefined ? [] : [[secret, value] as const];
  });
  return new Map(named);
}

function present(env: Readonly<Record<string, string>>): Variables {
  const trimmed = Object.entries(env).map(([name, value]) => [name, value.trim()] as const);
  return Object.fromEntries(trimmed.filter(([, value]) => value !== ""));
}

/** Hosts that give a server its origin say so in variables of their own. */
function withPublicUrl(env: Variables, mode: Mode): Variables {
  if (env.PUBLIC_URL !== undefined) return env;
  if (mode === "dev") {
    return env.PORT === "0" ? env : { ...env, PUBLIC_URL: `http://localhost:${env.PORT ?? 8_000}` };
  }
  const { RENDER_EXTERNAL_URL: render, RAILWAY_PUBLIC_DOMAIN: railway, FLY_APP_NAME: fly } = env;
  const PUBLIC_URL = render ?? (railway && `https://${railway}`) ??
    (fly && `https://${fly}.fly.dev`);
  return { ...env, PUBLIC_URL };
}

/** What is absent and must not be, given the rest. */
function missing(env: Variables, mode: Mode): string[] {
  const lines: string[] = [];
  function need(name: string, expected: string): void {
    if (env[name] === undefined) lines.push(`${name}: is missing; expected ${expected}`);
  }
  if (!isLoopback(env.HOST ?? defaultHost(mode))) {
    need("TWILIO_AUTH_TOKEN", "the account's token, because HOST is not loopback");
  }
  if (env.FULL_HOUSE === "dial") {
    need("FALLBACK_NUMBER", "the number to dial, because FULL_HOUSE is dial");
  }
  if (env.RECORDINGS_PATH !== undefined && env.DENO_DEPLOY !== undefined) {
    lines.push("RECORDINGS_PATH: is given; expected none on Deno Deploy, which keeps no files");
  }
  if (env.RECORD === "full" && env.DENO_DEPLOY !== undefined) {
    lines.push("RECORD: is full; expected off on Deno Deploy, which keeps no files");
  }
  if (env.TWILIO_API_KEY_SID !== undefined || env.TWILIO_API_KEY_SECRET !== undefined) {
    need("TWILIO_ACCOUNT_SID", "the account of the API key");
    need("TWILIO_API_KEY_SID", "the SID of the API key whose secret is given");
    need("TWILIO_API_KEY_SECRET", "the secret of the API key whose SID is given");
  }
  if (usesVertex(env)) {
    need("GOOGLE_CLOUD_PROJECT", "a project id, because GOOGLE_GENAI_USE_VERTEXAI is true");
  } else if (mode === "start" && env.GOOGLE_API_KEY === undefined) {
    need("GEMINI_API_KEY", "a Gemini API key, or Vertex AI by GOOGLE_GENAI_USE_VERTEXAI");
  }
  return lines;
}

function defaultHost(mode: Mode): string {
  return mode === "dev" ? "127.0.0.1" : "0.0.0.0";
}

function usesVertex(env: { GOOGLE_GENAI_USE_VERTEXAI?: string | undefined }): boolean {
  return env.GOOGLE_GENAI_USE_VERTEXAI?.toLowerCase() === "true";
}

function toSettings(
  env: z.infer<typeof variables>,
  { mode, secrets }: { mode: Mode; secrets: ReadonlyMap<string, string> },
): Settings {
  const { TWILIO_API_KEY_SID: sid, TWILIO_API_KEY_SECRET: secret } = env;
  const isOnDeploy = env.DENO_DEPLOY !== undefined;
  return {
    port: env.PORT,
    host: env.HOST ?? defaultHost(mode),
    publicOrigin: env.PUBLIC_URL,
    twilio: {
      accountSid: env.TWILIO_ACCOUNT_SID,
      authToken: env.TWILIO_AUTH_TOKEN,
      apiKey: sid && secret ? { sid, secret } : undefined,
      apiOrigin: env.TWILIO_API_URL,
    },
    modelAccess: modelAccess(env),
    modelBaseUrl: env.GOOGLE_GEMINI_BASE_URL,
    modelApiVersion: env.GOOGLE_GENAI_API_VERSION,
    modelId: env.GEMINI_MODEL,
    agentsPath: env.AGENTS,
    kvPath: isOnDeploy ? undefined : env.KV_PATH ?? "data/offhook.sqlite3",
    recordingsPath: env.RECORDINGS_PATH,
    recordsFlights: env.RECORD === "full",
    consoleToken: env.CONSOLE_TOKEN,
    maxCalls: env.MAX_CALLS,
    maxCallsPerCaller: env.MAX_CALLS_PER_CALLER,
    maxLoopLagMs: env.MAX_LOOP_LAG_MS,
    maxCallSeconds: env.MAX_CALL_SECONDS,
    maxDailyUsd: env.MAX_DAILY_USD === undefined ? undefined : Number(env.MAX_DAILY_USD),
    secrets,
    fallbackNumber: env.FALLBACK_NUMBER,
    fullHouse: env.FULL_HOUSE ?? (env.FALLBACK_NUMBER ? "dial" : "say"),
    drainSeconds: env.DRAIN_SECONDS ?? (isOnDeploy ? 3 : 300),
    isOnDeploy,
    isDev: mode === "dev",
    logLevel: env.LOG_LEVEL,
    warnings: warnings(env, mode),
  };
}

function modelAccess(env: z.infer<typeof variables>): ModelAccess | undefined {
  const { GOOGLE_CLOUD_PROJECT: project, GOOGLE_CLOUD_LOCATION: location = "global" } = env;
  if (usesVertex(env) && project) return { type: "vertex-ai", project, location };
  const apiKey = env.GEMINI_API_KEY ?? env.GOOGLE_API_KEY;
  return apiKey === undefined ? undefined : { type: "gemini-api", apiKey };
}

function warnings(env: z.infer<typeof variables>, mode: Mode): string[] {
  const lines: string[] = [];
  const { protocol, hostname } = new URL(env.PUBLIC_URL);
  if (protocol === "http:" && !isLoopback(hostname)) {
    lines.push("PUBLIC_URL: is http; Twilio opens media streams to https origins only");
  }
  if (mode === "start" && env.TWILIO_AUTH_TOKEN && !env.TWILIO_ACCOUNT_SID) {
    lines.push("TWILIO_ACCOUNT_SID: is missing; without it the REST API cannot be used");
  }
  if (mode === "start" && !env.CONSOLE_TOKEN && !isLoopback(hostname)) {
    lines.push("CONSOLE_TOKEN: is missing; a proxy that forwards plainly would open /api to all");
  }
  if (env.RECORD === "full") {
    lines.push("RECORD: is full; all that callers say and tools answer is written to data/flights");
  }
  if (env.GEMINI_API_KEY && env.GOOGLE_API_KEY && env.GEMINI_API_KEY !== env.GOOGLE_API_KEY) {
    lines.push("GOOGLE_API_KEY: is not used, because GEMINI_API_KEY is given too");
  }
  return lines;
}

function invalid(expected: string): string {
  return `is invalid; expected ${expected}`;
}

function text(pattern: RegExp, expected: string) {
  return z.string().regex(pattern, invalid(expected)).optional();
}

function secret() {
  return text(/^[!#-&(-~]+$/, "the secret alone, no spaces, quotes or line breaks");
}

function wholeNumber(low: number, high: number) {
  const expected = invalid(`a whole number from ${low} to ${high}`);
  return z.string().regex(/^\d{1,9}$/, expected).transform(Number)
    .pipe(z.number().min(low, expected).max(high, expected));
}

/** A URL without path, query and credentials; the slash at its end is dropped. */
function origin(which: string) {
  const expected = `expected the http or https origin ${which}`;
  return z.string(`is missing; ${expected}`).transform((value, context) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
    context.addIssue(`is not an origin; ${expected}`);
    return z.NEVER;
  });
}
