import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { untilEnded, wait } from "../../emulators/caller_script.ts";
import { signTwilioRequest } from "../../emulators/twilio_signature.ts";
import { PhoneLine } from "../../emulators/phone_line.ts";
import { ACCOUNT_SID, AUTH_TOKEN, Rig } from "./phone_server.ts";

/** A server whose sockets do what `behave` says after the handshake, or instead of it. */
async function withSocketServer(
  behave: (socket: Duplex, accept: () => void) => void,
  test: (url: string) => Promise<void>,
) {
  const server = createServer();
  const closed: Promise<void>[] = [];
  server.on("upgrade", (request, socket) => {
    closed.push(new Promise((resolve) => socket.once("close", () => resolve())));
    socket.on("error", () => {}).on("end", () => socket.end());
    socket.resume();
    behave(socket, () => {
      const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" +
          `sec-websocket-accept: ${createHash("sha1").update(key).digest("base64")}\r\n\r\n`,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await test(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    await Promise.all(closed);
    await new Promise((resolve) => server.close(resolve));
  }
}

const BROKEN: readonly [
  what: string,
  behave: (socket: Duplex, accept: () => void) => void,
  code: number,
][] = [
  ["never answers the handshake", () => {}, 31901],
  [
    "answers the handshake with something else",
    (socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"),
    31920,
  ],
  ["cuts the handshake", (socket) => socket.destroy(), 31920],
  ["cuts the connection", (socket, accept) => {
    accept();
    setTimeout(() => socket.destroy(), 20);
  }, 31903],
  ["sends a frame of a reserved kind", (socket, accept) => {
    accept();
    socket.write(Uint8Array.of(0x83, 0));
  }, 31924],
  ["sends a control frame in pieces", (socket, accept) => {
    accept();
    socket.write(Uint8Array.of(0x09, 0));
  }, 31924],
  ["sends text that is not UTF-8", (socket, accept) => {
    accept();
    socket.write(Uint8Array.of(0x81, 1, 0xff));
  }, 31924],
];

for (const [what, behave, code] of BROKEN) {
  Deno.test(`the debugger says ${code} of a server that ${what}, and the next verb runs`, async () => {
    await withSocketServer(behave, async (url) => {
      const twiml =
        `<Response><Connect><Stream url="${url}"/></Connect><Say>Sorry</Say></Response>`;
      await using rig = await Rig.start({ twiml }, { factor: 50 });
      const report = await rig.dial([untilEnded()]).ended;
      assertEquals(report.warnings.map((warning) => warning.code), [code]);
      assertEquals(report.spoken.map(({ text }) => text), ["Sorry"]);
    });
  });
}

Deno.test("the line finds a public origin where `address` says, and signs what is written", async () => {
  await using rig = await Rig.start({});
  const line = new PhoneLine({
    clock: rig.clock,
    accountSid: ACCOUNT_SID,
    authToken: AUTH_TOKEN,
    address: (url) =>
      url.replace(
        /^(http|ws)s:\/\/voice\.example\.com/,
        (_, scheme) => rig.origin.replace("http", scheme),
      ),
  });
  const voiceUrl = "https://voice.example.com/voice";
  const { from, to } = { from: "+15550001111", to: "+15550002222" };
  const report = await line.dial({ voiceUrl, from, to, script: [wait(60)] }).ended;
  assertEquals(report.warnings, []);
  const [came] = rig.requests;
  assertEquals(
    came?.headers.get("x-twilio-signature"),
    signTwilioRequest(AUTH_TOKEN, { url: voiceUrl, parameters: came?.form ?? [] }),
  );
  assertEquals(
    rig.streams[0]?.headers.get("x-twilio-signature"),
    signTwilioRequest(AUTH_TOKEN, { url: "wss://voice.example.com/media" }),
  );
});
