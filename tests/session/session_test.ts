import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import type { WebSocketFactory } from "../../lib/gemini/live_socket.ts";
import { Session } from "../../lib/session/session.ts";
import {
  AuthenticationError,
  InvalidMessageError,
  NotConnectedError,
  RateLimitError,
  SessionClosedError,
  SessionError,
} from "../../lib/session/session_errors.ts";
import { spoken, startRig } from "./session_rig.ts";

const JPEG = { mimeType: "image/jpeg", data: Uint8Array.of(0xff, 0xd8, 0xff, 0xe0) };

Deno.test("Session can be made and looked at before it is connected [E12 E59 L02]", () => {
  using session = new Session({ apiKey: "key" });
  assertEquals(session.status, "disconnected");
  assertEquals(session.connection.bufferedBytes, 0);
  assertThrows(() => session.send("Hello"), NotConnectedError);
});

Deno.test("connect() returns when the set-up is complete; ask() gives the turn [E13 E14 E42 P32 E41]", async () => {
  await using rig = await startRig();
  const { session, service } = rig;
  const connecting = session.connect();
  assertEquals(session.status, "connecting");
  await connecting;
  assertEquals(session.status, "connected");
  const first = await session.ask("One");
  const second = await session.ask("Two");
  assertEquals([first.text, second.text], ["answer 0", "answer 1"]);
  assertEquals(first.pcm.length, 4_800);
  assertEquals(first.isInterrupted, false);
  assertEquals(service.sessions[0]?.violations, []);
  assertEquals(session.journal.map(({ role, text }) => [role, text.trim()]), [
    ["user", "One"],
    ["model", "answer 0"],
    ["user", "Two"],
    ["model", "answer 1"],
  ]);
});

Deno.test("connect() fails with AuthenticationError when the key is refused, and nothing works after it [E46 P28 P12]", async () => {
  await using rig = await startRig({ badKey: "secret-of-tests" });
  const error = await assertRejects(() => rig.session.connect(), AuthenticationError);
  assertEquals(error.code, "authentication_failed");
  assert(error.message.includes("GEMINI_API_KEY"));
  assertEquals(rig.session.status, "error");
  assertThrows(() => rig.session.send("Hello"), SessionClosedError);
  await assertRejects(() => rig.session.connect(), AuthenticationError);
  await rig.told("closed");
  assertEquals(rig.events.map(({ type }) => type), ["error", "closed"]);
});

for (
  const { what, status, error, code } of [
    {
      what: "too much is asked [E47]",
      status: 429,
      error: RateLimitError,
      code: "rate_limit_exceeded",
    },
    { what: "the model is unknown", status: 404, error: SessionError, code: "model_not_found" },
    {
      what: "the request is wrong [E48]",
      status: 400,
      error: InvalidMessageError,
      code: "invalid_message",
    },
    {
      what: "the service is broken [E49 P29]",
      status: 503,
      error: SessionError,
      code: "unavailable",
    },
  ]
) {
  Deno.test(`connect() fails with ${code} when ${what}`, async () => {
    await using rig = await startRig({
      script: { faults: [{ when: { at: "upgrade" }, type: "refuse-upgrade", status }] },
    });
    const failure = await assertRejects(() => rig.session.connect(), SessionError);
    assertInstanceOf(failure, error);
    assertEquals(failure.code, code);
  });
}

Deno.test("sendTurns() completes the turn, sendClientContent() does not, unless told otherwise [E24 E25 P08 J09 P09 J10 J11]", async () => {
  await using rig = await startRig();
  const { session, service } = rig;
  await session.connect();
  session.sendClientContent({ turns: "My name is Ada." });
  session.sendTurns({ role: "model", parts: [{ text: "Noted." }] }, { turnComplete: false });
  session.sendTurns(["First.", { role: "user", parts: [{ text: "Second." }] }]);
  await rig.told("turn-complete");
  assertEquals(
    service.sessions[0]?.texts.map(({ text, asksForAnswer }) => [text, asksForAnswer]),
    [["My name is Ada.", false], ["Noted.", false], ["First.\nSecond.", true]],
  );
  session.sendClientContent({ turns: "And?", turnComplete: true });
  await rig.told("turn-complete", 2);
  assertEquals(service.sessions[0]?.violations, []);
});

Deno.test("sound, pictures and quick text go up beside one another [E02 E03 E26 L51 L52 P13 P41 J13]", async () => {
  await using rig = await startRig({ config: { activityDetection: "manual" } });
  const { session, service } = rig;
  await session.connect();
  session.sendAudio(new Int16Array(1_600).fill(500));
  session.sendVideo(JPEG);
  session.startActivity();
  session.sendMedia([
    { mimeType: "audio/pcm;rate=16000", data: new Uint8Array(3_200) },
    JPEG,
  ]);
  session.endActivity();
  session.endActivity();
  await rig.told("turn-complete");
  const [record] = service.sessions;
  assertEquals(record?.windows.length, 1);
  assertEquals(record?.windows[0]?.pcm.length, 3_200);
  assertEquals(rig.events.some(({ type }) => type === "input-transcription"), true);
  session.sendRealtimeText("Quick.");
  await rig.told("turn-complete", 2);
  assertEquals(record?.texts.at(-1)?.by, "realtime-input");
  assertEquals(record?.violations, []);
});

Deno.test("the service finds the turns by itself unless it is told not to [J19 J27 L24]", async () => {
  await using rig = await startRig();
  const { session, service } = rig;
  await session.connect();
  assertThrows(() => session.startActivity(), InvalidMessageError, "activityDetection");
  const voice = Int16Array.from({ length: 16_000 }, (_, n) => 8_000 * Math.sin(n / 5));
  session.sendAudio(voice);
  session.sendAudio(new Int16Array(16_000));
  const turn = await rig.told("turn-complete");
  assertEquals(turn.type, "turn-complete");
  assertEquals(service.sessions[0]?.violations, []);
});

Deno.test("the 61st text within a minute is refused with the time to wait [E55]", async () => {
  await using rig = await startRig();
  await rig.session.connect();
  for (let n = 0; n < 60; n++) rig.session.sendClientContent({ turns: `${n}` });
  const error = assertThrows(() => rig.session.send("61"), RateLimitError);
  assertEquals(error.code, "rate_limited");
  assert(error.retryAfterMs !== undefined && error.retryAfterMs > 0);
});

Deno.test("what is sent while disconnected goes out in order, and all is told [E10 E16 E18 E43 E44 L05]", async () => {
  await using rig = await startRig({
    script: {
      faults: [{ when: { at: "turn", turn: 1 }, type: "reset", connection: 0 }],
    },
  });
  const { session, service } = rig;
  await session.connect();
  await session.ask("One");
  session.send("Two");
  const lost = await rig.told("disconnected");
  assertEquals([lost.code, lost.willRetry], [1006, true]);
  session.sendClientContent({ turns: "Three" });
  session.sendClientContent({ turns: "Four" });
  const back = await rig.told("connected", 2);
  assertEquals(back.how, "resumed");
  await rig.told("turn-complete", 2);
  assertEquals(service.sessions[1]?.texts.map(({ text }) => text), ["Two", "Three", "Four"]);
  assertEquals(service.sessions[1]?.violations, []);
});

Deno.test("a hundred pieces wait while there is no connection, and those that find no room are counted [L12 L13]", async () => {
  await using rig = await startRig({
    config: { activityDetection: "manual" },
    script: { faults: [{ when: { at: "setup" }, type: "delay-setup", ms: 1_500 }] },
  });
  const { session, service } = rig;
  const connecting = session.connect();
  for (let n = 0; n < 130; n++) session.sendAudio(new Int16Array(320).fill(n));
  session.endActivity();
  assertEquals(session.connection.droppedChunks, 30);
  await connecting;
  await rig.told("turn-complete");
  const heard = service.sessions[0]?.windows[0]?.pcm;
  assertEquals([heard?.length, heard?.[0]], [32_000, 30]);
});

Deno.test("sendWithRetry() waits for a connection, three times unless told otherwise [E50]", async () => {
  await using rig = await startRig({
    script: { faults: [{ when: { at: "setup" }, type: "delay-setup", ms: 1_500 }] },
  });
  const { session } = rig;
  const connecting = session.connect();
  await assertRejects(
    () => session.sendWithRetry("Too soon", { tries: 2, waitMs: 10 }),
    NotConnectedError,
  );
  await session.sendWithRetry("In time");
  await connecting;
  await rig.told("turn-complete");
  assertEquals(rig.service.sessions[0]?.texts.map(({ text }) => text), ["In time"]);
});

Deno.test("close() ends a session once and for all, in whatever state it is [E15 E53 L03 L07 P12 P27 P30 J23]", async () => {
  await using rig = await startRig();
  const { session } = rig;
  await session.connect();
  const asking = assertRejects(() => session.ask("Anybody?"), SessionClosedError);
  session.close();
  session.close();
  await asking;
  assertEquals(session.status, "disconnected");
  assertThrows(() => session.send("Hello"), SessionClosedError);
  assertThrows(() => session.sendAudio(new Int16Array(2)), SessionClosedError);
  assertThrows(() => session.sendToolResponses([]), SessionClosedError);
  await assertRejects(() => session.connect(), SessionClosedError);
  await rig.told("closed");
  const unopened = new Session({ apiKey: "key" });
  unopened.close();
  await assertRejects(() => unopened.connect(), SessionClosedError);
});

Deno.test("callbacks get their facts, and one that throws hurts nobody [E11 E17 J04 J05 J06 J07]", async () => {
  await using rig = await startRig();
  const { session } = rig;
  const words: string[] = [];
  session.on("output-transcription", () => {
    throw new Error("broken callback");
  });
  const off = session.on("output-transcription", ({ text }) => words.push(text));
  await session.connect();
  await session.ask("One");
  off();
  await session.ask("Two");
  assertEquals(words.join(""), " answer 0");
});

Deno.test("ask() passes the end of an older answer, and gives up in time", async () => {
  await using rig = await startRig({
    script: { answers: ({ index }) => index === 2 ? undefined : spoken(` answer ${index}`, 4_000) },
  });
  const { session } = rig;
  await session.connect();
  session.send("A long story");
  await rig.told("audio");
  const turn = await session.ask("Stop");
  assertEquals(turn.text, "answer 1");
  assertEquals(rig.events.some(({ type }) => type === "interrupted"), true);
  const error = await assertRejects(() => session.ask("Say nothing", { timeoutMs: 500 }));
  assertEquals(error instanceof SessionError && error.code, "turn_timed_out");
});

Deno.test("a factory of one's own makes the sockets [J02]", async () => {
  const urls: string[] = [];
  const { default: WebSocket } = await import("ws");
  const webSocketFactory: WebSocketFactory = {
    create(url, _headers, callbacks) {
      urls.push(url);
      let ws: InstanceType<typeof WebSocket> | undefined;
      return {
        connect() {
          ws = new WebSocket(url);
          ws.on("open", callbacks.onopen);
          ws.on("message", (data) => callbacks.onmessage({ data: String(data) }));
          ws.on("error", ({ message }) => callbacks.onerror({ message }));
          ws.on("close", (code, reason) => callbacks.onclose({ code, reason: String(reason) }));
        },
        send: (frame) => ws?.send(frame),
        close: () => ws?.close(),
        get ws() {
          return ws;
        },
      };
    },
  };
  await using rig = await startRig({ webSocketFactory });
  await rig.session.connect();
  assertEquals((await rig.session.ask("One")).text, "answer 0");
  assertEquals(urls.length, 1);
});
