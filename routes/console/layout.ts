/**
 * What every page of the console has around it.
 *
 * Pages are written with `html` of hono, which escapes all that is put into them. They hold no script and no style of
 * their own: those are files, and the policy of the pages allows nothing else.
 *
 * @module
 */

import { html } from "hono/html";

/** A piece of a page: text in it is escaped. */
export type Html = string | Promise<string>;

/** A place of the console. */
export type Place = "/" | "/calls" | "/agents" | "/try";

const PLACES: readonly (readonly [Place, string])[] = [
  ["/", "Live"],
  ["/calls", "Calls"],
  ["/agents", "Agents"],
  ["/try", "Try it"],
];

/** A page without what stands on all of them. */
export interface Page {
  /** What it is called. */
  readonly title: string;
  /** Which of the places it belongs to; none of them before somebody has signed in. */
  readonly place?: Place | undefined;
  /** Name of its script in `static/console/`. */
  readonly script?: string;
  /** What it shows. */
  readonly body: Html;
  /** 200 unless given. */
  readonly status?: number;
}

/** Scripts, styles, sounds and sockets of our own origin, and nothing else; nobody may frame a page. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
  "connect-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": POLICY,
  // With none at all, browsers would hide the origin of our own forms from us.
  "referrer-policy": "same-origin",
  "permissions-policy": "microphone=(self), camera=(self), display-capture=(self), geolocation=()",
  "cache-control": "no-store",
};

/** Answers with a whole page. */
export async function pageResponse(page: Page): Promise<Response> {
  const { title, place, script, body, status = 200 } = page;
  const document = await html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · Offhook</title>
    <link rel="icon" href="/static/console/icon.svg">
    <link rel="stylesheet" href="/static/console/console.css">
    ${script ? html`<script type="module" src="/static/console/${script}"></script>` : ""}
  </head>
  <body>
    <a class="skip" href="#content">To the content</a>
    <header class="top">
      <span class="brand">Offhook</span>
      ${place === undefined ? "" : navigation(place)}
    </header>
    <main id="content" tabindex="-1">${body}</main>
  </body>
</html>`;
  return new Response(document.toString(), { status, headers: HEADERS });
}

function navigation(place: Place): Html {
  const links = PLACES.map(([path, name]) =>
    path === place
      ? html`<a href="${path}" aria-current="page">${name}</a>`
      : html`<a href="${path}">${name}</a>`
  );
  return html`<nav aria-label="Console">${links}</nav>`;
}
