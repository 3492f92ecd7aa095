import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { type Mode, readSettings, SettingsError } from "../lib/env.ts";

const ACCOUNT_SID = `AC${"0a".repeat(16)}`;
const PUBLIC = {
  PUBLIC_URL: "https://phone.example.com",
  TWILIO_ACCOUNT_SID: ACCOUNT_SID,
  TWILIO_AUTH_TOKEN: "twilio-token",
  GEMINI_API_KEY: "gemini-key",
};

/** What is wrong with an environment. */
function linesOf(env: Record<string, string>, mode: Mode): readonly string[] {
  return assertThrows(() => readSettings(env, mode), SettingsError).lines;
}

Deno.test("readSettings() gives every default when dev has an empty environment", () => {
  assertEquals(readSettings({}, "dev"), {
    port: 8_000,
    host: "127.0.0.1",
    publicOrigin: "http://localhost:8000",
    twilio: {
      accountSid: undefined,
      authToken: undefined,
      apiKey: undefined,
      apiOrigin: "https://api.twilio.com",
    },
    modelAccess: undefined,
    modelBaseUrl: undefined,
    modelApiVersion: undefined,
    modelId: undefined,
    agentsPath: "agents/",
    kvPath: "data/offhook.sqlite3",
    recordingsPath: undefined,
    recordsFlights: false,
    consoleToken: undefined,
    maxCalls: 50,
    maxCallsPerCaller: 3,
    maxLoopLagMs: 100,
    maxCallSeconds: 1_800,
    maxDailyUsd: undefined,
    secrets: new Map(),
    fallbackNumber: undefined,
    fullHouse: "say",
    drainSeconds: 300,
    isOnDeploy: false,
    isDev: true,
    logLevel: "info",
    warnings: [],
  });
});

Deno.test("readSettings() takes every variable when all are given", () => {
  const settings = readSettings({
    ...PUBLIC,
    PORT: "9000",
    HOST: "::1",
    TWILIO_API_KEY_SID: `SK${"1b".repeat(16)}`,
    TWILIO_API_KEY_SECRET: "key-secret",
    TWILIO_API_URL: "http://127.0.0.1:4010/",
    GOOGLE_GEMINI_BASE_URL: "http://127.0.0.1:4011",
    GOOGLE_GENAI_API_VERSION: "v1alpha",
    GEMINI_MODEL: "gemini-3.1-flash-live-preview",
    AGENTS: "agents/night.jsonc",
    KV_PATH: ":memory:",
    RECORDINGS_PATH: "data/recordings/",
    RECORD: "full",
    CONSOLE_TOKEN: "console-token",
    MAX_CALLS: "7",
    MAX_CALLS_PER_CALLER: "2",
    MAX_LOOP_LAG_MS: "250",
    MAX_CALL_SECONDS: "600",
    MAX_DAILY_USD: "2.50",
    SECRET_CRM: "open sesame",
    FALLBACK_NUMBER: "+15551234567",
    FULL_HOUSE: "reject",
    DRAIN_SECONDS: "0",
    LOG_LEVEL: "debug",
  }, "start");
  assertEquals(settings, {
    port: 9_000,
    host: "::1",
    publicOrigin: "https://phone.example.com",
    twilio: {
      accountSid: ACCOUNT_SID,
      authToken: "twilio-token",
      apiKey: { sid: `SK${"1b".repeat(16)}`, secret: "key-secret" },
      apiOrigin: "http://127.0.0.1:4010",
    },
    modelAccess: { type: "gemini-api", apiKey: "gemini-key" },
    modelBaseUrl: "http://127.0.0.1:4011",
    modelApiVersion: "v1alpha",
    modelId: "gemini-3.1-flash-live-preview",
    agentsPath: "agents/night.jsonc",
    kvPath: ":memory:",
    recordingsPath: "data/recordings/",
    recordsFlights: true,
    consoleToken: "console-token",
    maxCalls: 7,
    maxCallsPerCaller: 2,
    maxLoopLagMs: 250,
    maxCallSeconds: 600,
    maxDailyUsd: 2.5,
    secrets: new Map([["CRM", "open sesame"]]),
    fallbackNumber: "+15551234567",
    fullHouse: "reject",
    drainSeconds: 0,
    isOnDeploy: false,
    isDev: false,
    logLevel: "debug",
    warnings: [
      "RECORD: is full; all that callers say and tools answer is written to data/flights",
    ],
  });
});

Deno.test("readSettings() takes an empty variable for absent", () => {
  const names = [
    ["PORT", "HOST", "PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY_SID"],
    ["TWILIO_API_KEY_SECRET", "TWILIO_API_URL", "GEMINI_API_KEY", "GOOGLE_API_KEY", "AGENTS"],
    ["GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION", "LOG_LEVEL"],
    ["GOOGLE_GEMINI_BASE_URL", "GEMINI_MODEL", "KV_PATH", "CONSOLE_TOKEN", "MAX_CALLS"],
    ["MAX_CALLS_PER_CALLER", "MAX_CALL_SECONDS", "FALLBACK_NUMBER", "DRAIN_SECONDS", "DENO_DEPLOY"],
    ["FULL_HOUSE", "MAX_LOOP_LAG_MS", "GOOGLE_GENAI_API_VERSION", "RECORDINGS_PATH", "RECORD"],
  ].flat();
  for (const blank of ["", "  "]) {
    const env = Object.fromEntries(names.map((name) => [name, blank]));
    assertEquals(readSettings(env, "dev"), readSettings({}, "dev"));
    assertEquals(linesOf(env, "start"), linesOf({}, "start"));
  }
});

Deno.test("readSettings() names everything that start needs when the environment is empty [S03]", () => {
  assertEquals(linesOf({}, "start"), [
    "PUBLIC_URL: is missing; expected the http or https origin that Twilio reaches, such as https://phone.example.com",
    "TWILIO_AUTH_TOKEN: is missing; expected the account's token, because HOST is not loopback",
    "GEMINI_API_KEY: is missing; expected a Gemini API key, or Vertex AI by GOOGLE_GENAI_USE_VERTEXAI",
  ]);
});

Deno.test("readSettings() asks for the auth token unless HOST is loopback [S03]", () => {
  const { TWILIO_AUTH_TOKEN: _token, ...without } = PUBLIC;
  for (const mode of ["dev", "start"] as const) {
    for (const HOST of ["0.0.0.0", "::", "192.168.1.4", "127.example.com", "128.0.0.1", "phone"]) {
      const [line = ""] = linesOf({ ...without, HOST }, mode);
      assertMatch(line, /^TWILIO_AUTH_TOKEN: is missing/, `${mode} on ${HOST}`);
      assertEquals(readSettings({ ...PUBLIC, HOST }, mode).twilio.authToken, "twilio-token");
    }
    for (const HOST of ["127.0.0.1", "127.9.9.9", "::1", "localhost"]) {
      assertEquals(readSettings({ ...without, HOST }, mode).twilio.authToken, undefined);
    }
  }
});

Deno.test("readSettings() makes an origin of PUBLIC_URL", () => {
  const table = [
    ["https://phone.example.com/", "https://phone.example.com"],
    ["https://Phone.Example.com:443", "https://phone.example.com"],
    ["http://localhost:8000", "http://localhost:8000"],
    ["https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"],
  ];
  for (const [PUBLIC_URL = "", expected] of table) {
    assertEquals(readSettings({ ...PUBLIC, PUBLIC_URL }, "start").publicOrigin, expected);
  }
});

Deno.test("readSettings() takes the public origin from the host's own variables when PUBLIC_URL is absent", () => {
  const { PUBLIC_URL, ...rest } = PUBLIC;
  const table: [Record<string, string>, string][] = [
    [{ RENDER_EXTERNAL_URL: "https://a.onrender.com" }, "https://a.onrender.com"],
    [{ RAILWAY_PUBLIC_DOMAIN: "a.up.railway.app" }, "https://a.up.railway.app"],
    [{ FLY_APP_NAME: "a" }, "https://a.fly.dev"],
    [{ FLY_APP_NAME: "a", PUBLIC_URL }, PUBLIC_URL],
  ];
  for (const [env, expected] of table) {
    assertEquals(readSettings({ ...rest, ...env }, "start").publicOrigin, expected);
  }
});

Deno.test("readSettings() builds dev's own origin from PORT and asks for PUBLIC_URL when PORT is 0", () => {
  assertEquals(readSettings({ PORT: "8123" }, "dev").publicOrigin, "http://localhost:8123");
  assertMatch(linesOf({ PORT: "0" }, "dev")[0] ?? "", /^PUBLIC_URL: is missing/);
});

Deno.test("readSettings() uses Vertex AI when the SDK's variables say so", () => {
  const { GEMINI_API_KEY: _key, ...rest } = PUBLIC;
  const env = { ...rest, GOOGLE_GENAI_USE_VERTEXAI: "True", GOOGLE_CLOUD_PROJECT: "my-project" };
  const modelAccess = { type: "vertex-ai", project: "my-project" } as const;
  assertEquals(readSettings(env, "start").modelAccess, { ...modelAccess, location: "global" });
  assertEquals(
    readSettings({ ...env, GOOGLE_CLOUD_LOCATION: "europe-west4" }, "start").modelAccess,
    { ...modelAccess, location: "europe-west4" },
  );
  const { GOOGLE_CLOUD_PROJECT: _project, ...without } = env;
  assertMatch(linesOf(without, "start")[0] ?? "", /^GOOGLE_CLOUD_PROJECT: is missing/);
});

Deno.test("readSettings() takes GEMINI_API_KEY first when there are two keys", () => {
  const { GEMINI_API_KEY, ...rest } = PUBLIC;
  const google = { ...rest, GOOGLE_API_KEY: "google-key" };
  assertEquals(readSettings(google, "start").modelAccess, {
    type: "gemini-api",
    apiKey: "google-key",
  });
  const both = readSettings({ ...google, GEMINI_API_KEY }, "start");
  assertEquals(both.modelAccess, { type: "gemini-api", apiKey: GEMINI_API_KEY });
  assertEquals(both.warnings, [
    "CONSOLE_TOKEN: is missing; a proxy that forwards plainly would open /api to all",
    "GOOGLE_API_KEY: is not used, because GEMINI_API_KEY is given too",
  ]);
});

Deno.test("readSettings() warns when Twilio could not open a stream or the REST API not be used", () => {
  const { TWILIO_ACCOUNT_SID: _sid, ...rest } = PUBLIC;
  const settings = readSettings({ ...rest, PUBLIC_URL: "http://phone.example.com" }, "start");
  assertEquals(settings.warnings, [
    "PUBLIC_URL: is http; Twilio opens media streams to https origins only",
    "TWILIO_ACCOUNT_SID: is missing; without it the REST API cannot be used",
    "CONSOLE_TOKEN: is missing; a proxy that forwards plainly would open /api to all",
  ]);
  assertEquals(readSettings({ ...PUBLIC, CONSOLE_TOKEN: "secret" }, "start").warnings, []);
  const local = { ...PUBLIC, PUBLIC_URL: "http://[::1]:8000" };
  assertEquals(readSettings(local, "start").warnings, []);
});
