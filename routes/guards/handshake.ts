/**
 * Whether a request asks for a WebSocket, by RFC 6455, so that whatever accepts it finds nothing to refuse.
 *
 * @module
 */

import { errorResponse } from "../answers.ts";

/** 16 bytes in base64. */
const SOCKET_KEY = /^[A-Za-z0-9+/]{22}==$/;

/** The answer to a request that is no handshake, or nothing. HEAD runs by the same routes as GET. */
export function verifyIsHandshake({ method, headers }: Request): Response | undefined {
  const isHandshake = method === "GET" &&
    headers.get("upgrade")?.toLowerCase() === "websocket" &&
    /(^|,)\s*upgrade\s*(,|$)/i.test(headers.get("connection") ?? "") &&
    headers.get("sec-websocket-version") === "13" &&
    SOCKET_KEY.test(headers.get("sec-websocket-key") ?? "");
  if (isHandshake) return undefined;
  return errorResponse({
    status: 426,
    code: "websocket-expected",
    message: "Cannot answer: this route is a WebSocket",
  });
}
