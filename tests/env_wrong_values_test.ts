import { assert, assertEquals, assertFalse, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { readSettings, SettingsError } from "../lib/env.ts";

const PUBLIC = {
  PUBLIC_URL: "https://phone.example.com",
  TWILIO_ACCOUNT_SID: `AC${"0a".repeat(16)}`,
  TWILIO_AUTH_TOKEN: "twilio-token",
  GEMINI_API_KEY: "gemini-key",
};

/** What is wrong with an environment. */
function linesOf(env: Record<string, string>): readonly string[] {
  return assertThrows(() => readSettings(env, "start"), SettingsError).lines;
}

const WRONG: [name: string, values: string[], expected: RegExp][] = [
  ["PORT", ["-1", "65536", "80a", "1e3", "0x50", "8000.5", "99999999999"], /from 0 to 65535$/],
  ["HOST", ["127.0.0.1:80", "http://x", "a b", "x/y"], /an IP address or a host name, no port$/],
  [
    "PUBLIC_URL",
    [
      ["phone.example.com", "ftp://x.com", "wss://x.com", "https://", "https://user@x.com"],
      ["https://x.com/path", "https://x.com?a", "https://x.com/#b", "https://user:pw@x.com"],
    ].flat(),
    /not an origin; expected the http or https origin .* such as https:\/\/phone\.example\.com$/,
  ],
  ["TWILIO_ACCOUNT_SID", ["AC12", `SK${"0".repeat(32)}`, `AC${"g".repeat(32)}`], /AC and 32 hex/],
  ["TWILIO_AUTH_TOKEN", ["a b", "a\nb", '"quoted"', "tök"], /the secret alone/],
  ["TWILIO_API_KEY_SID", [`AC${"0".repeat(32)}`], /SK and 32 hex digits$/],
  ["TWILIO_API_KEY_SECRET", ["a b"], /the secret alone/],
  ["TWILIO_API_URL", ["api.twilio.com", "https://api.twilio.com/2010-04-01"], /origin such as/],
  ["GEMINI_API_KEY", ["AIza key"], /the secret alone/],
  ["GOOGLE_API_KEY", ["'AIza'"], /the secret alone/],
  ["GOOGLE_GENAI_USE_VERTEXAI", ["1", "yes"], /true or false$/],
  ["GOOGLE_GEMINI_BASE_URL", ["localhost:4011", "http://user:pw@x"], /http or https address/],
  ["GEMINI_MODEL", ["gemini 3", "gemini?"], /a model id such as/],
  [
    "KV_PATH",
    ["postgres://db.example.com", "file:///data/kv", "https://user:pw@kv.example.com", "http://"],
    /a file, :memory:, or the http or https address of a denokv server, no spaces, no credentials$/,
  ],
  [
    "RECORDINGS_PATH",
    ["s3://sounds", "my sounds", "C:\\sounds"],
    /a folder such as data\/recordings/,
  ],
  ["RECORD", ["FULL", "true", "1"], /off or full$/],
  ["CONSOLE_TOKEN", ["two words"], /the secret alone/],
  ["MAX_CALLS", ["0", "10001", "many"], /from 1 to 10000$/],
  ["MAX_CALLS_PER_CALLER", ["0"], /from 1 to 10000$/],
  ["MAX_CALL_SECONDS", ["0", "86401"], /from 1 to 86400$/],
  ["FALLBACK_NUMBER", ["5551234567", "+0155512345", "+1 555 123 4567", "+1"], /in E\.164/],
  ["DRAIN_SECONDS", ["-1", "1.5"], /from 0 to 86400$/],
  ["LOG_LEVEL", ["INFO", "trace"], /debug, info, warn or error$/],
];

Deno.test("readSettings() refuses what is kept in files on Deno Deploy, which keeps none", () => {
  const files = { RECORDINGS_PATH: "data/recordings", RECORD: "full" };
  assertEquals(linesOf({ ...PUBLIC, DENO_DEPLOY: "1", ...files }), [
    "RECORDINGS_PATH: is given; expected none on Deno Deploy, which keeps no files",
    "RECORD: is full; expected off on Deno Deploy, which keeps no files",
  ]);
});

for (const [name, values, expected] of WRONG) {
  Deno.test(`readSettings() says what it expects of ${name} when its value is wrong`, () => {
    for (const value of values) {
      const env = {
        ...PUBLIC,
        TWILIO_API_KEY_SID: `SK${"1".repeat(32)}`,
        TWILIO_API_KEY_SECRET: "s",
      };
      const lines = linesOf({ ...env, [name]: value });
      assertEquals(lines.length, 1, `${name}=${value}: ${lines}`);
      assert(lines[0]?.startsWith(`${name}: is `), lines[0]);
      assertMatch(lines[0] ?? "", expected);
    }
  });
}

Deno.test("readSettings() tells everything that is wrong at once, a line each", () => {
  const env = { PORT: "x", LOG_LEVEL: "x", TWILIO_API_KEY_SECRET: "x", PUBLIC_URL: "x" };
  const names = linesOf(env).map((line) => line.split(":")[0] ?? "");
  assertEquals(names.toSorted(), [
    "GEMINI_API_KEY",
    "LOG_LEVEL",
    "PORT",
    "PUBLIC_URL",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_API_KEY_SID",
    "TWILIO_AUTH_TOKEN",
  ]);
});

Deno.test("readSettings() never shows a value when it is wrong", () => {
  const names = [...new Set(WRONG.map(([name]) => name))];
  const value = fc.stringMatching(/^[a-z]{12} [a-z]{12}$/);
  fc.assert(
    fc.property(fc.constantFrom(...names), value, (name, secret) => {
      const error = assertThrows(
        () => readSettings({ ...PUBLIC, [name]: secret }, "start"),
        SettingsError,
      );
      assertFalse(`${error.message}${error.stack}`.includes(secret));
      assertEquals(error.cause, undefined);
    }),
    { numRuns: 1_000 },
  );
});
