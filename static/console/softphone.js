// @ts-check
/**
 * The softphone: a telephone in the page. It goes the way of a telephone call, or in wideband through the gateway.
 *
 * @module
 */

import { PHONE_RATES, PhoneLine } from "./phone_line.js";
import { PictureError, Pictures } from "./pictures.js";
import * as view from "./softphone_view.js";
import { MicrophoneError, Sound } from "./sound.js";
import { WIDE_RATES, WideLine } from "./wide_line.js";

/** Frames without any sound before a microphone is taken for dead: three seconds. */
const MOST_DEAD_FRAMES = 150;

/** @type {Readonly<Record<string, string>>} What a person is told of how a call ended; what is absent is no trouble. */
const ENDINGS = {
  "model-failed": "Model: it could not be reached, or was lost. The log of the server says why.",
  "call-failed": "Server: something failed there. Its log says what.",
  "line-lost": "Connection: it broke during the call.",
  "server-stopped": "Server: it was stopped during the call.",
};

/** @typedef {{ line: PhoneLine | WideLine, sound: Sound, deadFrames: number }} Call */

/** @type {Call | undefined} */
let call;
/** @type {Pictures | undefined} */
let pictures;

/** @returns {Promise<import("./phone_line.js").Ticket>} */
async function ticket() {
  const answer = await fetch("/api/softphone/calls", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ agent: view.agent.value }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`Server: ${body.error.message}.`);
  return body;
}

async function begin() {
  view.tell("");
  view.show("opening");
  /** @type {Sound | undefined} */
  let sound;
  try {
    sound = await Sound.open({
      ...(view.isWide() ? WIDE_RATES : PHONE_RATES),
      heard,
      reached: (mark) => call?.line instanceof PhoneLine && call.line.reached(mark),
      sounded: (peak) => view.showLevel("agent", peak),
      lost: () => view.tell("Microphone: it was taken away during the call."),
    });
    const line = view.isWide() ? openWide(sound) : openPhone(await ticket(), sound);
    line.isMuted = view.mute.getAttribute("aria-pressed") === "true";
    call = { line, sound, deadFrames: 0 };
    view.dial.disabled = false;
  } catch (error) {
    await sound?.close();
    view.show("idle");
    const isOurs = error instanceof MicrophoneError ||
      error instanceof Error && error.message.startsWith("Server:");
    view.tell(isOurs ? error.message : "Connection: the server does not answer.");
  }
}

/**
 * @param {import("./phone_line.js").Ticket} given
 * @param {Sound} sound
 */
function openPhone(given, sound) {
  const { callSid } = given;
  return new PhoneLine(given, {
    play: (samples) => sound.play(samples),
    mark: (name) => sound.mark(name),
    clear: () => sound.clear(),
    opened: () => {
      view.linkTo(callSid, { isOver: false });
      view.show("open");
    },
    closed: async (wasLost) => {
      await end(sound);
      view.linkTo(callSid, { isOver: true });
      if (wasLost) view.tell("Connection: it broke.");
      await tellEnding(callSid);
    },
  });
}

/** @param {Sound} sound */
function openWide(sound) {
  view.linkTo(undefined, { isOver: false });
  view.said.clear();
  return new WideLine(view.agent.value, {
    play: (samples) => sound.play(samples),
    clear: () => sound.clear(),
    said: (party, text) => view.said.add(party, text),
    turned: () => view.said.turn(),
    phase: (phase) => view.show(phase),
    refused: (code, message) => view.tell(`${troubleOf(code)}: ${message}.`),
    closed: async (wasLost) => {
      await end(sound);
      if (wasLost) view.tell(await whyLost());
    },
  });
}

/** @param {string} code */
function troubleOf(code) {
  if (code.startsWith("model-") || code === "no-api-key") return "Model";
  return code === "rate-limited" || code === "input-overflow" ? "Connection" : "Server";
}

async function whyLost() {
  try {
    const { ok } = await fetch("/readyz");
    return ok
      ? "Connection: it broke. The server is there, but no WebSocket gets through to it."
      : "Server: it takes nobody at the moment.";
  } catch {
    return "Connection: it broke. The server does not answer.";
  }
}

/** @param {string} callSid */
async function tellEnding(callSid) {
  try {
    const answer = await fetch(`/api/calls/${encodeURIComponent(callSid)}`);
    const { ending } = answer.ok ? await answer.json() : {};
    const words = ENDINGS[ending];
    if (words !== undefined) view.tell(words);
  } catch {
    view.tell("Connection: the server does not answer any more.");
  }
}

/** @param {Sound} sound */
async function end(sound) {
  call = undefined;
  showNothing();
  await sound.close();
  view.show("idle");
}

/**
 * @param {Float32Array} samples
 * @param {number} peak
 */
function heard(samples, peak) {
  if (!call) return;
  call.line.frame(samples);
  view.showLevel("caller", peak);
  if (peak > 0 && call.deadFrames >= MOST_DEAD_FRAMES) view.tell("");
  call.deadFrames = peak === 0 ? call.deadFrames + 1 : 0;
  if (call.deadFrames === MOST_DEAD_FRAMES) {
    view.tell("Microphone: it gives no sound at all. Is it switched off?");
  }
}

/** @param {string} key */
function press(key) {
  if (call?.line instanceof PhoneLine) call.line.press(key);
}

/** @param {import("./pictures.js").Source} source */
async function showPictures(source) {
  const wasShown = view[source].getAttribute("aria-pressed") === "true";
  showNothing();
  if (wasShown) return;
  const { line } = call ?? {};
  try {
    const opened = await Pictures.open(source, view.preview, {
      taken: (jpeg) => line instanceof WideLine && line.show(jpeg),
      ended: showNothing,
    });
    // Meanwhile the call may be over.
    if (call?.line !== line) return opened.close();
    pictures = opened;
    view.tell("");
    view.preview.hidden = false;
    view[source].setAttribute("aria-pressed", "true");
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    view.tell(error.message);
  }
}

function showNothing() {
  pictures?.close();
  pictures = undefined;
  view.preview.hidden = true;
  for (const button of [view.camera, view.screen]) button.setAttribute("aria-pressed", "false");
}

view.ways.addEventListener("change", view.showWay);
view.dial.addEventListener("click", () => {
  if (call) call.line.hangUp();
  else begin();
});
view.mute.addEventListener("click", () => {
  const isMuted = view.mute.getAttribute("aria-pressed") !== "true";
  view.mute.setAttribute("aria-pressed", String(isMuted));
  if (call) call.line.isMuted = isMuted;
});
view.keys.addEventListener("click", ({ target }) => {
  if (target instanceof HTMLButtonElement) press(target.dataset.key ?? "");
});
view.form.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = view.text.value.trim();
  if (words === "" || !(call?.line instanceof WideLine)) return;
  call.line.write(words);
  view.text.value = "";
});
view.camera.addEventListener("click", () => showPictures("camera"));
view.screen.addEventListener("click", () => showPictures("screen"));
document.addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
  const isForPage = target instanceof HTMLSelectElement || target instanceof HTMLInputElement;
  if (!ctrlKey && !metaKey && !altKey && !isForPage && /^[0-9*#]$/.test(key)) press(key);
});
addEventListener("pagehide", () => call?.line.hangUp());
view.showWay();
