/** Serves one route under a number and tells of one call, for the runtime to export. */
import { Hono } from "hono";
import { routePath } from "hono/route";
import type { CallRecord } from "../../lib/records/call_record.ts";
import { createLog } from "../../lib/log.ts";
import { nameRequest } from "../../lib/telemetry/call_spans.ts";
import { Telemetry } from "../../lib/telemetry/telemetry.ts";
import { sendRaw } from "./raw_http.ts";
import { systemClock } from "../../lib/clock.ts";
import { listenOnDeno } from "../../routes/listeners/deno_listener.ts";

const answeredEpochMs = systemClock.epochMs() - 60_000;
const begun: CallRecord = {
  callSid: "CA1",
  from: "+15550001111",
  to: "+15550002222",
  direction: "inbound",
  agent: "default",
  answeredEpochMs,
  transcript: [{ party: "caller", startMs: 900, text: "what the caller said" }],
  turns: [],
  tokens: { prompt: 0, response: 0, total: 0 },
  repairs: {},
  faults: {},
};
const turn = {
  speechEndedMs: 1_000,
  decidedMs: 1_500,
  activityEndSentMs: 1_500,
  firstModelAudioMs: 1_750,
  firstMediaSentMs: 1_760,
  firstHeardMs: 2_000,
};

const log = createLog({ level: "error", clock: systemClock, write: () => {} });
const telemetry = new Telemetry(log);
telemetry.kept(begun);
telemetry.kept({ ...begun, turns: [turn], durationMs: 4_000, ending: "caller-hung-up" });

const app = new Hono();
app.use(async (c, next) => {
  await next();
  nameRequest(c.req.method, routePath(c, -1));
});
app.get("/api/calls/:id", (c) => c.text("ok"));
const listener = await listenOnDeno(
  { hostname: "127.0.0.1", port: 0, clock: systemClock, log },
  (request) => app.fetch(request),
);
// A client of the runtime would have a span with the URL of its own.
const target = "/api/calls/CA1";
await sendRaw(listener.port, { target, method: "GET", headers: { Host: "phone.example.com" } });
await listener.close();
