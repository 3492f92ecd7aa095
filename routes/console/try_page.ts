/**
 * `GET /try`: the softphone. The page is a frame; `softphone.js` is the telephone.
 *
 * @module
 */

import { html } from "hono/html";
import type { AgentBook } from "./agents_page.ts";
import { type Html, pageResponse } from "./layout.ts";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** The page of the softphone. */
export function answerTryPage({ names }: Pick<AgentBook, "names">): Promise<Response> {
  return pageResponse({
    title: "Try it",
    place: "/try",
    script: "softphone.js",
    body: html`
      <h1>Try it</h1>
      <noscript><p class="note bad">The telephone needs JavaScript.</p></noscript>
      <div class="try">
        <div class="stack">
          <label>Agent <select id="agent">${names.map((name) =>
            html`<option value="${name}">${name}</option>`
          )}</select></label>
          ${waysToTalk()}
          <p class="row"><button id="dial" class="go">Call</button>
          <button id="mute" aria-pressed="false" disabled>Mute</button></p>
          <p id="state" class="badge" role="status">not in a call</p>
          <p id="trouble" class="note bad" role="alert" hidden></p>
          <div class="meters"><label>You <meter id="level" min="0" max="60" low="20"></meter></label>
          <label>Agent <meter id="agent-level" min="0" max="60" low="20"></meter></label></div>
          <p class="hint"><a id="follow" href="/" hidden>Follow this call live</a></p>
        </div>
        <div>
          <fieldset id="keys" class="keypad" disabled><legend>Keys</legend>${KEYS.map((key) =>
            html`<button type="button" data-key="${key}">${key}</button>`
          )}</fieldset>
          ${writeAndShow()}
        </div>
      </div>
    `,
  });
}

function waysToTalk(): Html {
  return html`
    <fieldset id="ways" class="ways">
      <legend>Sound</legend>
      <label><input type="radio" name="way" value="telephone" checked>
        <span><strong>As a telephone</strong> 8 kHz, mu-law: exactly what a caller gets</span></label>
      <label><input type="radio" name="way" id="wideband" value="wideband">
        <span><strong>Wideband</strong> 16 kHz there, 24 kHz back, with words and pictures</span></label>
    </fieldset>
  `;
}

/** What only goes in wideband. */
function writeAndShow(): Html {
  return html`
    <fieldset id="wide" class="wide-only" disabled hidden>
      <legend>Words and pictures</legend>
      <ol id="said" class="transcript" aria-live="polite" aria-relevant="additions"
        aria-label="What is said"
        tabindex="0"></ol>
      <form id="write" class="row"><label>Write to the agent
        <input id="text" maxlength="4000" autocomplete="off"></label> <button>Send</button></form>
      <p class="row"><button id="camera" type="button" aria-pressed="false">Camera</button>
        <button id="screen" type="button" aria-pressed="false">Screen</button></p>
      <p class="hint">A picture a second; the agent sees the latest with what you say or write next.</p>
      <video id="preview" aria-label="What the agent sees" muted playsinline hidden></video>
    </fieldset>
  `;
}
