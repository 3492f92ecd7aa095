/** What `node:http` and `ws` do beyond the contract: they hold what a peer does not finish within bounds. */
import { assertEquals, assertFalse, assertLessOrEqual } from "@std/assert";
import { sleep, systemClock } from "../../../lib/clock.ts";
import { listenOnNode } from "../../../routes/listeners/node_listener.ts";
import { sign } from "../../support/sign.ts";
import { ServedApp, VOICE_FORM } from "../served_app.ts";
import { ListenerRig } from "./listener_rig.ts";

const UNFINISHED = { fin: false };
const TOO_LARGE = 1009;
const POLICY_VIOLATION = 1008;

Deno.test("listenOnNode() closes a socket on fragments that are too large together [D03]", async () => {
  await using rig = await ListenerRig.start(listenOnNode);
  const peer = await rig.open();
  for (let n = 0; n < 64; n++) peer.raw.send("x".repeat(1_024), UNFINISHED);
  peer.raw.send("x", UNFINISHED);
  assertEquals(await peer.closed, TOO_LARGE);
  const [kept] = rig.sockets;
  await rig.until(() => kept?.closes.length === 1);
  assertEquals([kept?.messages, kept?.closes], [[], [TOO_LARGE]]);
});

Deno.test("listenOnNode() takes 1,024 fragments and closes a socket on one more [D03]", async () => {
  await using rig = await ListenerRig.start(listenOnNode);
  const peer = await rig.open();
  for (let n = 1; n <= 1_024; n++) peer.raw.send("x", { fin: n === 1_024 });
  for (let n = 1; n <= 1_025; n++) peer.raw.send("y", UNFINISHED);
  assertEquals(await peer.closed, POLICY_VIOLATION);
  await rig.until(() => rig.sockets[0]?.closes.length === 1);
  assertEquals(rig.sockets[0]?.messages, ["x".repeat(1_024)]);
});

Deno.test("listenOnNode() hands nothing over that stands behind a message that is too large [T09]", async () => {
  await using rig = await ListenerRig.start(listenOnNode);
  const peer = await rig.open();
  for (const text of ["before", "x".repeat(65_537), "behind"]) peer.raw.send(text);
  assertEquals(await peer.closed, TOO_LARGE);
  await rig.until(() => rig.sockets[0]?.closes.length === 1);
  assertEquals(rig.sockets[0]?.messages, ["before"]);
});

Deno.test("listenOnNode() lets go of a socket whose peer does not answer the close", async () => {
  await using rig = await ListenerRig.start(listenOnNode);
  const peer = await rig.open();
  peer.raw.pause();
  rig.sockets[0]?.socket.close(1000);
  await rig.until(() => rig.sockets[0]?.closes.length === 1);
  assertEquals(rig.sockets[0]?.closes, [1006]);
  peer.raw.resume();
});

Deno.test("listenOnNode() cuts requests that were half sent within 15 s [D01]", async () => {
  await using rig = await ListenerRig.start(listenOnNode);
  const whole = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const sent = [
    "",
    "GET / HTTP/1.1\r\nHos",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",
    whole,
    `${whole}GET / HTTP/1.1\r\n`,
  ];
  const startedAtMs = performance.now();
  const answers = await Promise.all(sent.map(async (text) => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: rig.listener.port });
    await connection.write(new TextEncoder().encode(text));
    return await readToEnd(connection);
  }));
  assertLessOrEqual(performance.now() - startedAtMs, 15_000);
  const statuses = answers.map((answer) => answer.slice("HTTP/1.1 ".length).slice(0, 3));
  assertEquals(statuses, ["400", "400", "404", "404", "404"]);
});

async function readToEnd(connection: Deno.Conn): Promise<string> {
  let text = "";
  for await (const piece of connection.readable.pipeThrough(new TextDecoderStream())) text += piece;
  return text;
}

Deno.test("a peer that leaves in the middle of its request is no error of ours", async () => {
  await using app = await ServedApp.start();
  const body = new URLSearchParams(VOICE_FORM).toString();
  const signature = sign("https://phone.example.com/twilio/voice", VOICE_FORM);
  for (let n = 0; n < 10; n++) {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: app.port });
    const head = "POST /twilio/voice HTTP/1.1\r\nHost: a\r\n" +
      `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n` +
      `X-Twilio-Signature: ${signature}\r\n\r\n`;
    await connection.write(new TextEncoder().encode(head + body.slice(0, 30 * n)));
  }
  assertEquals((await app.post("/twilio/voice", VOICE_FORM)).status, 200);
  assertEquals(app.logged.filter((line) => line.includes('"level":"error"')), []);
});

Deno.test("listenOnNode() cuts the connection of a reader who takes nothing when its events break off [W05]", async () => {
  await using rig = await ListenerRig.start(listenOnNode);
  let events: ReadableStreamDefaultController<Uint8Array> | undefined;
  let pulls = 0;
  rig.answer = () => {
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => void (events = stream),
      pull: (stream) => {
        pulls++;
        stream.enqueue(new Uint8Array(1_000_000));
      },
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: rig.listener.port });
  const say = (text: string) => connection.write(new TextEncoder().encode(text));
  await say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  let seen = 0;
  await rig.until(() => pulls > 0);
  while (seen !== pulls) {
    seen = pulls;
    await sleep(systemClock, 100);
  }
  events?.error(new Error("the reader takes none"));
  // Nothing is read here: only a connection that was cut refuses what is said on it.
  let isOpen = true;
  for (let tries = 0; isOpen && tries < 100; tries++) {
    isOpen = await say("\r\n").then(() => true, () => false);
    await sleep(systemClock, 10);
  }
  assertFalse(isOpen);
  assertEquals(rig.logged, []);
});
