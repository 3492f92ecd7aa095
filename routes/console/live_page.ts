/**
 * `GET /`: calls as they go. The page is a frame; `live.js` fills it from the streams of events.
 *
 * @module
 */

import { html } from "hono/html";
import { pageResponse } from "./layout.ts";

/** The page of running calls. */
export function answerLivePage(isSignedIn: boolean): Promise<Response> {
  return pageResponse({
    title: "Live",
    place: "/",
    script: "live.js",
    body: html`
      <div class="heading row"><h1>Live</h1>
        <p id="connection" class="badge" role="status">connecting</p>${isSignedIn
          ? html`<form method="post" action="/sign-out"><button class="quiet">Sign out</button></form>`
          : ""}</div>
      <noscript><p class="note bad">This page moves, and needs JavaScript for that. <a href="/calls">Calls</a> does not.</p></noscript>
      <div class="split">
        <section aria-label="Running calls">
          <ul id="list" class="live-list"></ul>
          <p id="nobody"
            class="none">Nobody is on the line. <a href="/try">Try it</a>, or look at <a href="/calls">past calls</a>.</p>
        </section>
        <section id="call" aria-label="The call that is followed" hidden>
          <div class="heading">
            <h2 id="call-party"></h2>
            <p><span id="call-state" class="badge"></span> <span id="call-facts"></span></p>
            <p><button id="hang-up" class="danger">Hang up</button> <a id="call-link" class="button">All of it</a></p>
          </div>
          <figure class="trace">
            <canvas id="trace" width="600" height="120" role="img"
              aria-label="Level of caller and agent, and the probability of speech"></canvas>
            <figcaption><span class="key caller"></span>caller <span class="key agent"></span>agent
            <span class="key speech"></span>probability of speech</figcaption>
          </figure>
          <ul id="tools" class="tools" hidden aria-label="Tools that run"></ul>
          <ol id="said" class="transcript" aria-live="polite" aria-relevant="additions"></ol>
          <form id="whisper" class="filter">
            <label>Tell the agent something that the caller does not hear
              <input id="whisper-text" maxlength="500" required autocomplete="off"></label>
            <button>Whisper</button>
            <span id="whisper-state" class="hint" role="status"></span>
          </form>
          <h3>Latest turns</h3>
          <table class="latest">
            <thead>
              <tr>
                <th scope="col">At</th>
                <th scope="col" class="num">Decided</th>
                <th scope="col" class="num">Model</th>
                <th scope="col" class="num">Heard</th>
              </tr>
            </thead>
            <tbody id="turns"></tbody>
          </table>
        </section>
      </div>
    `,
  });
}
