import { assert, assertEquals } from "@std/assert";
import { createLog } from "../../lib/log.ts";
import { systemClock } from "../../lib/clock.ts";
import { startDebugServer } from "../../tasks/debug_server.ts";
import { socketOf } from "../../tasks/socket_url.ts";
import { GatewayClient } from "../gateway/gateway_client.ts";
import { SocketRig } from "../support/socket_call.ts";

const log = createLog({ level: "error", clock: systemClock, write: () => {} });
const TOKEN = "console-token-of-the-tests";

async function startDebug(gateway: string, token?: string) {
  const listener = await startDebugServer({ gateway, token, port: 0, log });
  const url = `http://127.0.0.1:${listener.port}`;
  return { url, [Symbol.asyncDispose]: () => listener.close() };
}

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const { status, body } = await fetch(url, init);
  await body?.cancel();
  return status;
}

Deno.test("the debug server has the page on a port of its own, and talks to a gateway that has none [doc W34 W35 W45]", async () => {
  await using rig = await SocketRig.start({
    settings: { consoleToken: TOKEN, hasDebugPages: false },
  });
  await using debug = await startDebug(`${socketOf(rig.url)}/api/gemini/ws`, TOKEN);
  assertEquals(await rig.statusOf("/api/gemini/debug"), 401);
  for (const path of ["/", "/static/gateway/debug.js", "/static/gateway/debug.css"]) {
    assertEquals(await statusOf(`${debug.url}${path}`), 200, path);
  }
  assertEquals(await statusOf(`${debug.url}/static/gateway/../../main.ts`), 404);
  const ticket = await fetch(`${debug.url}/api/gemini/tickets`, { method: "POST" });
  const { path, protocols } = await ticket.json();
  await using client = await GatewayClient.open(debug.url, { path, protocols });
  client.say({ type: "text", text: "Hello" });
  await client.next({ type: "system", state: "turn-complete" });
  assert(client.told.some(({ type }) => type === "response"));
});

Deno.test("the debug server is for this machine and its own page, and says when there is no gateway", async () => {
  await using debug = await startDebug("ws://127.0.0.1:9/api/gemini/ws");
  const origin = { headers: { origin: "https://evil.example.com" } };
  assertEquals(await statusOf(debug.url, origin), 403);
  assertEquals(await statusOf(debug.url, { headers: { "x-forwarded-for": "1.2.3.4" } }), 403);
  assertEquals(await GatewayClient.statusOf(debug.url, origin), 403);
  const client = await GatewayClient.open(debug.url);
  await client.next({ type: "error", code: "gateway-unreachable" });
  assertEquals(await client.closed, 1013);
});
