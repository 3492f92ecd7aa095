/**
 * Lets people and their scripts in: with the console token, or from this machine alone.
 *
 * @module
 */

import { type ErrorAnswer, errorResponse } from "../answers.ts";
import { type ConsoleSessions, isSame } from "./console_session.ts";

const LOOPBACK_ADDRESS = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
/** How headers begin by which proxies and tunnels say that they pass a request on. */
const FORWARDING = [
  ...["forwarded", "via", "x-forwarded", "x-original", "x-real-ip", "x-client-ip", "x-proxy"],
  ...["x-cluster-client-ip", "x-envoy-", "true-client-ip", "client-ip", "cf-", "cdn-", "fly-"],
  ...["fastly-", "ngrok-", "tailscale-"],
];

const NOT_LOCAL: ErrorAnswer = {
  status: 403,
  code: "not-local",
  message: "Cannot let request in: it does not come directly from this machine; " +
    "set CONSOLE_TOKEN and send it as a Bearer token",
};
const TOKEN_INVALID: ErrorAnswer = {
  status: 401,
  code: "token-invalid",
  message: "Cannot let request in: it does not carry the console token as a Bearer token",
};
const ORIGIN_FOREIGN: ErrorAnswer = {
  status: 403,
  code: "origin-foreign",
  message: "Cannot let request in: a page of another origin sent it",
};

/** By what people are let in. */
export interface ConsoleAccess {
  /** The console's token, if one is set. */
  readonly token: string | undefined;
  /** Who has signed in with it; only with a token. */
  readonly sessions?: ConsoleSessions | undefined;
  /** The origin of our own pages, beside the direct one on this machine. */
  readonly publicOrigin?: string | undefined;
  /** The other end of the connection, if it is known. */
  readonly peerAddress: string | undefined;
}

/**
 * With a token set, requests pass that carry it as `Authorization: Bearer`, and those of a browser that has signed in
 * with it. A browser sends its cookie whatever page asks: so the page's origin must be ours, and whatever does more
 * than read must name it.
 *
 * Without one only direct requests from this machine pass: peer and `Host` are loopback, nothing forwarded it, and no
 * page of another origin sent it. A tunnel makes everyone look local, so a single trace of one is enough to refuse.
 *
 * @returns The answer that refuses the request, or nothing
 */
export function verifyLocalOrToken(request: Request, access: ConsoleAccess): Response | undefined {
  const { token, sessions, peerAddress } = access;
  const { headers } = request;
  if (!token) return isDirect(headers, peerAddress) ? undefined : errorResponse(NOT_LOCAL);
  const given = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  if (given !== undefined && isSame(given, token)) return undefined;
  if (given === undefined && sessions?.isOpen(headers)) {
    const isSafe = headers.get("origin") === null && isReading(request);
    return isSafe || isFromOwnPage(request, access) ? undefined : errorResponse(ORIGIN_FOREIGN);
  }
  const refusal = errorResponse(TOKEN_INVALID);
  refusal.headers.set("www-authenticate", "Bearer");
  return refusal;
}

/** Whether a page of our own sent a request, as its browser says. */
export function isFromOwnPage(
  { headers }: Request,
  { publicOrigin, peerAddress }: Pick<ConsoleAccess, "publicOrigin" | "peerAddress">,
): boolean {
  const origin = headers.get("origin");
  if (origin === null) return false;
  return origin === publicOrigin || isDirect(headers, peerAddress);
}

/** Whether a request changes nothing and opens nothing. */
function isReading({ method, headers }: Request): boolean {
  return (method === "GET" || method === "HEAD") && !headers.has("upgrade");
}

function isDirect(headers: Headers, peerAddress = ""): boolean {
  const host = headers.get("host") ?? "";
  const origin = headers.get("origin");
  return LOOPBACK_ADDRESS.test(peerAddress) &&
    LOOPBACK_HOST.test(host) &&
    (origin === null || origin === `http://${host}`) &&
    ![...headers.keys()].some((name) => FORWARDING.some((start) => name.startsWith(start)));
}
