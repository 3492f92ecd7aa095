// @ts-check
/**
 * Sends messages to the gateway and shows what comes back. Audio is shown by its length.
 */

const MOST_LINES = 500;

/** @type {WebSocket | undefined} */
let socket;

/**
 * @template {HTMLElement} Element
 * @param {string} id
 * @param {new () => Element} kind
 * @returns {Element}
 */
function element(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`The page has no ${id}`);
}

const log = element("log", HTMLOListElement);
const state = element("state", HTMLSpanElement);
const message = element("message", HTMLTextAreaElement);
const sample = element("sample", HTMLSelectElement);

/**
 * @param {"in" | "out"} way
 * @param {string} text
 */
function show(way, text) {
  const line = document.createElement("li");
  line.className = way;
  line.textContent = text;
  log.append(line);
  while (log.childElementCount > MOST_LINES) log.firstElementChild?.remove();
}

/** @param {string} text */
function short(text) {
  const said = JSON.parse(text);
  if (said.type === "audio") said.data = `(${said.data.length} characters)`;
  return JSON.stringify(said);
}

/** @param {string} text */
function isNow(text) {
  state.textContent = text;
  const isOpen = socket?.readyState === WebSocket.OPEN;
  element("send", HTMLButtonElement).disabled = !isOpen;
  element("close", HTMLButtonElement).disabled = !isOpen;
}

async function connect() {
  socket?.close();
  const answer = await fetch("/api/gemini/tickets", { method: "POST" });
  if (!answer.ok) return isNow(`refused with ${answer.status}`);
  const { path, protocols } = await answer.json();
  const opened = new WebSocket(new URL(path, location.href), protocols);
  socket = opened;
  opened.onopen = () => isNow("connected");
  opened.onmessage = ({ data }) => show("in", short(data));
  opened.onclose = ({ code }) => {
    if (socket === opened) isNow(`closed with ${code}`);
  };
}

element("connect", HTMLButtonElement).addEventListener("click", connect);
element("close", HTMLButtonElement).addEventListener("click", () => socket?.close(1000));
sample.addEventListener("change", () => message.value = sample.value);
element("form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  socket?.send(message.value);
  show("out", message.value);
});
