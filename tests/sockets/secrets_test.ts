/** Secrets that are planted in the environment come out nowhere: a whole server, its calls, pages, errors and log [I5]. */

import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { hangUp } from "../../emulators/caller_script.ts";
import { type GeminiLiveEmulator, startGeminiLive } from "../../emulators/gemini_live.ts";
import { PhoneLine } from "../../emulators/phone_line.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";
import { systemClock } from "../../lib/clock.ts";
import { readSettings } from "../../lib/env.ts";
import { createLog } from "../../lib/log.ts";
import { serve } from "../../main.ts";
import type { RunningServer } from "../../routes/server.ts";
import { socketOf } from "../../tasks/socket_url.ts";
import { GatewayClient } from "../gateway/gateway_client.ts";
import { tokenIn } from "../routes/served_call.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { ACCOUNT_SID } from "../support/sign.ts";
import { PUBLIC_URL, until } from "../support/socket_call.ts";

const SECRETS = {
  GEMINI_API_KEY: "AIza-planted-gemini-key",
  TWILIO_AUTH_TOKEN: "planted-twilio-auth-token",
  TWILIO_API_KEY_SECRET: "planted-twilio-key-secret",
  CONSOLE_TOKEN: "planted-console-token",
  SECRET_CRM: "planted-crm-password",
};
const AUTHORIZED = { authorization: `Bearer ${SECRETS.CONSOLE_TOKEN}` };
const JSON_TYPE = { "content-type": "application/json" };

const AGENT = {
  name: "default",
  instructions: "{{caller}} is on the line.",
  greeting: "Hello.",
  records: { recording: true },
  outbound: { allow: ["+1415"], from: "+15559990000" },
  tools: [{
    name: "find_guest",
    description: "Finds a guest",
    parameters: { type: "object", properties: {} },
    http: {
      method: "GET",
      url: "https://crm.example.com/guests",
      headers: { authorization: "Bearer {{secret:CRM}}" },
    },
  }],
};

/** What the model says: it greets, then asks for a tool that fails, and speaks of it. */
const [GREETING, SORRY] = spoken("greeting", "of-course");
const CALLED = [{ name: "find_guest", args: {} }];

/** A server that has every secret, and all that it ever says, by place. */
class Leaky implements AsyncDisposable {
  readonly said: Record<"log" | "console" | "error" | "gateway", string[]> = {
    log: [],
    console: [],
    error: [],
    gateway: [],
  };
  /** What Twilio's API was sent. */
  readonly asked: string[] = [];
  readonly model: GeminiLiveEmulator;
  readonly server: RunningServer;
  readonly line: PhoneLine;
  readonly #folder: string;
  readonly #twilio: Deno.HttpServer;

  private constructor(parts: Pick<Leaky, "model" | "server" | "said" | "asked">, owned: {
    folder: string;
    twilio: Deno.HttpServer;
  }) {
    this.said = parts.said;
    this.asked = parts.asked;
    this.model = parts.model;
    this.server = parts.server;
    this.#folder = owned.folder;
    this.#twilio = owned.twilio;
    this.line = new PhoneLine({
      clock: systemClock,
      accountSid: ACCOUNT_SID,
      authToken: SECRETS.TWILIO_AUTH_TOKEN,
      address: (url) =>
        url.replace(PUBLIC_URL, this.url).replace(socketOf(PUBLIC_URL), socketOf(this.url)),
    });
  }

  static async start(): Promise<Leaky> {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/default.jsonc`, JSON.stringify(AGENT));
    const reason = `API key ${SECRETS.GEMINI_API_KEY} not valid`;
    const model = await startGeminiLive({
      clock: systemClock,
      script: {
        answers: ({ type }) => type === "written" ? GREETING : SORRY && { ...SORRY, calls: CALLED },
        faults: [{ type: "close", code: 1007, reason, when: { at: "setup" }, connection: 1 }],
      },
    });
    const asked: string[] = [];
    const twilio = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
      asked.push(atob(request.headers.get("authorization")?.slice(6) ?? ""));
      return Response.json({ code: 20003, message: "Authenticate" }, { status: 401 });
    });
    const said = { log: [], console: [], error: [], gateway: [] } as Leaky["said"];
    const settings = readSettings({
      ...SECRETS,
      PORT: "0",
      HOST: "127.0.0.1",
      PUBLIC_URL,
      TWILIO_ACCOUNT_SID: ACCOUNT_SID,
      TWILIO_API_KEY_SID: `SK${"1".repeat(32)}`,
      TWILIO_API_URL: `http://127.0.0.1:${twilio.addr.port}`,
      GOOGLE_GEMINI_BASE_URL: model.url,
      AGENTS: folder,
      KV_PATH: ":memory:",
      MAX_LOOP_LAG_MS: "60000",
      LOG_LEVEL: "debug",
    }, "dev");
    const write = (line: string) => void said.log.push(line);
    const server = await serve(settings, createLog({ level: "debug", clock: systemClock, write }));
    return new Leaky({ model, server, said, asked }, { folder, twilio });
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  /** Asks for something and keeps the answer, its head too. @returns Its status */
  async ask(place: "console" | "error", path: string, init: RequestInit = {}): Promise<number> {
    const response = await fetch(this.url + path, { redirect: "manual", ...init });
    this.said[place].push(JSON.stringify([...response.headers]), await response.text());
    return response.status;
  }

  /** Keeps the events of a running call, or the list of calls, until they end or `until` says so. */
  async follow(path: string, signal: AbortSignal): Promise<void> {
    const response = await fetch(this.url + path, { headers: AUTHORIZED, signal });
    try {
      for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        this.said.console.push(text);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** A call from this number. */
  async call(from: string, meanwhile = (_callSid: string) => Promise.resolve()) {
    const call = this.line.dial({
      voiceUrl: `${PUBLIC_URL}/twilio/voice`,
      statusCallback: `${PUBLIC_URL}/twilio/status`,
      from,
      to: "+15559990000",
      script: [hearsOut, says("table"), hearsOut, hangUp()],
    });
    await meanwhile(call.callSid);
    return await call.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.line.close();
    await this.server.close();
    await this.model.close();
    await this.#twilio.shutdown();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Pages, API and metrics, as somebody with the token sees them. */
async function lookAround(side: Leaky, callSid: string): Promise<void> {
  const api = ["/api/calls", `/api/calls/${callSid}`, "/api/agents", "/api/openapi.json"];
  const pages = ["/", "/calls", `/calls/${callSid}`, "/agents", "/try"];
  for (const path of [...pages, ...api, "/metrics", "/healthz", "/readyz"]) {
    assertEquals(await side.ask("console", path, { headers: AUTHORIZED }), 200, path);
  }
  const form = new URLSearchParams({ token: SECRETS.CONSOLE_TOKEN, next: "/calls" });
  const headers = { origin: PUBLIC_URL };
  assertEquals(await side.ask("console", "/sign-in", { method: "POST", body: form, headers }), 303);
}

/** Everything that can be done wrong, with secrets where they do not belong. */
async function doWrong(side: Leaky): Promise<void> {
  const post = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
    side.ask("error", path, { method: "POST", body, headers: { ...AUTHORIZED, ...headers } });
  const order = { to: "+14155550123" };
  const statuses = [
    await side.ask("error", "/"),
    await side.ask("error", "/api/calls"),
    await side.ask("error", "/api/calls", { headers: { authorization: "Bearer wrong" } }),
    await side.ask("error", "/nowhere"),
    await side.ask("error", "/twilio/media"),
    await side.ask("error", "/api/gemini/ws"),
    await side.ask("error", "/api/calls?limit=none", { headers: AUTHORIZED }),
    await side.ask("error", "/api/calls/CA9/events", { headers: AUTHORIZED }),
    await side.ask("error", "/api/calls/CA9/recording", { headers: AUTHORIZED }),
    await post("/twilio/voice", new URLSearchParams({ CallSid: "CA1" })),
    await post("/api/calls", "no json"),
    await post("/api/calls", JSON.stringify(order)),
    await post("/api/calls/CA9/whisper", "{}", JSON_TYPE),
    await post("/api/calls/CA9/hangup", "{}", JSON_TYPE),
    await post("/api/callers/forget", "{}", JSON_TYPE),
    await post("/sign-in", new URLSearchParams({ token: "wrong" }), { origin: PUBLIC_URL }),
  ];
  for (const status of statuses) assertGreater(status, 399);
  assertEquals(statuses.includes(502), true, "Twilio has refused a call");
}

/** What a client of the gateway is told, whatever it says. */
async function useGateway(side: Leaky): Promise<void> {
  await using client = await GatewayClient.open(side.url, { headers: AUTHORIZED });
  for (const text of ["no json", "{}", '{"type":"audio","data":"!"}', '{"type":"none"}']) {
    client.socket.send(text);
  }
  await until(() => client.told.filter(({ type }) => type === "error").length >= 4, "four errors");
  side.said.gateway.push(...client.told.map((message) => JSON.stringify(message)));
}

/** As it is, in base64, and as a URL has it. */
function disguises(secret: string): string[] {
  return [secret, btoa(secret).replace(/=+$/, ""), encodeURIComponent(secret)];
}

function twimlOf(reports: readonly PhoneCallReport[]): string[] {
  return reports.flatMap(({ twiml }) => twiml);
}

Deno.test("[I5] planted secrets are in no log, TwiML, console frame, error body or model message", async () => {
  await using side = await Leaky.start();
  const over = new AbortController();
  const followed: Promise<void>[] = [side.follow("/api/calls/live/events", over.signal)];
  const first = await side.call("+15550000001", async (callSid) => {
    await until(() => side.said.console.some((text) => text.includes(callSid)), "it is listed");
    followed.push(side.follow(`/api/calls/${callSid}/events`, over.signal));
    const whisper = { method: "POST", body: JSON.stringify({ text: "Be kind." }) };
    const headers = { ...AUTHORIZED, ...JSON_TYPE };
    const path = `/api/calls/${callSid}/whisper`;
    assertEquals(await side.ask("console", path, { ...whisper, headers }), 202);
  });
  const second = await side.call("+15550000002");
  await lookAround(side, first.callSid);
  await doWrong(side);
  await useGateway(side);
  over.abort();
  await Promise.all(followed);

  const documents = twimlOf([first, second]);
  const tokens = documents.filter((text) => text.includes("<Stream")).map(tokenIn);
  assertGreater(tokens.length, 0);
  const places: Record<string, readonly string[]> = {
    ...side.said,
    TwiML: documents.map((text) => text.replace(/(<Parameter name="token" value=")[^"]+/g, "$1")),
    model: side.model.sessions.map(({ setup, texts, toolResponses }) =>
      JSON.stringify([{ ...setup, sessionResumption: undefined }, texts, toolResponses])
    ),
  };
  // The secrets were used, and what is looked through is what was said.
  assert(side.asked.some((text) => text.includes(SECRETS.TWILIO_API_KEY_SECRET)));
  assertStringIncludes(places.model?.join() ?? "", "Be kind.");
  assertEquals(side.model.sessions.flatMap(({ violations }) => violations), []);
  assertStringIncludes(places.model?.join() ?? "", "error");
  assert(side.said.log.some((line) => line.includes("model-failed")), "the second call had none");
  for (const [place, texts] of Object.entries(places)) {
    assertGreater(texts.join("").length, 100, `hardly anything was said in ${place}`);
    for (const secret of [...Object.values(SECRETS), ...tokens].flatMap(disguises)) {
      const text = texts.find((one) => one.includes(secret));
      assertEquals(text, undefined, `${secret} in ${place}`);
    }
    assertEquals(texts.find((text) => /\bhandle-\d+\b/.test(text)), undefined, place);
  }
});
