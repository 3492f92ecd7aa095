/**
 * The one guard of console, API and sockets of people: who is let in, by the settings of this server.
 *
 * @module
 */

import type { Clock } from "../../lib/clock.ts";
import type { Ids } from "../../lib/ids.ts";
import { errorResponse } from "../answers.ts";
import { ConsoleSessions } from "./console_session.ts";
import { isFromOwnPage, verifyLocalOrToken } from "./local_or_token.ts";

/** Who sends a request, as far as its connection tells. */
export interface Peer {
  /** Address of the other end. */
  readonly peerAddress: string;
}

/** Lets people in. */
export class ConsoleGuard {
  /** The token, where one is set. */
  readonly token: string | undefined;
  /** Who has signed in; only with a token. */
  readonly sessions: ConsoleSessions | undefined;
  readonly #publicOrigin: string;

  /**
   * Guards by a token, or for this machine alone.
   *
   * @param options `publicOrigin` is the origin of our own pages
   */
  constructor(
    options: { token: string | undefined; publicOrigin: string; clock: Clock; ids: Ids },
  ) {
    const { token, publicOrigin, clock, ids } = options;
    const isSecure = publicOrigin.startsWith("https:");
    this.token = token || undefined;
    this.sessions = token ? new ConsoleSessions({ token, clock, ids, isSecure }) : undefined;
    this.#publicOrigin = new URL(publicOrigin).origin;
  }

  /** The answer that refuses a request, or nothing. */
  verify(request: Request, { peerAddress }: Peer): Response | undefined {
    const { token, sessions } = this;
    const publicOrigin = this.#publicOrigin;
    return verifyLocalOrToken(request, { token, sessions, publicOrigin, peerAddress });
  }

  /** The answer that refuses a form that no page of ours has sent, or nothing. */
  verifyOwnForm(request: Request, { peerAddress }: Peer): Response | undefined {
    const publicOrigin = this.#publicOrigin;
    if (isFromOwnPage(request, { publicOrigin, peerAddress })) return undefined;
    return errorResponse({
      status: 403,
      code: "origin-foreign",
      message: "Cannot accept form: no page of this server sent it",
    });
  }
}

/** The answer that refuses an order that is not JSON, or nothing: no page of another site can send such a one. */
export function verifyJson({ headers }: Request): Response | undefined {
  if (/^application\/json\s*(;|$)/i.test(headers.get("content-type") ?? "")) return undefined;
  return errorResponse({
    status: 415,
    code: "json-expected",
    message: "Cannot accept order: the body is not application/json",
  });
}
