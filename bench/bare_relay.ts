/**
 * The least a telephone relay can do, as a control: takes a media stream, hands each payload to the model's socket and
 * each answer's payload back, as JSON, unheard and unchanged. No signature, no resampling, no hearing, no pacing.
 * Its model answers every frame with as many bytes as 20 ms of speech at 24 kHz have.
 *
 * @module
 */

// @ts-types="@types/ws"
import { WebSocket, WebSocketServer } from "ws";

/** Base64 of 20 ms of 24 kHz audio. */
const ANSWER = new Uint8Array(960).toBase64();

const model = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
model.on("connection", (socket) => {
  socket.on("message", () => {
    socket.send(JSON.stringify({ serverContent: { modelTurn: { parts: [{ data: ANSWER }] } } }));
  });
});
await new Promise((resolve) => model.once("listening", resolve));
const { port: modelPort } = model.address() as { port: number };

const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
  if (request.headers.get("upgrade") !== "websocket") {
    const stream = new URL(request.url).searchParams.get("stream");
    const twiml = `<Response><Connect><Stream url="${stream}"/></Connect></Response>`;
    return new Response(twiml, { headers: { "content-type": "text/xml" } });
  }
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  relay(socket);
  return response;
});

function relay(line: globalThis.WebSocket): void {
  const link = new WebSocket(`ws://127.0.0.1:${modelPort}`, { perMessageDeflate: false });
  let streamSid = "";
  line.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.event === "start") streamSid = message.streamSid;
    if (message.event !== "media" || link.readyState !== WebSocket.OPEN) return;
    const audio = { data: message.media.payload, mimeType: "audio/pcm;rate=16000" };
    link.send(JSON.stringify({ realtimeInput: { audio } }));
  };
  link.on("message", (data) => {
    const { serverContent } = JSON.parse(String(data));
    const payload = serverContent.modelTurn.parts[0].data.slice(0, 216);
    if (line.readyState !== globalThis.WebSocket.OPEN) return;
    line.send(JSON.stringify({ event: "media", streamSid, media: { payload } }));
  });
  line.onclose = () => link.terminate();
  link.on("error", () => line.close());
}

Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify({ port: server.addr.port })}\n`));
