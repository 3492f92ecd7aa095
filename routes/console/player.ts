/**
 * The recording of a call, to be heard. `call.js` lays it on the time axis.
 *
 * @module
 */

import { html } from "hono/html";
import type { Html } from "./layout.ts";

/** The sound of a call and how much of it was read for the picture. */
export function player(callSid: string): Html {
  const path = `/api/calls/${callSid}/recording`;
  return html`
    <div class="player">
      <audio id="sound" controls preload="metadata" src="${path}">
        <a href="${path}">The recording</a>
      </audio>
      <p
        class="hint">The caller is on the left, the agent on the right. A click on the axis, or on a time in what was said, goes there.</p>
      <p class="row"><progress id="wave-progress" hidden aria-label="Reading the sound"></progress>
        <span id="wave-state" class="hint" role="status">Reading the sound</span></p>
    </div>
  `;
}
