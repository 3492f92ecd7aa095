import { assertEquals, assertMatch } from "@std/assert";
import { ClientSocket, ServedApp, STREAM_SID } from "./served_app.ts";

/** Lets a softphone's call in. */
async function place(app: ServedApp, body: unknown = { agent: "default" }) {
  const response = await fetch(`${app.url}/api/softphone/calls`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

async function openStream(app: ServedApp): Promise<ClientSocket> {
  const socket = new ClientSocket(`ws://127.0.0.1:${app.port}/api/softphone/media`, {});
  await socket.opened;
  return socket;
}

function stop(socket: ClientSocket): void {
  socket.send({ event: "stop", sequenceNumber: "3", streamSid: STREAM_SID, stop: {} });
}

Deno.test("a softphone's ticket opens its stream once, and serves the agent that was chosen", async () => {
  await using app = await ServedApp.start();
  const { status, body } = await place(app);
  assertEquals(status, 201);
  assertMatch(body.callSid, /^CA[0-9a-f]{32}$/);
  const { callSid, accountSid, token } = body;
  const socket = await openStream(app);
  socket.start(token, { callSid, accountSid });
  await app.until(() => app.answered.length === 1);
  const facts = app.answered[0]?.facts;
  assertEquals([facts?.callSid, facts?.agent, facts?.from], [callSid, "default", "softphone"]);
  const again = await openStream(app);
  again.start(token, { callSid, accountSid });
  assertEquals(await again.closed, 1008);
  stop(socket);
  assertEquals(await socket.closed, 1000);
  assertEquals(app.answered.length, 1);
});

Deno.test("a softphone's ticket opens no stream of the network's, and a token of the network's none of a softphone's", async () => {
  await using app = await ServedApp.start({ settings: { twilioAccountSid: undefined } });
  const { body: { callSid, accountSid, token } } = await place(app);
  const network = await app.openStream();
  network.start(token, { callSid, accountSid });
  assertEquals(await network.closed, 1008);
  const softphone = await openStream(app);
  softphone.start(await app.admit());
  assertEquals(await softphone.closed, 1008);
  const forged = await openStream(app);
  forged.start(await app.admit(), { accountSid });
  assertEquals(await forged.closed, 1008);
  assertEquals(app.answered, []);
});

Deno.test("a softphone whose socket is lost has hung up: its place is free again", async () => {
  await using app = await ServedApp.start({ numbers: { maxCalls: 1 } });
  const { body: { callSid, accountSid, token } } = await place(app);
  assertEquals((await place(app)).body.error.code, "no-room");
  const socket = await openStream(app);
  socket.start(token, { callSid, accountSid });
  await app.until(() => app.answered.length === 1);
  await socket.close(1011);
  await app.until(() => app.calls.isIdle);
  assertEquals((await place(app)).status, 201);
});

Deno.test("a softphone is told why it cannot call", async () => {
  const cases = [
    { body: { agent: "nobody" }, deps: {}, expected: [404, "agent-unknown"] },
    { body: {}, deps: {}, expected: [404, "agent-unknown"] },
    { body: "{", deps: {}, expected: [404, "agent-unknown"] },
    { body: { agent: "x".repeat(5_000) }, deps: {}, expected: [404, "agent-unknown"] },
    { body: undefined, deps: { isModelDown: () => true }, expected: [503, "model-down"] },
    { body: undefined, deps: { obstacle: () => "draining" as const }, expected: [503, "no-room"] },
  ];
  for (const { body, deps, expected } of cases) {
    await using app = await ServedApp.start({ deps });
    const answer = await place(app, body);
    assertEquals([answer.status, answer.body.error.code], expected);
  }
});

Deno.test("a softphone's stream is a WebSocket and nothing else", async () => {
  await using app = await ServedApp.start();
  const response = await fetch(`${app.url}/api/softphone/media`);
  assertEquals([response.status, (await response.json()).error.code], [426, "websocket-expected"]);
});
