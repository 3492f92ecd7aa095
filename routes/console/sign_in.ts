/**
 * Signing in: the token goes in once, a cookie that is made from it comes out.
 *
 * @module
 */

import { html } from "hono/html";
import type { Clock } from "../../lib/clock.ts";
import { type ConsoleSessions, isSame } from "../guards/console_session.ts";
import { readBody } from "../guards/request_body.ts";
import { pageResponse } from "./layout.ts";

const MAX_BYTES = 4_096;
const DEADLINE_MS = 5_000;
/** A place of the console, and never another site. */
const OWN_PLACE = /^\/(?:calls(?:\/\w{1,64})?|agents|try)?$/;

/** What it takes to sign in. */
export interface SignInDeps {
  /** The token that opens the console. */
  readonly token: string;
  /** Begins the session. */
  readonly sessions: ConsoleSessions;
  /** Bounds the reading. */
  readonly clock: Clock;
}

/**
 * The page in place of one that may not be seen yet.
 *
 * @param path What was asked for
 */
export function answerSignInPage(path: string, isWrong = false): Promise<Response> {
  return pageResponse({
    title: "Sign in",
    status: 401,
    body: html`
      <div class="narrow">
        <h1>Sign in</h1>
        <form class="stack" method="post" action="/sign-in">
        <label>Console token <input type="password" name="token" autocomplete="current-password" required autofocus></label>
        <input type="hidden" name="next" value="${OWN_PLACE.test(path) ? path : "/"}">
        ${isWrong ? html`<p class="note bad" role="alert">This is not the console token.</p>` : ""}
        <button>Sign in</button>
        </form>
        <p class="hint">It is the server's <code>CONSOLE_TOKEN</code>.</p>
      </div>
    `,
  });
}

/** The page for a server that answers its own machine alone. */
export function answerNotLocalPage(): Promise<Response> {
  return pageResponse({
    title: "Not from here",
    status: 403,
    body: html`
      <div class="narrow">
        <h1>Not from here</h1>
        <p>Without a token the console answers only direct requests from its own machine, and this one came another way.</p>
        <p>Set <code>CONSOLE_TOKEN</code> and start the server again: then this page asks for it.</p>
      </div>
    `,
  });
}

/** `POST /sign-in`: the right token begins a session. */
export async function answerSignIn(request: Request, deps: SignInDeps): Promise<Response> {
  const { token, sessions, clock } = deps;
  const body = await readBody(request, { clock, maxBytes: MAX_BYTES, deadlineMs: DEADLINE_MS });
  const form = new URLSearchParams("text" in body ? body.text : "");
  const next = form.get("next") ?? "/";
  if (!isSame(form.get("token") ?? "", token)) return await answerSignInPage(next, true);
  return redirect(OWN_PLACE.test(next) ? next : "/", sessions.begin());
}

/** `POST /sign-out`: the browser forgets its session. */
export function answerSignOut(sessions: ConsoleSessions): Response {
  return redirect("/", sessions.end());
}

function redirect(location: string, cookie: string): Response {
  return new Response(null, { status: 303, headers: { location, "set-cookie": cookie } });
}
