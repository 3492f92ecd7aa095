/**
 * `/api/gemini`: the model for programs and pages, by JSON over a WebSocket.
 *
 * @module
 */

import type { ClientDesk } from "../lib/gateway/client_desk.ts";
import { ClientSocket } from "../lib/gateway/client_socket.ts";
import { ClientTickets, TICKET_PREFIX, TICKET_SECONDS } from "../lib/gateway/client_tickets.ts";
import { PROTOCOL_VERSION } from "../lib/gateway/server_messages.ts";
import type { Clock } from "../lib/clock.ts";
import type { Ids } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import { type ErrorAnswer, errorResponse } from "./answers.ts";
import { verifyClient } from "./guards/client_handshake.ts";
import type { SocketHandlers } from "./listeners/listener.ts";

/** Where clients open their sockets. */
export const CLIENT_SOCKET_PATH = "/api/gemini/ws";

/** What a page gets before it opens a socket. */
export interface TicketAnswer {
  /** Where the socket is. */
  readonly path: string;
  /** The sub-protocols to ask for, in this order: ours, and the ticket. */
  readonly protocols: readonly string[];
  /** How long the ticket is good, once. */
  readonly seconds: number;
}

const REFUSALS: Readonly<Record<NonNullable<ReturnType<ClientDesk["obstacleTo"]>>, ErrorAnswer>> = {
  "too-many-of-address": {
    status: 429,
    code: "too-many-of-address",
    message: "Cannot let client in: there are too many sockets of this address",
  },
  "too-many-pending": {
    status: 503,
    code: "too-many-pending",
    message: "Cannot let client in: too many are just coming in",
  },
};
const NOT_READY: ErrorAnswer = {
  status: 503,
  code: "not-ready",
  message: "Cannot let client in: the server takes nobody at the moment",
};

const SPENT: ErrorAnswer = {
  status: 503,
  code: "spent",
  message: "Cannot let client in: what calls may cost in a day is spent",
};

/** What the gateway needs. */
export interface ClientGatewayDeps {
  /** Where conversations are held. */
  readonly clients: ClientDesk;
  /** Origin of our own pages, no slash at its end. */
  readonly publicOrigin: string;
  /** Whether all that may be spent today was. */
  readonly isSpent: () => Promise<boolean>;
  /** Why nobody new is taken now, if so. */
  readonly obstacle: () => "draining" | "overloaded" | undefined;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Makes tickets. */
  readonly ids: Ids;
  /** Where it is told of. */
  readonly log: Log;
}

/** Lets clients in. */
export class ClientGateway {
  readonly #deps: ClientGatewayDeps;
  readonly #tickets: ClientTickets;

  /** Has let in nobody. */
  constructor(deps: ClientGatewayDeps) {
    this.#deps = deps;
    this.#tickets = new ClientTickets(deps);
  }

  /**
   * Judges a handshake.
   *
   * @param verify The answer that refuses whoever may not use console and API, or nothing
   * @returns The answer that refuses it, or nothing
   */
  async refuse(
    request: Request,
    { target, peerAddress }: { target: string; peerAddress: string },
    verify: (request: Request) => Response | undefined,
  ): Promise<Response | undefined> {
    const { clients, publicOrigin, isSpent, obstacle } = this.#deps;
    const tickets = this.#tickets;
    const refusal = verifyClient(request, { target, publicOrigin, tickets, verify });
    if (refusal) return refusal;
    if (await isSpent()) return errorResponse(SPENT);
    if (obstacle() !== undefined) return errorResponse(NOT_READY);
    const why = clients.obstacleTo(peerAddress);
    return why === undefined ? undefined : errorResponse(REFUSALS[why]);
  }

  /** The handlers of one socket that was let in. */
  handlers(address: string): SocketHandlers {
    const { clients: desk, clock, log } = this.#deps;
    let client: ClientSocket | undefined;
    return {
      opened: (socket) => void (client = new ClientSocket(socket, { desk, address, clock, log })),
      message: (data) => client?.message(data),
      closed: (code) => client?.closed(code),
    };
  }

  /** `POST /api/gemini/tickets`: lets a page open one socket. */
  answerTicket(): Response {
    const answer: TicketAnswer = {
      path: CLIENT_SOCKET_PATH,
      protocols: [`offhook.v${PROTOCOL_VERSION}`, TICKET_PREFIX + this.#tickets.issue()],
      seconds: TICKET_SECONDS,
    };
    return Response.json(answer, { status: 201, headers: { "cache-control": "no-store" } });
  }
}
