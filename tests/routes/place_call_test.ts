import { assert, assertEquals } from "@std/assert";
import { startTwilioRest, type TwilioRest } from "../../emulators/twilio_rest.ts";
import { PhoneLine } from "../../emulators/phone_line.ts";
import { untilEnded } from "../../emulators/caller_script.ts";
import type { AgentConfig } from "../../lib/agents/agent_config.ts";
import { systemClock } from "../../lib/clock.ts";
import { randomIds } from "../../lib/ids.ts";
import { createLog } from "../../lib/log.ts";
import { CountBook } from "../../lib/records/count_book.ts";
import { MemoryStore } from "../../lib/store/memory_store.ts";
import { RestClient } from "../../lib/twilio/rest_client.ts";
import { OutboundDesk } from "../../routes/outbound_desk.ts";
import { ACCOUNT_SID, AUTH_TOKEN } from "../support/sign.ts";
import { AGENT, type AppOptions, PUBLIC_URL, ServedApp, VOICE_FORM } from "./served_app.ts";

const TO = "+14155550123";
const OUTBOUND = {
  allow: ["+1415"],
  from: "+15559990000",
  callsPerHour: 2,
  ringSeconds: 30,
  voicemail: "hang-up",
} as const;
const AGENTS: readonly AgentConfig[] = [AGENT, { ...AGENT, name: "caller", outbound: OUTBOUND }];

/** The app with an emulated API of Twilio; nobody picks up. Instances share a store, and what was spent. */
async function start(
  { store = new MemoryStore({ clock: systemClock }), isSpent = false, ...options }: AppOptions & {
    store?: MemoryStore;
    isSpent?: boolean;
  } = {},
) {
  const line = new PhoneLine({
    clock: systemClock,
    accountSid: ACCOUNT_SID,
    authToken: AUTH_TOKEN,
  });
  const rest = startTwilioRest({
    line,
    answer: () => ({ callee: { ringMs: 60_000, then: "no-answer" }, script: [untilEnded()] }),
  });
  const agents = {
    forNumber: () => undefined,
    names: AGENTS.map(({ name }) => name),
    warnings: [],
    get: (name: string) => AGENTS.find((agent) => agent.name === name),
  };
  const logged: string[] = [];
  const outbound = new OutboundDesk({
    rest: new RestClient({
      accountSid: ACCOUNT_SID,
      credentials: { user: ACCOUNT_SID, password: AUTH_TOKEN },
      origin: rest.url,
      clock: systemClock,
    }),
    agents,
    origin: PUBLIC_URL,
    secret: AUTH_TOKEN,
    maxCallSeconds: 600,
    store: { write: () => {} },
    counts: new CountBook({ store, clock: systemClock }),
    callerRules: { isSpent: () => Promise.resolve(isSpent) },
    clock: systemClock,
    ids: randomIds,
    log: createLog({ level: "info", clock: systemClock, write: (text) => logged.push(text) }),
  });
  const app = await ServedApp.start({ ...options, deps: { agents, outbound, ...options.deps } });
  return {
    app,
    rest,
    outbound,
    logged,
    async [Symbol.asyncDispose]() {
      await line.close();
      await rest.close();
      await app[Symbol.asyncDispose]();
    },
  };
}

/** Asks to place a call. */
async function place(
  app: ServedApp,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; code?: string; callSid?: string }> {
  const response = await fetch(`${app.url}/api/calls`, {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const answer = await response.json();
  return { status: response.status, code: answer.error?.code, callSid: answer.callSid };
}

function placed(rest: TwilioRest) {
  return rest.requests.filter(({ method, status }) => method === "POST" && status === 201);
}

Deno.test("POST /api/calls places a call that carries what it is for", async () => {
  await using rig = await start();
  const { app, rest } = rig;
  const request = { agent: "caller", to: TO, variables: { name: "Ada" } };
  const { status, callSid } = await place(app, request);
  assertEquals(status, 201);
  assert(callSid?.startsWith("CA"));
  const [{ form } = { form: {} as Record<string, string> }] = placed(rest);
  assertEquals([form.To, form.From, form.Timeout], [TO, OUTBOUND.from, "30"]);
  assertEquals(form.AsyncAmdStatusCallback, `${PUBLIC_URL}/twilio/amd`);
  const url = new URL(form.Url ?? "");
  assertEquals(url.origin + url.pathname, `${PUBLIC_URL}/twilio/voice`);
  const other = `CA${"9".repeat(32)}`;
  const order = rig.outbound.answered(other, url.searchParams.get("order") ?? "");
  assertEquals([order?.agent, order?.to, order?.variables], ["caller", TO, { name: "Ada" }]);
});

Deno.test("POST /api/calls refuses who may not call, whom nobody may call, and too many calls; none is placed [A04]", async () => {
  await using rig = await start({ settings: { consoleToken: "right" } });
  const { app, rest } = rig;
  const request = { agent: "caller", to: TO };
  const bearer = { authorization: "Bearer right" };
  const cases: [number, string, unknown, Record<string, string>][] = [
    [401, "token-invalid", request, {}],
    [401, "token-invalid", request, { authorization: "Bearer wrong" }],
    [403, "number-refused", { ...request, to: "+19005550123" }, bearer],
    [403, "number-refused", { ...request, to: "+493012345678" }, bearer],
    [403, "number-refused", { ...request, to: "sip:a@b.example" }, bearer],
    [403, "outbound-off", { ...request, agent: AGENT.name }, bearer],
    [404, "agent-unknown", { ...request, agent: "nobody" }, bearer],
    [400, "body-invalid", "no JSON", bearer],
    [400, "body-invalid", { agent: "caller" }, bearer],
    [400, "body-invalid", { ...request, from: "0155" }, bearer],
    [400, "body-invalid", { ...request, url: "https://evil.example" }, bearer],
    [400, "body-invalid", { ...request, variables: { "not a name": "x" } }, bearer],
    [413, "body-refused", "x".repeat(20_000), bearer],
  ];
  for (const [status, code, body, headers] of cases) {
    const answer = await place(app, body, headers);
    assertEquals([answer.status, answer.code], [status, code]);
  }
  assertEquals(rest.requests, []);
  const statuses: number[] = [];
  for (let n = 0; n < 4; n++) statuses.push((await place(app, request, bearer)).status);
  assertEquals(statuses, [201, 201, 429, 429]);
  assertEquals(placed(rest).length, 2);
});

Deno.test("two instances place exactly as many calls as an agent may place in an hour, and none once all is spent [A04 A07]", async () => {
  const store = new MemoryStore({ clock: systemClock });
  await using first = await start({ store });
  await using second = await start({ store });
  const request = { agent: "caller", to: TO };
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => place((n % 2 === 0 ? first : second).app, request)),
  );
  assertEquals(answers.filter(({ status }) => status === 201).length, OUTBOUND.callsPerHour);
  assertEquals(
    answers.filter(({ code }) => code === "rate-limited").length,
    40 - OUTBOUND.callsPerHour,
  );
  assertEquals(placed(first.rest).length + placed(second.rest).length, OUTBOUND.callsPerHour);
  await using poor = await start({ isSpent: true });
  const { status, code } = await place(poor.app, request);
  assertEquals([status, code], [429, "spent"]);
  assertEquals(poor.rest.requests, []);
});

Deno.test("POST /api/calls answers 503 while no calls are taken, or where Twilio is not set up", async () => {
  await using draining = await start({ deps: { obstacle: () => "draining" } });
  assertEquals((await place(draining.app, { agent: "caller", to: TO })).code, "busy");
  await using bare = await start({ deps: { outbound: undefined } });
  assertEquals((await place(bare.app, { agent: "caller", to: TO })).code, "outbound-off");
  assertEquals([...draining.rest.requests, ...bare.rest.requests], []);
});

Deno.test("a call of ours is answered by the agent it was ordered for; a forged order is not", async () => {
  await using rig = await start();
  await place(rig.app, { agent: "caller", to: TO });
  const url = new URL(placed(rig.rest)[0]?.form.Url ?? "");
  const form = { ...VOICE_FORM, From: OUTBOUND.from, To: TO, Direction: "outbound-api" };
  const answer = await rig.app.post(url.pathname + url.search, form);
  assertEquals(answer.body.includes("<Stream"), true);
  const other = `CA${"8".repeat(32)}`;
  const forged = `${url.pathname}?order=x${url.searchParams.get("order")}`;
  await rig.app.post(forged, { ...form, CallSid: other });
  const admitted = rig.app.logged.map((text) => JSON.parse(text))
    .filter(({ event }) => event === "call-admitted");
  assertEquals(admitted.map(({ agent }) => agent), ["caller", AGENT.name]);
});

Deno.test("reports that are doubled, reversed or late change nothing, and there is one end [K04]", async () => {
  await using rig = await start();
  const { callSid = "" } = await place(rig.app, { agent: "caller", to: TO });
  const statuses = ["ringing", "initiated", "in-progress", "ringing", "completed", "completed"];
  for (const CallStatus of [...statuses, "busy", "in-progress", "initiated"]) {
    const form = { ...VOICE_FORM, CallSid: callSid, CallStatus };
    assertEquals((await rig.app.post("/twilio/status", form)).status, 204);
  }
  const told = rig.logged.map((text) => JSON.parse(text))
    .filter(({ event }) => event === "outbound-progressed");
  assertEquals(told.map(({ status }) => status), ["ringing", "in-progress", "completed"]);
  const machine = { CallSid: callSid, AccountSid: ACCOUNT_SID, AnsweredBy: "machine_start" };
  assertEquals((await rig.app.post("/twilio/amd", machine)).status, 204);
  assertEquals(rig.outbound.machineAnswered(callSid).aborted, false);
});

Deno.test("POST /twilio/amd is for Twilio alone, and tells the call of a machine", async () => {
  await using rig = await start();
  const { callSid = "" } = await place(rig.app, { agent: "caller", to: TO });
  const form = { CallSid: callSid, AccountSid: ACCOUNT_SID, AnsweredBy: "human" };
  const signature = { "X-Twilio-Signature": `${"A".repeat(27)}=` };
  const machine = { ...form, AnsweredBy: "machine_start" };
  assertEquals((await rig.app.post("/twilio/amd", machine, signature)).status, 403);
  assertEquals((await rig.app.post("/twilio/amd", { ...form, CallSid: "x" })).status, 400);
  assertEquals((await rig.app.post("/twilio/amd", form)).status, 204);
  assertEquals(rig.outbound.machineAnswered(callSid).aborted, false);
  await rig.app.post("/twilio/amd", machine);
  assertEquals(rig.outbound.machineAnswered(callSid).aborted, true);
});
