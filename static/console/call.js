// @ts-check
/**
 * The page of a recorded call: the sound on the time axis, where it is now, and how to get elsewhere.
 *
 * @module
 */

import { element } from "./page.js";
import { Waveform } from "./waveform.js";

/** What stands before the samples of the file. */
const HEADER_BYTES = 58;
/** The lanes of the axis. */
const LANES = { caller: { middle: 44, tall: 18 }, agent: { middle: 90, tall: 18 } };
/** The place that is heard is kept this far from the left end of what is seen. */
const AHEAD_PX = 80;

const sound = element("sound", HTMLAudioElement);
const axis = element("axis", SVGSVGElement);
const region = element("axis-region", HTMLElement);
const playhead = element("playhead", SVGLineElement);
const progress = element("wave-progress", HTMLProgressElement);
const state = element("wave-state", HTMLElement);
const endMs = Number(axis.dataset.endMs);
const columns = axis.viewBox.baseVal.width;

function showPlace() {
  const x = Math.min(columns, (sound.currentTime * 1000 / endMs) * columns);
  playhead.setAttribute("x1", String(x));
  playhead.setAttribute("x2", String(x));
  const isSeen = x >= region.scrollLeft && x <= region.scrollLeft + region.clientWidth;
  if (!isSeen) region.scrollLeft = x - AHEAD_PX;
}

function follow() {
  showPlace();
  if (!sound.paused) requestAnimationFrame(follow);
}

/** @param {number} ms */
async function playFrom(ms) {
  sound.currentTime = ms / 1000;
  await sound.play();
}

for (const event of ["seeked", "pause", "loadedmetadata"]) {
  sound.addEventListener(event, showPlace);
}
sound.addEventListener("play", follow);
axis.addEventListener("click", ({ clientX }) => {
  const { left, width } = axis.getBoundingClientRect();
  sound.currentTime = (((clientX - left) / width) * endMs) / 1000;
  showPlace();
});
for (const button of document.querySelectorAll("button[data-at]")) {
  if (button instanceof HTMLButtonElement) {
    button.addEventListener("click", () => playFrom(Number(button.dataset.at)));
  }
}

/** @param {Waveform} waveform */
function draw(waveform) {
  for (const party of /** @type {const} */ (["caller", "agent"])) {
    const outline = element(`wave-${party}`, SVGPathElement);
    outline.setAttribute("d", waveform.path(party, LANES[party]));
  }
}

/** Reads the whole file: as long as that takes, it is said how far it is. */
async function drawSound() {
  const answer = await fetch(sound.src);
  if (!answer.ok || !answer.body) throw new Error((await answer.json()).error.message);
  progress.max = Number(answer.headers.get("content-length"));
  progress.hidden = false;
  const waveform = new Waveform({ columns, endMs });
  const reader = answer.body.getReader();
  let bytes = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    waveform.push(piece.value.subarray(Math.max(0, HEADER_BYTES - bytes)));
    bytes += piece.value.length;
    progress.value = bytes;
  }
  axis.classList.add("has-wave");
  draw(waveform);
}

try {
  await drawSound();
  state.textContent = "";
} catch (error) {
  state.textContent = error instanceof Error ? error.message : String(error);
}
progress.hidden = true;
showPlace();
