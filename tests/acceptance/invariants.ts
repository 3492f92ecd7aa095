/**
 * What must be true of every run, whatever its row is about: I1, I3, I4 and I5. The canaries look after I2, and each row
 * after the silence that it owes [I6].
 *
 * @module
 */

import type { PhoneCallReport } from "../../emulators/phone_report.ts";
import { sleep, systemClock } from "../../lib/clock.ts";
import { tokenIn } from "../routes/served_app.ts";
import { GOOD_ENVIRONMENT, ServerProcess } from "../support/server_process.ts";
import { API_KEY, AUTH_TOKEN } from "../support/socket_call.ts";
import { descriptorsOf, settledDescriptorsOf } from "./process_facts.ts";
import type { Rig } from "./rig.ts";

/** So long after the last hang-up nothing may be left of a call. */
const SETTLED_AFTER_MS = 5_000;
/** Within this the record says how a call ended. */
const RECORDED_WITHIN_MS = 2_000;
/** What the log says when a guard had to catch something. */
const CAUGHT = [
  "uncaught-error",
  "unhandled-rejection",
  "media-handler-failed",
  "media-stream-handler-failed",
  "request-failed",
  "call-failed",
  "call-not-served",
  "close-failed",
];

/** Checks a rig whose calls are over. */
export async function checkInvariants(
  rig: Rig,
  reports: readonly PhoneCallReport[],
): Promise<void> {
  const { invariants: figures, model } = rig;
  const nowMs = systemClock.nowMs();
  const lastMs = reports.length > 0 ? Math.max(...reports.map((one) => one.endedAtMs)) : nowMs;
  await sleep(systemClock, lastMs + SETTLED_AFTER_MS - nowMs);
  const open = model.sessions.filter(({ closedAtMs }) => closedAtMs === undefined);
  figures.is("I3 sessions", open.length, 0);
  for (const [n, server] of rig.servers.entries()) {
    if (server.isOver) continue;
    const more = descriptorsOf(server.pid) - (rig.descriptors[n] ?? 0);
    figures.atMost("I3 more descriptors", more, 0);
    figures.is("I1 alive", (await rig.get("/healthz", server)).status, 200);
    const idle = await idleTimers(rig.setup.environment);
    figures.is("I3 timers", await timersLeft(server), idle ?? 0);
  }
  const recordedMs = Math.max(0, ...rig.records.afterMs);
  figures.atMost("I4 record after", recordedMs, RECORDED_WITHIN_MS, "ms");
  const caught = rig.servers.flatMap((server) => CAUGHT.flatMap((event) => server.events(event)));
  figures.is("I1 caught by guards", caught.map(({ event }) => event).join(), "");
  figures.is("I5 secrets in", leaks(rig, reports).join(), "");
}

/** Has a server without calls stop; gives how many timers it had left. */
async function timersLeft(server: ServerProcess): Promise<number | undefined> {
  server.signal("SIGTERM");
  await server.ended();
  const [drained] = server.events("drained");
  return typeof drained?.timers === "number" ? drained.timers : undefined;
}

const knownTimers = new Map<string, Promise<number | undefined>>();

/** Timers of a server that never had a call; one without a store goes on looking for it. */
function idleTimers(environment: Readonly<Record<string, string>> = {}) {
  const key = JSON.stringify(environment);
  let timers = knownTimers.get(key);
  if (!timers) knownTimers.set(key, timers = measureIdleTimers(environment));
  return timers;
}

async function measureIdleTimers(
  environment: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const usual = { ...GOOD_ENVIRONMENT, KV_PATH: ":memory:" };
  await using server = await ServerProcess.start({ ...usual, ...environment });
  await settledDescriptorsOf(server.pid);
  return await timersLeft(server);
}

/** Where a secret stands that should stand nowhere. The stream's token has one place: its parameter. */
function leaks(rig: Rig, reports: readonly PhoneCallReport[]): string[] {
  const documents = reports.flatMap(({ twiml }) => twiml);
  const tokens = documents.filter((text) => text.includes("<Stream")).map(tokenIn);
  const secrets = [API_KEY, AUTH_TOKEN, ...tokens];
  const places: Record<string, readonly string[]> = {
    log: rig.servers.map(({ output }) => output),
    TwiML: documents.map((text) => text.replace(/(<Parameter name="token" value=")[^"]+/g, "$1")),
    answer: rig.answers,
    model: rig.model.sessions.map(({ setup, texts, toolResponses }) =>
      JSON.stringify([{ ...setup, sessionResumption: undefined }, texts, toolResponses])
    ),
  };
  return Object.entries(places).filter(([, texts]) =>
    texts.some((text) =>
      secrets.some((secret) => text.includes(secret)) || /\bhandle-\d+\b/.test(text)
    )
  ).map(([place]) => place);
}
