/** What both listeners have to do, so that routes need not know which it is. */
import { systemClock } from "../../../lib/clock.ts";
import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { listenOnDeno } from "../../../routes/listeners/deno_listener.ts";
import { type Listen, MAX_MESSAGE_BYTES } from "../../../routes/listeners/listener.ts";
import { listenOnNode } from "../../../routes/listeners/node_listener.ts";
import { readResponse, sendRaw } from "../../support/raw_http.ts";
import { ListenerRig } from "./listener_rig.ts";

const LISTENERS: readonly (readonly [string, Listen])[] = [
  ["listenOnNode()", listenOnNode],
  ["listenOnDeno()", listenOnDeno],
];

function contract(does: string, test: (rig: ListenerRig, listen: Listen) => Promise<void>): void {
  for (const [name, listen] of LISTENERS) {
    Deno.test(`${name} ${does}`, async () => {
      await using rig = await ListenerRig.start(listen);
      await test(rig, listen);
    });
  }
}

contract("gives a request as it came: method, target, headers, body, peer", async (rig) => {
  rig.answer = async (request, { target, peerAddress }) => {
    const headers = [request.headers.get("host"), request.headers.get("x-many")];
    return Response.json([request.method, target, peerAddress, headers, await request.text()]);
  };
  const targets = {
    "/a'b/%41?x='%27&y=[1]&u=http://c/d": "/a'b/%41?x='%27&y=[1]&u=http://c/d",
    "/a?": "/a?",
    "http://elsewhere/a'b?c": "/a'b?c",
    "//a/../b": "//a/../b",
  };
  for (const [sent, target] of Object.entries(targets)) {
    const { status, body } = await sendRaw(rig.listener.port, {
      target: sent,
      headers: { Host: "a.example", "Content-Length": "5", "X-Many": "1", "x-many": "2" },
      body: "hello",
    });
    assertEquals(status, 200);
    const headers = ["a.example", "1, 2"];
    assertEquals(JSON.parse(body), ["POST", target, "127.0.0.1", headers, "hello"]);
  }
});

contract("sends an answer as it is given: status, headers, body", async (rig) => {
  const headers: [string, string][] = [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-c", "3"]];
  rig.answer = ({ method }) =>
    new Response(method === "HEAD" ? null : "späť", { status: 418, headers });
  const response = await fetch(rig.url);
  assertEquals(response.status, 418);
  assertEquals(response.headers.getSetCookie(), ["a=1", "b=2"]);
  assertEquals(response.headers.get("x-c"), "3");
  assertEquals(response.headers.get("content-length"), "6");
  assertEquals(await response.text(), "späť");
  const head = await fetch(rig.url, { method: "HEAD" });
  assertEquals([head.status, await head.text()], [418, ""]);
});

contract("sends events as they come, and cancels them when the reader leaves", async (rig) => {
  const isCancelled = Promise.withResolvers<void>();
  const { promise: isRead, resolve: goOn } = Promise.withResolvers<void>();
  rig.answer = () => {
    const events = new ReadableStream<Uint8Array>({
      start: (stream) => stream.enqueue(new TextEncoder().encode("data: 1\n\n")),
      pull: async (stream) => {
        await isRead;
        stream.enqueue(new TextEncoder().encode("data: 2\n\n"));
      },
      cancel: () => isCancelled.resolve(),
    });
    return new Response(events, { headers: { "content-type": "text/event-stream" } });
  };
  const response = await fetch(rig.url);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader?.read())?.value, "data: 1\n\n");
  goOn();
  assertStringIncludes((await reader?.read())?.value ?? "", "data: 2\n\n");
  await reader?.cancel();
  await isCancelled.promise;
});

contract("answers while a body still comes, and reads no more of it [D02]", async (rig) => {
  let pulled = 0;
  rig.answer = async ({ body }) => {
    const reader = body?.getReader();
    await reader?.read();
    await reader?.cancel();
    return new Response("enough", { status: 413 });
  };
  const body = new ReadableStream<Uint8Array>({
    pull: (stream) => {
      pulled += 100_000;
      stream.enqueue(new Uint8Array(100_000));
      if (pulled === 50_000_000) stream.close();
    },
  });
  const response = await fetch(rig.url, { method: "POST", body });
  assertEquals([response.status, await response.text()], [413, "enough"]);
  assert(pulled < 50_000_000);
});

contract("takes another request on a connection whose body no route wanted", async (rig) => {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: rig.listener.port });
  const request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
  for (let n = 0; n < 3; n++) {
    await connection.write(new TextEncoder().encode(request));
    assertEquals((await readResponse(connection)).status, 404);
  }
});

contract("goes on when a route throws", async (rig) => {
  rig.answer = () => {
    throw new Error("route");
  };
  await fetch(rig.url).then((response) => response.text(), () => {});
  rig.answer = () => new Response("fine");
  assertEquals(await (await fetch(rig.url)).text(), "fine");
});

contract("refuses a handshake with the route's own answer", async (rig) => {
  rig.answer = () => Response.json({ error: "no" }, { status: 403 });
  await assertRejects(() => rig.open("/other"), Error, "403");
  const { status, headers, body } = await sendRaw(rig.listener.port, {
    method: "GET",
    target: "/other",
    headers: {
      Host: "a",
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    },
  });
  assertEquals([status, headers.get("content-type")], [403, "application/json"]);
  assertEquals(body, '{"error":"no"}');
  assertEquals(rig.sockets, []);
});

contract("hands text and bytes over a socket, both ways and in order", async (rig) => {
  const peer = await rig.open();
  for (const data of ["späť", Uint8Array.of(1, 2, 255), ""]) peer.raw.send(data);
  await rig.until(() => rig.sockets[0]?.messages.length === 3);
  const [kept] = rig.sockets;
  const [text, bytes, empty] = kept?.messages ?? [];
  assertEquals([text, empty], ["späť", ""]);
  assert(bytes instanceof Uint8Array);
  assertEquals([...bytes], [1, 2, 255]);
  assertEquals(kept?.socket.readyState, 1);
  for (const data of ["ähm", Uint8Array.of(0, 9)]) kept?.socket.send(data);
  kept?.socket.close(4_001);
  kept?.socket.close(4_002);
  kept?.socket.send("too late");
  assertEquals(await peer.closed, 4_001);
  assertEquals(peer.messages, ["ähm", Uint8Array.of(0, 9)]);
  await rig.until(() => kept?.closes.length === 1);
  assertEquals(kept?.closes, [4_001]);
});

contract("says once how a peer left: with a code, without one, or without a word", async (rig) => {
  const leave: readonly ((peer: Awaited<ReturnType<ListenerRig["open"]>>) => void)[] = [
    (peer) => peer.raw.close(1000),
    (peer) => peer.raw.close(),
    (peer) => peer.raw.terminate(),
  ];
  for (const [n, go] of leave.entries()) {
    const peer = await rig.open();
    go(peer);
    await peer.closed;
    await rig.until(() => rig.sockets[n]?.closes.length === 1);
  }
  assertEquals(rig.sockets.map(({ closes }) => closes), [[1000], [1005], [1006]]);
});

contract("takes a message of 64 KiB and closes 1009 on a larger one [T09]", async (rig) => {
  const sizes = [MAX_MESSAGE_BYTES + 1, 1_048_576, 16_777_216];
  for (const [n, size] of sizes.entries()) {
    for (const large of ["x".repeat(size), new Uint8Array(size)]) {
      const peer = await rig.open();
      peer.raw.send(large.slice(0, MAX_MESSAGE_BYTES));
      peer.raw.send(large);
      assertEquals(await peer.closed, 1009, `${size} bytes, ${n}`);
      const kept = rig.sockets.at(-1);
      await rig.until(() => kept?.closes.length === 1);
      assertEquals(kept?.messages.map(({ length }) => length), [MAX_MESSAGE_BYTES]);
      assertEquals(kept?.closes, [1009]);
    }
  }
});

contract("ends a socket alone when its handler throws [P01]", async (rig) => {
  const fail = () => {
    throw new Error("handler");
  };
  const fine = await rig.open();
  const { handlers } = rig;
  for (const name of ["opened", "message"] as const) {
    rig.handlers = () => ({ ...handlers(), [name]: fail });
    const peer = await rig.open();
    peer.raw.send("anything");
    assertEquals(await peer.closed, 1011, name);
  }
  rig.handlers = () => ({ ...handlers(), closed: fail });
  const peer = await rig.open();
  await peer.drop();
  await rig.until(() => rig.logged.length === 3);
  for (const line of rig.logged) assertStringIncludes(line, "socket-handler-failed");
  fine.raw.send("still here");
  await rig.until(() => rig.sockets[0]?.messages.length === 1);
});

contract("tells how much a peer that does not read leaves unsent", async (rig) => {
  const peer = await rig.open();
  peer.raw.pause();
  const [kept] = rig.sockets;
  assert(kept);
  for (let n = 0; n < 500; n++) kept.socket.send("x".repeat(65_536));
  await rig.until(() => kept.socket.bufferedAmount > 0);
  assertGreater(kept.socket.bufferedAmount, 1_048_576);
  await peer.drop();
  await rig.until(() => kept.closes.length === 1);
});

contract("says that its port is taken", async (rig, listen) => {
  const { hostname, port } = rig.listener;
  const error: unknown = await Promise.resolve().then(() =>
    listen({ hostname, port, clock: systemClock, log: rig.log }, rig.answer)
  ).catch((error) => error);
  assert(error instanceof Error && "code" in error);
  assertEquals(error.code, "EADDRINUSE");
});

contract("stops to listen when it is closed, with nothing left open", async (rig) => {
  const peer = await rig.open();
  const { port, finished } = rig.listener;
  await rig.listener.close();
  await finished;
  await peer.closed;
  await assertRejects(() => Deno.connect({ hostname: "127.0.0.1", port }));
});
