import { assertEquals, assertStringIncludes } from "@std/assert";
import type { ServeCall } from "../../routes/media_stream.ts";
import { sendRaw } from "../support/raw_http.ts";
import { sign } from "../support/sign.ts";
import { CALL_SID, ServedApp, STREAM_SID, VOICE_FORM } from "./served_app.ts";

const HANDSHAKE = {
  Host: "phone.example.com",
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};
const OTHER_CALL = "CAffffffffffffffffffffffffffffffff";
const MEDIA_URL = "wss://phone.example.com/twilio/media";

Deno.test("handleMediaStream() serves a call whose handshake, token and CallSid are good", async () => {
  await using app = await ServedApp.start();
  const token = await app.admit();
  const socket = await app.openStream();
  socket.start(token);
  await app.until(() => app.answered.length === 1);

  const [call] = app.answered;
  assertEquals(call?.streamSid, STREAM_SID);
  assertEquals(call?.facts, {
    callSid: CALL_SID,
    from: "+15550001111",
    to: "+15550002222",
    direction: "inbound",
    agent: "default",
  });
  assertEquals(app.calls.running, 1);

  socket.stop();
  assertEquals(await socket.closed, 1000);
  assertEquals(await app.calls.streamEnded(CALL_SID), { ending: "caller-hung-up" });
  assertEquals(app.clock.pendingTimers, 0);
});

Deno.test("createApp() goes on answering after a socket was upgraded", async () => {
  await using app = await ServedApp.start();
  const socket = await app.openStream();
  const response = await fetch(`${app.url}/healthz`);
  assertEquals(await response.json(), { status: "alive" });
  await socket.close();
});

Deno.test("handleMediaStream() closes 1008 when no start comes within 5 s [T01]", async () => {
  await using app = await ServedApp.start();
  const socket = await app.openStream();
  await app.until(() => app.clock.pendingTimers === 1);
  await app.clock.advance(4_999);
  assertEquals(app.clock.pendingTimers, 1);
  await app.clock.advance(1);
  assertEquals(await socket.closed, 1008);
  assertEquals(app.answered, []);
});

Deno.test("createApp() refuses the media socket before the upgrade, in 1,000 tries [S05]", async () => {
  await using app = await ServedApp.start();
  const token = await app.admit();
  const right = sign(MEDIA_URL);
  const tries: Record<string, string>[] = [
    {},
    { "X-Twilio-Signature": "" },
    { "X-Twilio-Signature": "x" },
    { "X-Twilio-Signature": right.slice(0, -2) + "=" },
    { "X-Twilio-Signature": `${right}, ${right}` },
    { "X-Twilio-Signature": sign("https://phone.example.com/twilio/media") },
    { "X-Twilio-Signature": sign("ws://phone.example.com/twilio/media") },
    { "X-Twilio-Signature": sign("wss://evil.example/twilio/media"), Host: "evil.example" },
    { "X-Twilio-Signature": sign(MEDIA_URL, {}, "") },
    { Authorization: `Bearer ${token}`, "Sec-WebSocket-Protocol": token },
  ];
  const statuses = new Map<number, number>();
  for (let index = 0; index < 1_000; index++) {
    const { status } = await sendRaw(app.port, {
      method: "GET",
      target: "/twilio/media",
      headers: { ...HANDSHAKE, ...tries[index % tries.length] },
    });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  assertEquals(statuses, new Map([[403, 1_000]]));
  assertEquals(app.clock.pendingTimers, 0);
});

Deno.test("createApp() answers 426 to a signed request that is no good handshake, and lives on", async () => {
  await using app = await ServedApp.start();
  const { Upgrade: _, ...plain } = HANDSHAKE;
  const requests = [
    { method: "GET", headers: plain },
    { method: "GET", headers: { ...HANDSHAKE, Upgrade: "h2c" } },
    { method: "GET", headers: { ...HANDSHAKE, Connection: "keep-alive" } },
    { method: "GET", headers: { ...HANDSHAKE, "Sec-WebSocket-Key": "short" } },
    { method: "GET", headers: { ...HANDSHAKE, "Sec-WebSocket-Version": "8" } },
    { method: "HEAD", headers: HANDSHAKE },
  ];
  for (const { method, headers } of requests) {
    const { status } = await sendRaw(app.port, {
      method,
      target: "/twilio/media",
      headers: { ...headers, "X-Twilio-Signature": sign(MEDIA_URL) },
    });
    assertEquals(status, 426);
    await assertAlive(app);
  }
});

Deno.test("handleMediaStream() refuses a token that is missing, used, another call's or late [S06]", async (t) => {
  await using app = await ServedApp.start();
  const used = await app.admit();
  const first = await app.openStream();
  first.start(used);
  await app.until(() => app.calls.running === 1);

  const others = await app.admit(OTHER_CALL);
  const cases: {
    name: string;
    token: string;
    start?: { callSid?: string; accountSid?: string };
  }[] = [
    { name: "no token", token: "" },
    { name: "an invented token", token: "e30.AAAA" },
    { name: "a used token", token: used },
    { name: "another call's token", token: others },
    { name: "a used token for another call", token: used, start: { callSid: OTHER_CALL } },
    { name: "another account", token: others, start: { accountSid: "ACx", callSid: OTHER_CALL } },
  ];
  for (const { name, token, start } of cases) {
    await t.step(name, async () => {
      const socket = await app.openStream();
      socket.start(token, start);
      assertEquals(await socket.closed, 1008);
    });
  }
  await t.step("a late token", async () => {
    first.stop();
    await first.closed;
    await app.clock.advance(60_000);
    const socket = await app.openStream();
    socket.start(others, { callSid: OTHER_CALL });
    assertEquals(await socket.closed, 1008);
  });
  assertEquals(app.answered.length, 1);
});

Deno.test("handleMediaStream() refuses a good token when the caller has hung up before [S06]", async () => {
  await using app = await ServedApp.start();
  const token = await app.admit();
  await app.post("/twilio/status", { ...VOICE_FORM, CallStatus: "completed" });
  const socket = await app.openStream();
  socket.start(token);
  assertEquals(await socket.closed, 1008);
  assertEquals(app.answered, []);
});

Deno.test("handleMediaStream() refuses a second socket for a call that runs [T03]", async () => {
  await using app = await ServedApp.start();
  const token = await app.admit();
  const first = await app.openStream();
  first.start(token);
  await app.until(() => app.calls.running === 1);
  const second = await app.openStream();
  second.start(token);
  assertEquals(await second.closed, 1008);
  assertEquals(app.calls.running, 1);

  first.stop();
  assertEquals(await first.closed, 1000);
  assertEquals(app.answered.length, 1);
});

Deno.test("handleMediaStream() takes a message of 64 KiB and closes 1009 on a larger one [T09]", async () => {
  await using app = await ServedApp.start();
  const sizes = [65_537, 1_048_576, 16_777_216];
  for (const [index, size] of sizes.entries()) {
    const callSid = `CA${String(index).padStart(32, "0")}`;
    const token = await app.admit(callSid);
    const socket = await app.openStream();
    socket.start(token, { callSid });
    socket.send("x".repeat(65_536));
    await app.until(() => app.answered[index]?.leg.faults.get("message-unreadable") === 1);
    socket.send("x".repeat(size));
    assertEquals(await socket.closed, 1009);
    assertEquals(await app.calls.streamEnded(callSid), { ending: "line-lost" });
  }
});

Deno.test("handleMediaStream() ends the call when the network says that it is over", async () => {
  await using app = await ServedApp.start();
  const token = await app.admit();
  const socket = await app.openStream();
  socket.start(token);
  await app.until(() => app.calls.running === 1);
  await app.post("/twilio/status", { ...VOICE_FORM, CallStatus: "completed" });
  assertEquals(await socket.closed, 1000);
  assertEquals(await app.calls.streamEnded(CALL_SID), { ending: "caller-hung-up" });
});

Deno.test("handleMediaStream() books a failure and closes the stream when the call throws [P01]", async () => {
  const faults: ServeCall[] = [
    () => Promise.reject(new Error("late")),
    () => {
      throw new Error("at once");
    },
  ];
  for (const serveCall of faults) {
    await using app = await ServedApp.start({ deps: { serveCall } });
    const token = await app.admit();
    const socket = await app.openStream();
    socket.start(token);
    assertEquals(await socket.closed, 1000);
    const outcome = await app.calls.streamEnded(CALL_SID);
    assertEquals(outcome?.ending, "call-failed");
    const { body } = await app.post("/twilio/stream-ended", VOICE_FORM);
    assertStringIncludes(body, "<Say>Sorry, ");
    await assertAlive(app);
  }
});

async function assertAlive(app: ServedApp): Promise<void> {
  const response = await fetch(`${app.url}/healthz`);
  assertEquals(await response.json(), { status: "alive" });
}
