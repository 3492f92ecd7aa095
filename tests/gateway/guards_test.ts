/** Who is let in, and how much of them. */
import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { randomIds } from "../../lib/ids.ts";
import { ConsoleSessions } from "../../routes/guards/console_session.ts";
import { listenOnDeno } from "../../routes/listeners/deno_listener.ts";
import { listenOnNode } from "../../routes/listeners/node_listener.ts";
import { PUBLIC_URL, SocketRig, until } from "../support/socket_call.ts";
import { type ClientOptions, GatewayClient } from "./gateway_client.ts";

const TOKEN = "console-token-of-the-tests";
const BEARER = { authorization: `Bearer ${TOKEN}` };

async function guarded(): Promise<SocketRig> {
  return await SocketRig.start({ settings: { consoleToken: TOKEN } });
}

async function ticketOf(rig: SocketRig): Promise<string[]> {
  const answer = await fetch(`${rig.url}/api/gemini/tickets`, { method: "POST", headers: BEARER });
  assertEquals([answer.status, answer.headers.get("cache-control")], [201, "no-store"]);
  return (await answer.json()).protocols;
}

Deno.test("[W01] no page of another origin opens a socket, with a token, a ticket or neither", async () => {
  await using rig = await guarded();
  const origins = [
    "https://evil.example",
    "null",
    `${PUBLIC_URL}.evil.example`,
    `${PUBLIC_URL}:8443`,
    PUBLIC_URL.replace("https", "http"),
    "https://evil-phone.example.com",
    "http://127.0.0.1:1",
    "http://localhost.evil.example",
    "file://",
  ];
  for (const origin of origins) {
    const protocols = await ticketOf(rig);
    for (const options of [{ headers: {} }, { headers: BEARER }, { headers: {}, protocols }]) {
      const headers = { ...options.headers, origin };
      assertEquals(await GatewayClient.statusOf(rig.url, { ...options, headers }), 403, origin);
    }
  }
  const cookie = { cookie: "offhook_session=1", ...BEARER };
  assertEquals(await GatewayClient.statusOf(rig.url, { headers: cookie }), 403);
  assertEquals(rig.model.connects, 0);
});

Deno.test("[S09] without a good token or ticket nobody is let in; an address takes no query", async () => {
  await using rig = await guarded();
  const [version = "", ticket = ""] = await ticketOf(rig);
  const refused: [ClientOptions, number][] = [
    [{}, 401],
    [{ headers: { authorization: "Bearer wrong" } }, 401],
    [{ headers: { authorization: `Basic ${btoa(TOKEN)}` } }, 401],
    [{ protocols: [version, "ticket.0123456789abcdef0123456789abcdef"] }, 401],
    [{ protocols: [version] }, 401],
    [{ path: `/api/gemini/ws?token=${TOKEN}` }, 400],
  ];
  for (const [options, status] of refused) {
    assertEquals(await GatewayClient.statusOf(rig.url, options), status, JSON.stringify(options));
  }
  const own = { headers: { origin: PUBLIC_URL }, protocols: [version, ticket] };
  await using client = await GatewayClient.open(rig.url, own);
  assertEquals(client.protocol, "offhook.v1");
  assertEquals(await GatewayClient.statusOf(rig.url, own), 401);
  await using script = await GatewayClient.open(rig.url, { headers: BEARER });
  await script.next({ type: "system", state: "client-connected" });
});

Deno.test("[S09] whoever has a ticket may open one socket with it, and neither call nor hang up nor look", async () => {
  await using rig = await guarded();
  const [version = "", ticket = ""] = await ticketOf(rig);
  const bare = ticket.replace("ticket.", "");
  const proofs: Record<string, string>[] = [
    { authorization: `Bearer ${bare}` },
    { authorization: `Bearer ${ticket}` },
    { "sec-websocket-protocol": `${version}, ${ticket}` },
    { cookie: `offhook_session=${bare}` },
    { origin: PUBLIC_URL, "sec-websocket-protocol": ticket },
  ];
  const orders = [
    ["POST", "/api/calls", '{"to":"+14155550123"}'],
    ["POST", "/api/calls/CA1/hangup", "{}"],
    ["POST", "/api/softphone/calls", '{"agent":"default"}'],
    ["GET", "/api/calls", undefined],
  ] as const;
  for (const proof of proofs) {
    for (const [method, path, body] of orders) {
      const headers = { ...proof, "content-type": "application/json" };
      const answer = await fetch(rig.url + path, { method, headers, body: body ?? null });
      await answer.body?.cancel();
      assertEquals(answer.status, 401, `${path} with ${JSON.stringify(proof)}`);
    }
  }
  await using client = await GatewayClient.open(rig.url, {
    headers: { origin: PUBLIC_URL },
    protocols: [version, ticket],
  });
  await client.next({ type: "system", state: "client-connected" });
  for (const type of ["hangup", "hang_up", "dial", "call", "transfer"]) {
    client.say({ type, data: { to: "+14155550123", callSid: "CA1" } });
    await client.next({ type: "error" });
  }
  const begun = rig.logged.filter((line) => /"event":"(call|softphone|outbound)-/.test(line));
  assertEquals(begun, []);
});

Deno.test("a page of ours that has signed in to the console is known by its cookie", async () => {
  await using rig = await guarded();
  const people = { token: TOKEN, clock: systemClock, ids: randomIds, isSecure: true };
  const [cookie = ""] = new ConsoleSessions(people).begin().split(";");
  await using client = await GatewayClient.open(rig.url, {
    headers: { cookie, origin: PUBLIC_URL },
  });
  await client.next({ type: "system", state: "client-connected" });
  const foreign = { cookie, origin: "https://evil.example" };
  for (const headers of [foreign, { cookie }]) {
    assertEquals(await GatewayClient.statusOf(rig.url, { headers }), 403);
  }
});

Deno.test("[W02] no page of another origin gets a ticket", async () => {
  for (const consoleToken of [TOKEN, undefined]) {
    await using rig = await SocketRig.start({ settings: { consoleToken } });
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
      const headers = { origin };
      const answer = await fetch(`${rig.url}/api/gemini/tickets`, { method: "POST", headers });
      await answer.body?.cancel();
      assert([401, 403].includes(answer.status), origin);
    }
  }
});

Deno.test("without a console token only this machine is let in, directly", async () => {
  await using rig = await SocketRig.start();
  for (const headers of [{ "x-forwarded-for": "1.2.3.4" }, { host: "phone.example.com" }]) {
    assertEquals(await GatewayClient.statusOf(rig.url, { headers }), 403);
  }
  await using client = await GatewayClient.open(rig.url, { headers: { origin: rig.url } });
  await client.next({ type: "system", state: "client-connected" });
});

Deno.test("both listeners choose the first sub-protocol, as browsers name them", async () => {
  for (const listen of [listenOnDeno, listenOnNode]) {
    await using rig = await SocketRig.start({ listen });
    const url = rig.url.replace("http", "ws") + "/api/gemini/ws";
    const socket = new WebSocket(url, ["offhook.v1", "more"]);
    await new Promise((resolve) => socket.onopen = resolve);
    assertEquals(socket.protocol, "offhook.v1");
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  }
});

Deno.test("[D04 P10] one address has 16 sockets at most; when one leaves, another may come", async () => {
  await using rig = await SocketRig.start();
  const clients: GatewayClient[] = [];
  for (let n = 0; n < 16; n++) clients.push(await GatewayClient.open(rig.url));
  assertEquals(await GatewayClient.statusOf(rig.url), 429);
  const last = clients.pop();
  await last?.next({ type: "system", state: "flowing" });
  await last?.close();
  await until(() => rig.logged.some((line) => line.includes("client-session-ended")), "one left");
  clients.push(await GatewayClient.open(rig.url));
  await Promise.all(clients.map((client) => client.close()));
});

Deno.test("as many conversations as may be, and those that wait for their clients, are the most there are", async () => {
  await using rig = await SocketRig.start({ settings: { maxCalls: 1 } });
  const first = await GatewayClient.open(rig.url);
  const { resumeToken } = await first.next({ type: "system", state: "configured" });
  await first.drop();
  const second = await GatewayClient.open(rig.url);
  await second.next({ type: "error", code: "too-many-clients" });
  assertEquals(await second.closed, 1011);
  await using third = await GatewayClient.open(rig.url);
  third.say({ type: "config", data: { resume_token: resumeToken } });
  await third.next({ type: "system", state: "resumed" });
});

Deno.test("[D08] a client that sends thousands of messages is told, then closed", async () => {
  await using rig = await SocketRig.start();
  await using neighbour = await GatewayClient.open(rig.url);
  const client = await GatewayClient.open(rig.url);
  for (let n = 0; n < 10_000; n++) client.say('{"type":"config","data":1}');
  assertEquals(await client.closed, 1008);
  assert(client.told.some(({ code }) => code === "rate-limited"));
  assert(client.told.length < 500);
  neighbour.say({ type: "text", text: "Hello" });
  await neighbour.next({ type: "system", state: "turn-complete" });
});

Deno.test("[D05] deep and wide messages are refused; more than 1 MiB closes the socket", async () => {
  await using rig = await SocketRig.start();
  const client = await GatewayClient.open(rig.url);
  const deep = "[".repeat(500_000) + "]".repeat(500_000);
  const wide = `{"type":"text",${'"k":1,'.repeat(150_000)}"text":"x"}`;
  for (const frame of [deep, wide]) {
    client.say(frame);
    await client.next({ type: "error" });
  }
  client.socket.send(new Uint8Array(10));
  await client.next({ type: "error", code: "binary-frame" });
  client.say("x".repeat(1_024 * 1_024 + 1));
  assertEquals(await client.closed, 1009);
});

Deno.test("the debug page is there in development, and nowhere else [doc W34 W45]", async () => {
  for (const hasDebugPages of [true, false]) {
    await using rig = await SocketRig.start({ settings: { hasDebugPages } });
    const paths = ["/api/gemini/debug", "/static/gateway/debug.js", "/static/gateway/debug.css"];
    for (const path of paths) {
      assertEquals(await rig.statusOf(path), hasDebugPages ? 200 : 404, path);
    }
    assertEquals(await rig.statusOf("/static/gateway/%2e%2e%2fdebug.js"), 404);
  }
});
