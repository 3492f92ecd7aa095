/**
 * D, W05 and P10: many who mean harm, or only are many.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import { FRAME_MS } from "../../../audio/rates.ts";
import { type CallerScript, hangUp, wait } from "../../../emulators/caller_script.ts";
import { sleep, systemClock } from "../../../lib/clock.ts";
import { GatewayClient } from "../../gateway/gateway_client.ts";
import { endedAfterMs, HALVES } from "../../support/half_requests.ts";
import { until } from "../../support/socket_call.ts";
import { answerHeard, heardFrames } from "../heard.ts";
import { lateFrames, latePercent } from "../line_timing.ts";
import { residentMb } from "../process_facts.ts";
import type { Rig } from "../rig.ts";
import type { Row } from "../row.ts";
import { hearsOut, numberingOf, saysCoded } from "../speech.ts";

const CALLS = 20;
const MOST_LATE_PERCENT = 0.5;
const HALF_REQUESTS = 500;
const FLOOD_MS = 5_000;
const FLOOD_PER_SECOND = 10_000;
const FLOOD_STEP_MS = 10;
/** Ten times as many as asked for, so that what they take can be told from what the process takes. */
const SILENT_READERS = 100;
const SILENT_MS = 25_000;
const WARM_MS = 20_000;
const STRANGERS = 5_000;
const STRANGE_ADDRESSES = 8;
const STRANGERS_AT_ONCE = 100;
const MOST_PENDING = 32;
const MOST_PENDING_OF_ADDRESS = 4;
const STRANGERS_GONE_MS = 5_000;
const REAL_CALLS = 100;
const REAL_CALLS_PER_SECOND = 10;
const LIST_EVENTS = "/api/calls/live/events";
const IDLE_READERS = 3_000;
const IDLE_FIRST = 1_000;
const IDLE_AT_ONCE = 50;
const IDLE_REST_MS = 150;
const TALK: CallerScript = [
  hearsOut,
  ...Array.from({ length: 40 }, () => [saysCoded("stop"), hearsOut]).flat(),
  hangUp(),
];

function portOf(rig: Rig): number {
  return Number(new URL(rig.server.url ?? "").port);
}

/** Does something while twenty calls talk, and takes how they fared. */
async function besideCalls(rig: Rig, act: () => Promise<void>): Promise<void> {
  const calls = Array.from({ length: CALLS }, () => rig.dial(TALK));
  const isGreeted = () => calls.every(({ facts }) => rig.sessionsOf(facts.from)[0]?.sent[0]);
  await until(isGreeted, "all calls are greeted", 20_000);
  const fromMs = systemClock.nowMs();
  await act();
  const toMs = systemClock.nowMs();
  for (const call of calls) call.hangUp("caller");
  const reports = await Promise.all(calls.map((call) => call.ended));
  const during = reports.map(({ messages }) =>
    lateFrames(messages.filter(({ atMs }) => atMs >= fromMs && atMs < toMs))
  );
  rig.figures.atMost("calls", latePercent(during), MOST_LATE_PERCENT, "% late");
  const missing = reports.flatMap((report) => {
    const sent = rig.sessionsOf(report.from).flatMap((session) => session.sent);
    const heard = heardFrames(report);
    return sent.slice(0, -1).map((answer) => answerHeard(heard, numberingOf(answer)).missing);
  });
  const missingMs = missing.reduce((sum, one) => sum + one, 0) * FRAME_MS;
  rig.figures.atMost("answers missing", missingMs, 0, "ms");
}

async function halfRequests(rig: Rig): Promise<void> {
  await besideCalls(rig, async () => {
    const halves = Array.from({ length: HALF_REQUESTS }, (_, n) => HALVES[n % HALVES.length] ?? "");
    const ends = await Promise.all(halves.map((half) => endedAfterMs(portOf(rig), half)));
    rig.figures.atMost("half requests cut after", Math.max(...ends), 15_000, "ms");
  });
}

/** A client of the gateway says far too much, again and again. */
async function flood(rig: Rig): Promise<void> {
  const codes: number[] = [];
  const untilMs = systemClock.nowMs() + FLOOD_MS;
  const message = JSON.stringify({ type: "config", data: 1 });
  let sent = 0;
  while (systemClock.nowMs() < untilMs) {
    const client = await GatewayClient.open(rig.server.url ?? "");
    while (client.socket.readyState === 1 && systemClock.nowMs() < untilMs + FLOOD_MS) {
      for (let n = 0; n < FLOOD_PER_SECOND * FLOOD_STEP_MS / 1_000; n++, sent++) {
        client.say(message);
      }
      await sleep(systemClock, FLOOD_STEP_MS);
    }
    codes.push(await client.closed);
  }
  rig.figures.atLeast("messages", sent, 1_000);
  rig.figures.is("closed with", [...new Set(codes)].join(), "1008");
}

function requestFor(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

/** Asks for events and never reads one. */
async function silentReader(rig: Rig, path: string): Promise<Deno.Conn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: portOf(rig) });
  await connection.write(new TextEncoder().encode(requestFor(path)));
  return connection;
}

async function silentReaders(rig: Rig): Promise<void> {
  const call = rig.dial(TALK);
  // By then the process has what calls take.
  await sleep(systemClock, WARM_MS);
  const beforeMb = residentMb(rig.server.pid);
  const paths = [LIST_EVENTS, `/api/calls/${call.callSid}/events`];
  const readers = await Promise.all(
    Array.from({ length: SILENT_READERS }, (_, n) => silentReader(rig, paths[n % 2] ?? "")),
  );
  await sleep(systemClock, SILENT_MS);
  const moreMb = residentMb(rig.server.pid) - beforeMb;
  rig.figures.atMost("memory each", moreMb / SILENT_READERS, 1, "MB");
  rig.figures.is("call over", call.isOver, false);
  for (const reader of readers) reader.close();
}

/** What strangers say: nothing, half a word, a handshake that is not signed, and one without a token. */
const STRANGE_WORDS = [
  "",
  "GET /twilio/media HTTP/1.1\r\nHost: a\r\n",
  ...["/twilio/media", "/api/gemini/ws"].map((path) =>
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
  ),
];

/** Thousands of sockets of a few addresses; none has a right to be there. */
async function strangersCome(
  rig: Rig,
): Promise<{ open: () => Map<string, number>; leave: () => void }> {
  const sockets: { socket: Socket; address: string }[] = [];
  for (let n = 0; n < STRANGERS; n++) {
    const address = `127.0.0.${2 + n % STRANGE_ADDRESSES}`;
    const socket = connect({ port: portOf(rig), host: "127.0.0.1", localAddress: address });
    socket.on("error", () => socket.destroy());
    socket.on("data", () => {});
    socket.write(STRANGE_WORDS[n % STRANGE_WORDS.length] ?? "");
    sockets.push({ socket, address });
    if (n % STRANGERS_AT_ONCE === 0) await sleep(systemClock, 2 * STRANGERS_AT_ONCE);
  }
  return {
    open: () => {
      const counts = new Map<string, number>();
      for (const { socket, address } of sockets) {
        if (socket.destroyed || socket.readyState !== "open") continue;
        counts.set(address, (counts.get(address) ?? 0) + 1);
      }
      return counts;
    },
    leave: () => sockets.forEach(({ socket }) => socket.destroy()),
  };
}

async function strangers(rig: Rig): Promise<void> {
  const coming = strangersCome(rig);
  const calls = [];
  for (let n = 0; n < REAL_CALLS; n++) {
    calls.push(rig.dial([hearsOut, wait(500), hangUp()]));
    await sleep(systemClock, 1_000 / REAL_CALLS_PER_SECOND);
  }
  const { open, leave } = await coming;
  await sleep(systemClock, STRANGERS_GONE_MS);
  const counts = [...open().values()];
  const pending = counts.reduce((sum, count) => sum + count, 0);
  rig.figures.atMost("pending", pending, MOST_PENDING);
  rig.figures.atMost("of one address", Math.max(0, ...counts), MOST_PENDING_OF_ADDRESS);
  leave();
  await Promise.all(calls.map((call) => call.ended));
  const served = calls.filter(({ facts }) => rig.sessionsOf(facts.from)[0]?.sent[0]);
  rig.figures.atLeast(`of ${REAL_CALLS} calls served`, served.length, 0.99 * REAL_CALLS);
}

/** Reads whatever little there is. */
function idleReader(rig: Rig): Socket {
  const socket = connect({ port: portOf(rig), host: "127.0.0.1" });
  socket.on("error", () => socket.destroy());
  socket.on("data", () => {});
  socket.write(requestFor(LIST_EVENTS));
  return socket;
}

/** Thousands look on. */
async function idleReaders(rig: Rig): Promise<void> {
  const readers: Socket[] = [];
  const come = async (count: number) => {
    while (readers.length < count) {
      readers.push(idleReader(rig));
      if (readers.length % IDLE_AT_ONCE === 0) await sleep(systemClock, IDLE_REST_MS);
    }
    await sleep(systemClock, 3_000);
    return residentMb(rig.server.pid);
  };
  // With the first of them the heap makes room for new objects, as it would under any load.
  const beforeMb = await come(IDLE_FIRST);
  const kb = (await come(IDLE_READERS) - beforeMb) * 1_024 / (IDLE_READERS - IDLE_FIRST);
  rig.figures.atMost("a socket takes", kb, 30, "KB");
  await besideCalls(rig, () => sleep(systemClock, 15_000));
  const open = readers.filter(({ readyState }) => readyState === "open").length;
  rig.figures.is("open at the end", open, IDLE_READERS);
  for (const socket of readers) socket.destroy();
}

const MANY_CALLS = { MAX_CALLS: "200" };

/** D01, D04, D08, W05 and P10. */
export const ATTACK_ROWS: readonly Row[] = [
  { id: "D01", isLong: true, environment: MANY_CALLS, run: halfRequests },
  { id: "D04", isLong: true, environment: MANY_CALLS, limitMs: 120_000, run: strangers },
  { id: "D08", run: flood },
  { id: "W05", isLong: true, environment: MANY_CALLS, limitMs: 90_000, run: silentReaders },
  { id: "P10", isLong: true, environment: MANY_CALLS, limitMs: 120_000, run: idleReaders },
];
