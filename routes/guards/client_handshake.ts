/**
 * Who may open a client's socket: judged before anything is upgraded.
 *
 * @module
 */

import { isLoopback } from "../../lib/env.ts";
import { type ClientTickets, TICKET_PREFIX } from "../../lib/gateway/client_tickets.ts";
import { type ErrorAnswer, errorResponse } from "../answers.ts";
import { verifyIsHandshake } from "./handshake.ts";

const ORIGIN_FOREIGN: ErrorAnswer = {
  status: 403,
  code: "origin-foreign",
  message: "Cannot let client in: a page of another origin asks, or one that does not say its own",
};
const QUERY_UNEXPECTED: ErrorAnswer = {
  status: 400,
  code: "query-unexpected",
  message: "Cannot let client in: this address takes no query, and is no place for a secret",
};
const TICKET_INVALID: ErrorAnswer = {
  status: 401,
  code: "ticket-invalid",
  message: "Cannot let client in: its ticket was used, is too old, or never was",
};

const NO_URL = { protocol: "", host: "", hostname: "" };

/** By what a client is judged. */
export interface ClientAccess {
  /** The raw request target. */
  readonly target: string;
  /** Origin of our own pages, no slash at its end. */
  readonly publicOrigin: string;
  /** Takes tickets back. */
  readonly tickets: ClientTickets;
  /** The answer that refuses whoever has neither the token nor comes directly from this machine, or nothing. */
  readonly verify: (request: Request) => Response | undefined;
}

/**
 * Lets a client in that has a ticket, the console token, or comes directly from this machine; and no page but our own.
 * A browser sends its cookies whatever page asks, so a request with cookies must name its origin.
 *
 * @returns The answer that refuses it, or nothing
 */
export function verifyClient(request: Request, access: ClientAccess): Response | undefined {
  const { headers } = request;
  const { target, publicOrigin, tickets, verify } = access;
  const origin = headers.get("origin");
  if (origin === null && headers.has("cookie")) return errorResponse(ORIGIN_FOREIGN);
  if (origin !== null && origin !== publicOrigin && !isLocal(origin, headers)) {
    return errorResponse(ORIGIN_FOREIGN);
  }
  if (target.includes("?")) return errorResponse(QUERY_UNEXPECTED);
  const ticket = ticketOf(headers);
  if (ticket === undefined) return verify(request) ?? verifyIsHandshake(request);
  if (!tickets.redeem(ticket)) return errorResponse(TICKET_INVALID);
  return verifyIsHandshake(request);
}

/** A page that this machine has from this machine. */
function isLocal(origin: string, headers: Headers): boolean {
  const { protocol, host, hostname } = URL.canParse(origin) ? new URL(origin) : NO_URL;
  return protocol === "http:" && isLoopback(hostname) && host === headers.get("host");
}

function ticketOf(headers: Headers): string | undefined {
  const protocols = (headers.get("sec-websocket-protocol") ?? "").split(",");
  return protocols.map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(TICKET_PREFIX))?.slice(TICKET_PREFIX.length);
}
