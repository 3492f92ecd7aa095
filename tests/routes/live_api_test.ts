import { assert, assertEquals, assertLess } from "@std/assert";
import type { ToolInSight } from "../../lib/call/call_observer.ts";
import type { LiveCalls } from "../../lib/call/live_calls.ts";
import type { CallSight } from "../../lib/call/call_sight.ts";
import type { CallRecord } from "../../lib/records/call_record.ts";
import { LiveList } from "../../routes/live_api.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { RICH_CALL } from "../support/kept_calls.ts";
import { keptBytes } from "../support/kept_memory.ts";
import { ServedApp } from "./served_app.ts";

/** A call that runs, as far as those who look on can tell. */
class RunningCall {
  readonly sight: CallSight;
  record: CallRecord;
  tools: readonly ToolInSight[] = [];
  hangUps = 0;
  readonly whispered: string[] = [];

  constructor(app: ServedApp, callSid: string) {
    const { durationMs: _length, ending: _ending, ...record } = RICH_CALL;
    this.record = { ...record, callSid };
    this.sight = app.live.begin(this.record);
    this.sight.began({
      callMs: () => app.clock.nowMs(),
      record: () => this.record,
      tools: () => this.tools,
      whisper: (text) => void this.whispered.push(text),
      hangUp: () => void this.hangUps++,
    });
  }
}

/** Reads a stream of events, message by message. */
class EventReader implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #app: ServedApp;
  #text = "";

  constructor(response: Response, app: ServedApp) {
    if (!response.body) throw new Error("Cannot read events: there is no body");
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    this.#app = app;
  }

  /** The next piece, data or comment; time passes until it comes. Nothing at the end. */
  async piece(): Promise<string | undefined> {
    while (!this.#text.includes("\n\n")) {
      const timer = setInterval(() => this.#app.clock.advance(100), 1);
      const { value, done } = await this.#reader.read();
      clearInterval(timer);
      if (done) return undefined;
      this.#text += value;
    }
    const [piece = "", ...rest] = this.#text.split("\n\n");
    this.#text = rest.join("\n\n");
    return piece;
  }

  /** The next message. */
  async next() {
    const piece = await this.piece();
    return piece === undefined ? undefined : JSON.parse(piece.replace(/^data: /, ""));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}

Deno.test("a running call is told from its beginning, then what is new of it, then its end", async () => {
  await using app = await ServedApp.start();
  const call = new RunningCall(app, "CA1");
  await using reader = new EventReader(await fetch(`${app.url}/api/calls/CA1/events`), app);
  const first = await reader.next();
  assertEquals(first.call.from, RICH_CALL.from);
  assertEquals(first.said.length, RICH_CALL.transcript.length);
  assertEquals([first.speaker, first.tools], ["nobody", []]);

  const more = { party: "agent", startMs: 50_000, text: "Until tomorrow" } as const;
  call.record = { ...call.record, transcript: [...RICH_CALL.transcript, more] };
  call.tools = [{ name: "find_table", startMs: 49_000 }];
  assertEquals(await reader.next(), {
    said: [[RICH_CALL.transcript.length, more]],
    tools: [{ name: "find_table", startMs: 49_000 }],
  });
  call.sight.ordered("open-activity");
  assertEquals(await reader.next(), { speaker: "caller" });
  app.live.end(call.sight, "caller-hung-up");
  assertEquals(await reader.next(), { speaker: "nobody", ending: "caller-hung-up" });
  assertEquals(await reader.next(), undefined);
});

Deno.test("a call of which nothing is new is silent but for a comment every 15 s", async () => {
  await using app = await ServedApp.start();
  new RunningCall(app, "CA1");
  await using reader = new EventReader(await fetch(`${app.url}/api/calls/CA1/events`), app);
  await reader.next();
  const sinceMs = app.clock.nowMs();
  assertEquals(await reader.piece(), ": here");
  const waitedMs = app.clock.nowMs() - sinceMs;
  assert(waitedMs >= 15_000 && waitedMs <= 16_500, `the comment came after ${waitedMs} ms`);
});

Deno.test("the list of running calls is told whenever it has changed", async () => {
  await using app = await ServedApp.start();
  await using reader = new EventReader(await fetch(`${app.url}/api/calls/live/events`), app);
  assertEquals(await reader.next(), []);
  const call = new RunningCall(app, "CA1");
  const [listed] = await reader.next();
  assertEquals([listed.callSid, listed.last], ["CA1", "You are welcome. Goodbye."]);
  app.live.end(call.sight, "line-lost");
  assertEquals(await reader.next(), []);
});

Deno.test("hanging up reaches the call; one that does not run cannot be hung up on or followed", async () => {
  await using app = await ServedApp.start();
  const call = new RunningCall(app, "CA1");
  const { durationMs: _length, ending: _ending, ...elsewhere } = RICH_CALL;
  app.records.save(RICH_CALL);
  app.records.save({ ...elsewhere, callSid: "CA2" });
  const hangUp = async (callSid: string) => {
    const response = await fetch(`${app.url}/api/calls/${callSid}/hangup`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    const { error } = await response.json();
    return [response.status, error?.code];
  };
  assertEquals(await hangUp("CA1"), [202, undefined]);
  assertEquals(call.hangUps, 1);
  const others = [[RICH_CALL.callSid, 409, "call-over"], ["CA2", 409, "call-elsewhere"], [
    "CA9",
    404,
    "call-unknown",
  ]] as const;
  for (const [callSid, status, code] of others) {
    assertEquals(await hangUp(callSid), [status, code]);
    const response = await fetch(`${app.url}/api/calls/${callSid}/events`);
    assertEquals([response.status, (await response.json()).error.code], [status, code]);
  }
});

Deno.test("whispering reaches the agent of a running call, and nobody may who has no token", async () => {
  await using app = await ServedApp.start({ settings: { consoleToken: "correct-horse" } });
  const call = new RunningCall(app, "CA1");
  app.records.save(RICH_CALL);
  const whisper = async (callSid: string, body: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${app.url}/api/calls/${callSid}/whisper`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: "Bearer correct-horse",
        ...headers,
      },
      body,
    });
    const { error } = await response.json();
    return [response.status, error?.code];
  };
  const line = JSON.stringify({ text: " Offer the window. " });
  const bad = ["", "{}", '{"text":""}', '{"text":"  "}', JSON.stringify({ text: "x".repeat(501) })];
  for (const body of bad) assertEquals(await whisper("CA1", body), [400, "body-invalid"], body);
  assertEquals(await whisper("CA1", line, { "content-type": "text/plain" }), [
    415,
    "json-expected",
  ]);
  assertEquals((await whisper("CA1", line, { authorization: "Bearer wrong" }))[0], 401);
  assertEquals(await whisper(RICH_CALL.callSid, line), [409, "call-over"]);
  assertEquals(await whisper("CA9", line), [404, "call-unknown"]);
  assertEquals(call.whispered, []);
  assertEquals(await whisper("CA1", line), [202, undefined]);
  assertEquals(call.whispered, ["Offer the window."]);
  assert(!app.logged.some((text) => text.includes("window")));
});

Deno.test("ten readers who never read cost next to nothing and are let go [W05]", async () => {
  await using app = await ServedApp.start();
  const call = new RunningCall(app, "CA1");
  const long = { party: "agent", startMs: 1, text: "word ".repeat(40_000) } as const;
  const request = `GET /api/calls/CA1/events HTTP/1.1\r\nHost: localhost:${app.port}\r\n\r\n`;
  const idlers = await Promise.all(Array.from({ length: 10 }, async () => {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port: app.port });
    await socket.write(new TextEncoder().encode(request));
    return socket;
  }));
  const reader = new EventReader(await fetch(`${app.url}/api/calls/CA1/events`), app);
  await reader.next();
  const beforeBytes = keptBytes();
  const count = 200;
  for (let n = 0; n < count; n++) {
    call.record = { ...call.record, transcript: [{ ...long, startMs: n }] };
    assertEquals((await reader.next())?.said[0][1].startMs, n);
  }
  const eachBytes = (keptBytes() - beforeBytes) / idlers.length;
  assertLess(eachBytes, 1_048_576, "a reader who never reads holds more than 1 MB");
  const isAnyWatched = () => call.sight.columns(0).length > 0;
  call.sight.took(SILENT_FRAME);
  await app.clock.advance(1_000);
  assert(isAnyWatched());
  await reader[Symbol.asyncDispose]();
  await app.clock.advance(30_000);
  await app.until(() => !isAnyWatched());
  await Promise.all(idlers.map((socket) => ended(socket)));
});

const SILENT_FRAME = {
  type: "frame-received",
  streamMs: 0,
  mulaw: new Uint8Array(160).fill(0xff),
  filled: false,
} as const;

/** Reads what is left, until the other side is gone. */
async function ended(socket: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    while (await socket.read(buffer) !== null);
  } catch (error) {
    assert(error instanceof Deno.errors.ConnectionReset);
  }
  socket.close();
}

Deno.test("the list is told the more rarely the more read it; who asked and never read, or has left, does not count [P10]", async () => {
  const clock = new FakeClock();
  let changes = 0;
  const live = { list: () => [{ changes: changes++ }] } as unknown as LiveCalls;
  const list = new LiveList({ live, clock });
  const readers = () => Array.from({ length: 1_000 }, () => list.follow().body?.getReader());
  /** How long a reader waits for its second message. */
  const pauseMs = async () => {
    const reader = list.follow().body?.getReader();
    await reader?.read();
    const sinceMs = clock.nowMs();
    let isTold = false;
    const told = reader?.read().then(() => isTold = true);
    while (!isTold) await clock.advance(100);
    await told;
    await reader?.cancel();
    return clock.nowMs() - sinceMs;
  };
  readers();
  assertEquals(await pauseMs(), 1_000);
  const reading = readers();
  for (const reader of reading) await reader?.read();
  assertEquals(await pauseMs(), 2_000);
  for (const reader of reading) await reader?.cancel();
  assertEquals(await pauseMs(), 1_000);
});
