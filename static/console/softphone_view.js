// @ts-check
/**
 * What the page of the softphone shows.
 *
 * @module
 */

import { element } from "./page.js";
import { SaidList } from "./said_list.js";

export const agent = element("agent", HTMLSelectElement);
export const ways = element("ways", HTMLFieldSetElement);
export const dial = element("dial", HTMLButtonElement);
export const mute = element("mute", HTMLButtonElement);
export const keys = element("keys", HTMLFieldSetElement);
export const wide = element("wide", HTMLFieldSetElement);
export const form = element("write", HTMLFormElement);
export const text = element("text", HTMLInputElement);
export const camera = element("camera", HTMLButtonElement);
export const screen = element("screen", HTMLButtonElement);
export const preview = element("preview", HTMLVideoElement);
export const said = new SaidList(element("said", HTMLElement));
const state = element("state", HTMLElement);
const trouble = element("trouble", HTMLElement);
const level = element("level", HTMLMeterElement);
const agentLevel = element("agent-level", HTMLMeterElement);
const follow = element("follow", HTMLAnchorElement);

/** @typedef {"idle" | import("./wide_line.js").Phase} Phase */

/** @type {Readonly<Record<Phase, string>>} */
const WORDS = {
  idle: "not in a call",
  opening: "calling",
  open: "in a call",
  "connection-lost": "connection: it broke, trying again",
  "model-lost": "model: its connection broke, trying again",
};

/** @returns {boolean} Whether wideband is chosen, and not the way of a telephone */
export function isWide() {
  return element("wideband", HTMLInputElement).checked;
}

/** Shows what belongs to the way that is chosen. */
export function showWay() {
  keys.hidden = isWide();
  wide.hidden = !isWide();
}

/** @param {Phase} phase */
export function show(phase) {
  state.textContent = WORDS[phase];
  state.className = phase === "open" ? "badge good" : "badge";
  dial.textContent = phase === "idle" ? "Call" : "Hang up";
  dial.className = phase === "idle" ? "go" : "danger";
  dial.disabled = phase === "opening";
  mute.disabled = keys.disabled = wide.disabled = phase !== "open";
  agent.disabled = ways.disabled = phase !== "idle";
  if (phase === "idle") level.value = agentLevel.value = 0;
}

/**
 * Says what is wrong; nothing is, without words.
 *
 * @param {string} words
 */
export function tell(words) {
  trouble.textContent = words;
  trouble.hidden = words === "";
}

/**
 * How loud somebody is.
 *
 * @param {"caller" | "agent"} party
 * @param {number} peak
 */
export function showLevel(party, peak) {
  const meter = party === "caller" ? level : agentLevel;
  meter.value = Math.max(0, 60 + 20 * Math.log10(Math.max(peak, 1e-6)));
}

/**
 * Leads to a call: live, or what is kept of it. Conversations in wideband have no such page.
 *
 * @param {string | undefined} callSid
 * @param {{ isOver: boolean }} options
 */
export function linkTo(callSid, { isOver }) {
  follow.hidden = callSid === undefined;
  if (callSid === undefined) return;
  const name = encodeURIComponent(callSid);
  follow.href = isOver ? `/calls/${name}` : `/?call=${name}`;
  follow.textContent = isOver ? "Look at this call" : "Follow this call live";
}
