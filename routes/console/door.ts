/**
 * Who sees a page of the console, and how somebody comes in.
 *
 * @module
 */

import type { Clock } from "../../lib/clock.ts";
import { errorResponse } from "../answers.ts";
import type { ConsoleGuard } from "../guards/console_guard.ts";
import type { Connection } from "../listeners/listener.ts";
import { answerNotLocalPage, answerSignIn, answerSignInPage, answerSignOut } from "./sign_in.ts";

/** A request and the way it came. */
export interface Visit {
  /** The request. */
  readonly request: Request;
  /** Its connection. */
  readonly connection: Connection;
}

/** The door of the console. */
export class ConsoleDoor {
  readonly #guard: ConsoleGuard;
  readonly #clock: Clock;

  /** Opens by a guard. */
  constructor(options: { guard: ConsoleGuard; clock: Clock }) {
    this.#guard = options.guard;
    this.#clock = options.clock;
  }

  /** Whether people sign in, and so can sign out. */
  get hasLock(): boolean {
    return this.#guard.sessions !== undefined;
  }

  /** A page, or in place of one that may not be seen the way in, if there is one. */
  async page(
    { request, connection }: Visit,
    answer: () => Response | Promise<Response>,
  ): Promise<Response> {
    const refusal = this.#guard.verify(request, connection);
    if (!refusal) return await answer();
    if (refusal.status === 401) return await answerSignInPage(new URL(request.url).pathname);
    return this.#guard.token === undefined ? await answerNotLocalPage() : refusal;
  }

  /** `POST /sign-in`. */
  async signIn({ request, connection }: Visit): Promise<Response> {
    const { token, sessions } = this.#guard;
    if (token === undefined || !sessions) return noLock();
    return this.#guard.verifyOwnForm(request, connection) ??
      await answerSignIn(request, { token, sessions, clock: this.#clock });
  }

  /** `POST /sign-out`. */
  signOut({ request, connection }: Visit): Response {
    const { sessions } = this.#guard;
    if (!sessions) return noLock();
    return this.#guard.verifyOwnForm(request, connection) ?? answerSignOut(sessions);
  }
}

function noLock(): Response {
  return errorResponse({
    status: 404,
    code: "not-found",
    message: "Cannot sign in or out: the server has no CONSOLE_TOKEN",
  });
}
