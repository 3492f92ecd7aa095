/**
 * `GET /try`: the softphone. The page is a frame; `softphone.js` is the telephone.
 *
 * @module
 */

import { html } from "hono/html";
import type { AgentBook } from "./agents_page.ts";
import { pageResponse } from "./layout.ts";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** The page of the softphone. */
export function answerTryPage({ names }: Pick<AgentBook, "names">): Promise<Response> {
  return pageResponse({
    title: "Try it",
    place: "/try",
    script: "softphone.js",
    body: html`
      <div class="narrow">
        <h1>Try it</h1>
        <p>Talks to an agent through the way of a telephone call: 8 kHz, mu-law, exactly what a caller would get.</p>
        <noscript><p class="note bad">The telephone needs JavaScript.</p></noscript>
        <div class="stack">
          <label>Agent <select id="agent">${names.map((name) =>
            html`<option value="${name}">${name}</option>`
          )}</select></label>
          <p class="row"><button id="dial" class="go">Call</button>
          <button id="mute" aria-pressed="false" disabled>Mute</button></p>
          <p id="state" class="badge" role="status">not in a call</p>
          <p id="trouble" class="note bad" role="alert" hidden></p>
          <div class="meters"><label>You <meter id="level" min="0" max="60" low="20"></meter></label>
          <label>Agent <meter id="agent-level" min="0" max="60" low="20"></meter></label></div>
          <fieldset id="keys" class="keypad" disabled><legend>Keys</legend>${KEYS.map((key) =>
            html`<button type="button" data-key="${key}">${key}</button>`
          )}</fieldset>
          <p class="hint"><a id="follow" href="/" hidden>Follow this call live</a></p>
        </div>
      </div>
    `,
  });
}
