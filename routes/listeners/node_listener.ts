/**
 * `node:http` with `ws`: a message that is too large is refused by its length, before it is read; unfinished ones are
 * bounded; half a request is cut.
 *
 * @module
 */

import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { nextTick } from "node:process";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import type { Log } from "../../lib/log.ts";
import { rawTarget } from "../../lib/twilio/signature.ts";
import {
  type AcceptOptions,
  type Answer,
  behindWall,
  type Connection,
  type Listener,
  type ListenerPlace,
  MAX_LARGE_MESSAGE_BYTES,
  MAX_MESSAGE_BYTES,
  type SocketHandlers,
  TOO_LARGE,
} from "./listener.ts";
import { sendAnswer, toRequest } from "./node_exchange.ts";
import { PendingConnections } from "./pending_connections.ts";

const WENT_AWAY = 1006;
const GOING_AWAY = 1001;
const BAD_REQUEST = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/** Half a request is cut, also one that follows a whole one: for that the runtime counts it as idle. */
const HTTP_LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 8_000,
};

/** By size alone, 65,536 fragments of one byte may wait, and hold 20 MB: nobody who means well needs so many. */
const SOCKET_LIMITS: ServerOptions & Readonly<Record<string, unknown>> = {
  noServer: true,
  maxFragments: 1_024,
  maxBufferedChunks: 1_024,
  closeTimeout: 2_000,
  perMessageDeflate: false,
};

/** Listens by `node:http`. */
export async function listenOnNode(
  { hostname, port, clock, log }: ListenerPlace,
  answer: Answer,
): Promise<Listener> {
  const sockets = new WebSocketServer({ ...SOCKET_LIMITS, maxPayload: MAX_MESSAGE_BYTES });
  const large = new WebSocketServer({ ...SOCKET_LIMITS, maxPayload: MAX_LARGE_MESSAGE_BYTES });
  const server = createServer(HTTP_LIMITS);
  const finished = new Promise<void>((resolve) => server.once("close", resolve));
  const exchanges = new WeakMap<Duplex, Promise<void>>();
  const pending = new PendingConnections(clock);
  server.on("connection", (socket) => {
    pending.opened(socket, socket.remoteAddress ?? "");
    socket.once("close", () => pending.settled(socket));
  });
  server.on("request", (message, response) => {
    pending.settled(message.socket);
    exchanges.set(message.socket, exchange(message, response, { answer, log }));
  });
  server.on("clientError", async (_error, socket) => {
    // What came whole before it is answered first.
    await exchanges.get(socket);
    socket.end(BAD_REQUEST, () => socket.destroy());
  });
  server.on(
    "upgrade",
    (message, socket: Socket, head) => {
      pending.settled(socket);
      upgrade(message, { socket, head, sockets, large, answer, log });
    },
  );
  const address = await listening(server, { host: hostname, port });
  server.on("error", (error) => log.error("listener-failed", { error }));
  return {
    hostname: address.address,
    port: address.port,
    finished,
    close: async () => {
      for (const socket of [...sockets.clients, ...large.clients]) socket.close(GOING_AWAY);
      pending.close();
      server.close();
      server.closeAllConnections();
      await finished;
    },
  };
}

function listening(server: Server, at: { host: string; port: number }): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, () => {
      server.off("error", reject);
      const address = server.address();
      if (address && typeof address === "object") resolve(address);
      else reject(new TypeError("Cannot listen: the address is none of a network"));
    });
  });
}

/** Answers a request. Never rejects: nobody waits for it. */
async function exchange(
  message: IncomingMessage,
  response: ServerResponse,
  { answer, log }: { answer: Answer; log: Log },
): Promise<void> {
  try {
    const accept = () => new Response(null, { status: 426 });
    await sendAnswer(await answer(toRequest(message), { ...placeOf(message), accept }), response);
  } catch (error) {
    // A peer that leaves in the middle is not worth a line.
    if (!message.socket.destroyed) log.error("request-failed", { error });
    message.socket.destroy();
  }
}

/** Answers a handshake: a socket if the route accepts it, or else the route's refusal. Never rejects. */
async function upgrade(
  message: IncomingMessage,
  { socket, head, sockets, large, answer, log }: {
    socket: Socket;
    head: Buffer;
    sockets: WebSocketServer;
    large: WebSocketServer;
    answer: Answer;
    log: Log;
  },
): Promise<void> {
  socket.on("error", () => socket.destroy());
  try {
    let accepted: AcceptOptions & { handlers: SocketHandlers; response: Response } | undefined;
    const accept = (handlers: SocketHandlers, options: AcceptOptions = {}) => {
      accepted = { ...options, handlers, response: new Response(null) };
      return accepted.response;
    };
    const given = await answer(toRequest(message), { ...placeOf(message), accept });
    if (given === accepted?.response) {
      const { handlers, takesLarge } = accepted;
      const taker = takesLarge ? large : sockets;
      return taker.handleUpgrade(message, socket, head, (ws) => attach(ws, handlers, log));
    }
    const response = new ServerResponse(message);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    await sendAnswer(given, response);
    socket.destroySoon();
  } catch (error) {
    if (!socket.destroyed) log.error("request-failed", { error });
    socket.destroy();
  }
}

function placeOf({ url = "", socket }: IncomingMessage): Omit<Connection, "accept"> {
  return { target: rawTarget(url), peerAddress: socket.remoteAddress ?? "" };
}

function attach(socket: WebSocket, handlers: SocketHandlers, log: Log): void {
  const handled = behindWall(handlers, { socket, log });
  socket.on("message", (data: Buffer<ArrayBuffer>, isBinary) => {
    handled.message(isBinary ? data : data.toString());
  });
  // After this `ws` closes the socket by itself. It would read on for the close frame that may come behind hundreds of
  // megabytes, and leave them to the garbage collector: rather nothing is read until its time-out.
  socket.on("error", (error) => {
    handled.closed(isTooLarge(error) ? TOO_LARGE : WENT_AWAY);
    nextTick(() => socket.pause());
  });
  socket.on("close", (code) => handled.closed(code));
  handled.opened();
}

function isTooLarge(error: Error): boolean {
  return "code" in error && error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
}
