// @ts-check
/**
 * The live page: the list of running calls, and the one that is followed.
 *
 * @module
 */

import { clockWords, element, make } from "./page.js";
import { Trace } from "./trace.js";

/**
 * @typedef {{ party: "caller" | "agent", startMs: number, text: string, heardText?: string, interrupted?: boolean }} Said
 * @typedef {{ speechEndedMs: number, decidedMs: number, firstModelAudioMs?: number, firstHeardMs?: number }} Turn
 * @typedef {{ name: string, startMs: number }} Tool
 * @typedef {{ callSid: string, from: string, to: string, direction: string, agent: string, answeredEpochMs: number }} Facts
 * @typedef {Facts & { speaker: string, last: string }} LiveCall
 * @typedef {{ call?: Facts, speaker?: string, said?: [number, Said][], turns?: Turn[], tools?: Tool[],
 *   trace?: import("./trace.js").Column[], ending?: string }} News
 */

const list = element("list", HTMLUListElement);
const nobody = element("nobody", HTMLElement);
const connection = element("connection", HTMLElement);
const panel = element("call", HTMLElement);
const party = element("call-party", HTMLElement);
const state = element("call-state", HTMLElement);
const facts = element("call-facts", HTMLElement);
const link = element("call-link", HTMLAnchorElement);
const hangUp = element("hang-up", HTMLButtonElement);
const said = element("said", HTMLOListElement);
const turns = element("turns", HTMLTableSectionElement);
const tools = element("tools", HTMLUListElement);
const whisper = element("whisper", HTMLFormElement);
const whisperText = element("whisper-text", HTMLInputElement);
const whisperState = element("whisper-state", HTMLElement);
const trace = new Trace(element("trace", HTMLCanvasElement));

/** @type {Readonly<Record<string, string>>} */
const SPEAKERS = {
  caller: "the caller speaks",
  agent: "the agent speaks",
  held: "the answer is held",
  nobody: "nobody speaks",
};

/** Name of the call that is followed. */
let followed = new URLSearchParams(location.search).get("call") ?? "";
/** @type {EventSource | undefined} */
let events;
/** @type {Tool[]} */
let running = [];

/** @param {Facts} call */
function partyOf({ direction, from, to }) {
  return (direction === "outbound" ? to : from) || "unknown";
}

/** @param {LiveCall[]} calls */
function showList(calls) {
  nobody.hidden = calls.length > 0;
  const hadFocus = document.activeElement instanceof HTMLButtonElement
    ? document.activeElement.dataset.call
    : undefined;
  list.replaceChildren(...calls.map((call) => {
    const button = make(
      "button",
      "",
      make("span", "party", partyOf(call)),
      make("span", "", SPEAKERS[call.speaker] ?? call.speaker),
      make("span", "last", call.last),
    );
    button.dataset.call = call.callSid;
    button.setAttribute("aria-pressed", String(call.callSid === followed));
    button.addEventListener("click", () => follow(call.callSid));
    return make("li", "", button);
  }));
  for (const button of list.querySelectorAll("button")) {
    if (button.dataset.call === hadFocus) button.focus();
  }
  const [first] = calls;
  if (first && !events) {
    follow(calls.some(({ callSid }) => callSid === followed) ? followed : first.callSid);
  }
}

/** @param {string} callSid */
function follow(callSid) {
  events?.close();
  followed = callSid;
  for (const button of list.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.call === callSid));
  }
  const path = `/api/calls/${encodeURIComponent(callSid)}/events`;
  const source = new EventSource(path);
  events = source;
  source.addEventListener("message", ({ data }) => {
    /** @type {News} */
    const news = JSON.parse(data);
    show(news);
    if (news.ending !== undefined) finish(source);
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) finish(source);
  });
}

/**
 * What was shown of a call stays until another one is followed.
 *
 * @param {EventSource} source
 */
function finish(source) {
  source.close();
  if (events === source) events = undefined;
  running = [];
  showTools();
  setAtWork(false);
}

/** @param {boolean} isRunning Whether something can be done to the call */
function setAtWork(isRunning) {
  hangUp.disabled = !isRunning;
  whisperState.textContent = "";
  for (const control of whisper.elements) {
    if (control instanceof HTMLInputElement || control instanceof HTMLButtonElement) {
      control.disabled = !isRunning;
    }
  }
}

/** @param {News} news */
function show(news) {
  if (news.call) showCall(news.call);
  if (news.speaker !== undefined) state.textContent = SPEAKERS[news.speaker] ?? news.speaker;
  for (const [index, entry] of news.said ?? []) showSaid(index, entry);
  if (news.turns) showTurns(news.turns);
  running = news.tools ?? running;
  if (news.trace) trace.push(news.trace);
  showTools();
  if (news.ending !== undefined) state.textContent = `over: ${news.ending.replaceAll("-", " ")}`;
}

/** How old each is, by the time of the call, which the trace tells. */
function showTools() {
  tools.hidden = running.length === 0;
  tools.replaceChildren(
    ...running.map(({ name, startMs }) =>
      make("li", "", make("code", "", name), ` has run for ${clockWords(trace.endMs - startMs)}`)
    ),
  );
}

/** @param {Facts} call */
function showCall(call) {
  panel.hidden = false;
  party.textContent = partyOf(call);
  facts.textContent = `${call.direction}, agent ${call.agent}, since ${
    new Date(call.answeredEpochMs).toLocaleTimeString()
  }`;
  link.href = `/calls/${encodeURIComponent(call.callSid)}`;
  setAtWork(true);
  said.replaceChildren();
  turns.replaceChildren();
  trace.clear();
}

/**
 * @param {number} index
 * @param {Said} entry
 */
function showSaid(index, { party: who, startMs, text, heardText, interrupted }) {
  const isAtEnd = said.scrollTop + said.clientHeight >= said.scrollHeight - 40;
  const words = make("p", "");
  if (interrupted && heardText !== undefined) {
    words.append(heardText, " ", make("del", "", text.slice(heardText.length).trim()));
  } else words.append(text === "" ? make("em", "", "…") : text);
  const item = make("li", who, make("span", "who", `${clockWords(startMs)} ${who}`), words);
  const old = said.children[index];
  if (old) old.replaceWith(item);
  else said.append(item);
  if (isAtEnd) said.scrollTop = said.scrollHeight;
}

/** @param {Turn[]} latest */
function showTurns(latest) {
  turns.replaceChildren(
    ...latest.toReversed().map((turn) => {
      const after = [turn.decidedMs, turn.firstModelAudioMs, turn.firstHeardMs];
      const cells = after.map((ms) =>
        make("td", "num", ms === undefined ? "–" : `${Math.round(ms - turn.speechEndedMs)} ms`)
      );
      return make("tr", "", make("td", "", clockWords(turn.speechEndedMs)), ...cells);
    }),
  );
}

/**
 * Has something done to the call that is followed.
 *
 * @param {"hangup" | "whisper"} what
 * @param {unknown} body
 * @returns {Promise<string | undefined>} Why not, if it was refused
 */
async function order(what, body) {
  const answer = await fetch(`/api/calls/${encodeURIComponent(followed)}/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.ok ? undefined : (await answer.json()).error.message;
}

hangUp.addEventListener("click", async () => {
  hangUp.disabled = true;
  const refusal = await order("hangup", {});
  if (refusal !== undefined) state.textContent = refusal;
});

whisper.addEventListener("submit", async (event) => {
  event.preventDefault();
  const refusal = await order("whisper", { text: whisperText.value });
  whisperState.textContent = refusal ?? "The agent was told.";
  if (refusal === undefined) whisperText.value = "";
});

const calls = new EventSource("/api/calls/live/events");
calls.addEventListener("open", () => {
  connection.textContent = "connected";
  connection.className = "badge good";
});
calls.addEventListener("message", ({ data }) => showList(JSON.parse(data)));
calls.addEventListener("error", () => {
  connection.textContent = "the server does not answer";
  connection.className = "badge bad";
  // A browser gives up for good when a server refuses: it may be another one by now, and ask for its token.
  if (calls.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000);
});
