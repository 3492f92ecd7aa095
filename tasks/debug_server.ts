/**
 * The gateway's debug page on a port of its own, for a server elsewhere, or one that has no such page because it serves
 * the public. It answers this machine alone, passes frames on as they are, and holds the token so that the page need not.
 *
 * @module
 */

import { systemClock } from "../lib/clock.ts";
import WebSocket from "ws";
import type { Log } from "../lib/log.ts";
import { errorResponse } from "../routes/answers.ts";
import { CLIENT_SOCKET_PATH } from "../routes/client_gateway.ts";
import { answerDebugFile } from "../routes/gateway_debug_page.ts";
import { verifyLocalOrToken } from "../routes/guards/local_or_token.ts";
import type {
  Answer,
  Listener,
  ServerSocket,
  SocketHandlers,
} from "../routes/listeners/listener.ts";
import { listenOnNode } from "../routes/listeners/node_listener.ts";

/** What a debug server needs. */
export interface DebugServerOptions {
  /** Where the gateway is, `ws` or `wss`. */
  readonly gateway: string;
  /** The console token of that server, where it has one. */
  readonly token: string | undefined;
  /** Where the page is; 0 takes a free port. */
  readonly port: number;
  /** Is told what goes wrong. */
  readonly log: Log;
}

const SUB_PROTOCOL = "offhook.v1";
const FILES = "/static/gateway/";
/** What is said before the gateway is reached waits. */
const MOST_WAITING = 100;
/** What a socket reports and cannot say: the other side gave no code, or just went away. */
const SAID_AS: Readonly<Record<number, number>> = { 1005: 1000, 1006: 1013 };

/**
 * Starts it.
 *
 * @returns What listens; it is closed by its owner
 */
export async function startDebugServer(options: DebugServerOptions): Promise<Listener> {
  const { port, log } = options;
  const place = { hostname: "127.0.0.1", port, clock: systemClock, log };
  return await listenOnNode(place, answerOf(options));
}

function answerOf(options: DebugServerOptions): Answer {
  return async (request, { target, peerAddress, accept }) => {
    const refusal = verifyLocalOrToken(request, { token: undefined, peerAddress });
    if (refusal) return refusal;
    const route = `${request.method} ${target}`;
    if (route === `GET ${CLIENT_SOCKET_PATH}`) {
      return accept(passedOn(options), { takesLarge: true });
    }
    if (route === "POST /api/gemini/tickets") {
      const protocols = [SUB_PROTOCOL];
      return Response.json({ path: CLIENT_SOCKET_PATH, protocols, seconds: 30 }, { status: 201 });
    }
    if (route === "GET /") return await answerDebugFile("debug.html");
    if (route.startsWith(`GET ${FILES}`)) return await answerDebugFile(target.slice(FILES.length));
    return errorResponse({ status: 404, code: "not-found", message: "Cannot find this route" });
  };
}

/** A socket of the page, and one of the gateway behind it; each ends with the other. */
function passedOn({ gateway, token }: DebugServerOptions): SocketHandlers {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const behind = new WebSocket(gateway, { headers });
  const waiting: string[] = [];
  let page: ServerSocket | undefined;
  behind.on("open", () => waiting.splice(0).forEach((frame) => behind.send(frame)));
  behind.on("message", (data) => page?.send(String(data)));
  behind.on("error", ({ message }) => page?.send(troubleOf(message)));
  behind.on("close", (code) => page?.close(SAID_AS[code] ?? code));
  return {
    opened: (socket) => void (page = socket),
    message(data) {
      const frame = String(data);
      if (behind.readyState === WebSocket.OPEN) behind.send(frame);
      else if (waiting.length < MOST_WAITING) waiting.push(frame);
    },
    closed: () => behind.close(),
  };
}

function troubleOf(why: string): string {
  return JSON.stringify({ type: "error", code: "gateway-unreachable", message: why });
}
