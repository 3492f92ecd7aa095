// @ts-check
/**
 * The softphone: a telephone in the page.
 *
 * @module
 */

import { element } from "./page.js";
import { PhoneLine } from "./phone_line.js";
import { MicrophoneError, Sound } from "./sound.js";

const agent = element("agent", HTMLSelectElement);
const dial = element("dial", HTMLButtonElement);
const mute = element("mute", HTMLButtonElement);
const state = element("state", HTMLElement);
const trouble = element("trouble", HTMLElement);
const keys = element("keys", HTMLFieldSetElement);
const level = element("level", HTMLMeterElement);
const agentLevel = element("agent-level", HTMLMeterElement);
const follow = element("follow", HTMLAnchorElement);

/** Frames without any sound before a microphone is taken for dead: three seconds. */
const MOST_DEAD_FRAMES = 150;

/** @type {Readonly<Record<string, string>>} What a person is told of how a call ended; what is absent is no trouble. */
const ENDINGS = {
  "model-failed": "Model: it could not be reached, or was lost. The log of the server says why.",
  "call-failed": "Server: something failed there. Its log says what.",
  "line-lost": "Connection: it broke during the call.",
  "server-stopped": "Server: it was stopped during the call.",
};

/** @typedef {{ line: PhoneLine, sound: Sound, callSid: string, deadFrames: number }} Call */

/** @type {Call | undefined} */
let call;

/** @param {string} words */
function tell(words) {
  trouble.textContent = words;
  trouble.hidden = words === "";
}

/** @param {number} peak @returns Decibels above the quietest that is shown */
function meterOf(peak) {
  return Math.max(0, 60 + 20 * Math.log10(Math.max(peak, 1e-6)));
}

/** @param {"idle" | "opening" | "open"} phase */
function show(phase) {
  state.textContent = { idle: "not in a call", opening: "calling", open: "in a call" }[phase];
  state.className = phase === "open" ? "badge good" : "badge";
  dial.textContent = phase === "idle" ? "Call" : "Hang up";
  dial.className = phase === "idle" ? "go" : "danger";
  dial.disabled = phase === "opening";
  mute.disabled = keys.disabled = phase !== "open";
  agent.disabled = phase !== "idle";
  if (phase === "idle") level.value = agentLevel.value = 0;
}

/** @returns {Promise<import("./phone_line.js").Ticket>} */
async function ticket() {
  const answer = await fetch("/api/softphone/calls", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ agent: agent.value }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`Server: ${body.error.message}.`);
  return body;
}

async function begin() {
  tell("");
  show("opening");
  /** @type {Sound | undefined} */
  let sound;
  try {
    sound = await Sound.open({
      heard: (mulaw, peak) => heard(mulaw, peak),
      reached: (mark) => call?.line.reached(mark),
      sounded: (peak) => agentLevel.value = meterOf(peak),
      lost: () => tell("Microphone: it was taken away during the call."),
    });
    connect(await ticket(), sound);
  } catch (error) {
    await sound?.close();
    show("idle");
    const isOurs = error instanceof MicrophoneError ||
      error instanceof Error && error.message.startsWith("Server:");
    tell(isOurs ? error.message : "Connection: the server does not answer.");
  }
}

/**
 * @param {import("./phone_line.js").Ticket} given
 * @param {Sound} sound
 */
function connect(given, sound) {
  const { callSid } = given;
  const line = new PhoneLine(given, {
    play: (mulaw) => sound.play(mulaw),
    mark: (name) => sound.mark(name),
    clear: () => sound.clear(),
    opened: () => {
      call = { line, sound, callSid, deadFrames: 0 };
      follow.href = `/?call=${encodeURIComponent(callSid)}`;
      follow.hidden = false;
      show("open");
    },
    closed: (wasLost) => end(callSid, sound, wasLost),
  });
  line.isMuted = mute.getAttribute("aria-pressed") === "true";
}

/**
 * @param {Uint8Array} mulaw
 * @param {number} peak
 */
function heard(mulaw, peak) {
  if (!call) return;
  call.line.frame(mulaw);
  level.value = meterOf(peak);
  if (peak > 0 && call.deadFrames >= MOST_DEAD_FRAMES) tell("");
  call.deadFrames = peak === 0 ? call.deadFrames + 1 : 0;
  if (call.deadFrames === MOST_DEAD_FRAMES) {
    tell("Microphone: it gives no sound at all. Is it switched off?");
  }
}

/**
 * @param {string} callSid
 * @param {Sound} sound
 * @param {boolean} wasLost
 */
async function end(callSid, sound, wasLost) {
  call = undefined;
  await sound.close();
  show("idle");
  follow.href = `/calls/${encodeURIComponent(callSid)}`;
  follow.textContent = "Look at this call";
  if (wasLost) tell("Connection: it broke.");
  try {
    const answer = await fetch(`/api/calls/${encodeURIComponent(callSid)}`);
    const { ending } = answer.ok ? await answer.json() : {};
    const words = ENDINGS[ending];
    if (words !== undefined) tell(words);
  } catch {
    tell("Connection: the server does not answer any more.");
  }
}

dial.addEventListener("click", () => {
  if (call) call.line.hangUp();
  else begin();
});
mute.addEventListener("click", () => {
  const isMuted = mute.getAttribute("aria-pressed") !== "true";
  mute.setAttribute("aria-pressed", String(isMuted));
  if (call) call.line.isMuted = isMuted;
});
keys.addEventListener("click", ({ target }) => {
  if (target instanceof HTMLButtonElement) call?.line.press(target.dataset.key ?? "");
});
document.addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
  if (ctrlKey || metaKey || altKey || target instanceof HTMLSelectElement) return;
  if (/^[0-9*#]$/.test(key)) call?.line.press(key);
});
addEventListener("pagehide", () => call?.line.hangUp());
