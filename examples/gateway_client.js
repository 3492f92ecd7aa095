// @ts-check
/**
 * A client of Offhook's gateway for browsers, Deno and Node: sends and receives at the same time, and comes back by itself
 * when its socket is lost.
 *
 * As a program: `deno run --allow-net --allow-env examples/gateway_client.js [ws-address]` reads lines, `quit` leaves.
 */

/**
 * What the gateway says; docs/gateway.md has every message.
 *
 * @typedef {{ type: string, [field: string]: any }} Message
 *
 * @typedef {object} Options
 * @property {string} [url] Where the gateway is
 * @property {string | undefined} [token] The console token, where the server has one
 * @property {object} [config] `data` of the first `config` message
 * @property {(message: Message) => void} [onMessage] Takes every message
 * @property {(ms: number) => Promise<void>} [wait] Waits between attempts
 */

const LOCAL = "ws://localhost:8000/api/gemini/ws";
const MOST_ATTEMPTS = 6;
/** A server that cannot serve is not asked again. */
const HOPELESS = new Set([1000, 1008, 1011, 4000]);

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class GatewayClient {
  /** @type {Required<Options>} */
  #options;
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {string | undefined} */
  #resumeToken;
  /** What was said while there was no socket. @type {string[]} */
  #waiting = [];
  #isClosed = false;

  /** @param {Options} [options] */
  constructor(options = {}) {
    this.#options = {
      url: LOCAL,
      token: undefined,
      config: {},
      onMessage: () => {},
      wait: sleep,
      ...options,
    };
  }

  /** Connects. Resolves when the first socket is open, rejects if none can be had. */
  async connect() {
    await this.#open();
  }

  /** Says something in writing. @param {string} text */
  sendText(text) {
    this.#send({ type: "text", text });
  }

  /** Says something: samples of one channel. @param {Int16Array} pcm @param {number} [sampleRate] */
  sendAudio(pcm, sampleRate = 16_000) {
    const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    this.#send({ type: "audio", data: toBase64(bytes), sampleRate });
  }

  /** Shows a JPEG or PNG. @param {Uint8Array} bytes */
  sendImage(bytes) {
    this.#send({ type: "image", data: toBase64(bytes) });
  }

  /** Ends the conversation. */
  close() {
    this.#isClosed = true;
    this.#socket?.close(1000);
  }

  async #open() {
    const socket = await openSocket(this.#options);
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = ({ code }) => this.#closed(code);
    const { config } = this.#options;
    const token = this.#resumeToken;
    const data = token === undefined ? config : { ...config, resume_token: token };
    socket.send(JSON.stringify({ type: "config", data }));
    for (const message of this.#waiting.splice(0)) socket.send(message);
  }

  /** @param {Message} message */
  #take(message) {
    if (message.resumeToken !== undefined) this.#resumeToken = message.resumeToken;
    // The config goes out once more, so that a new conversation has what the old one had.
    if (message.code === "resume-unknown") {
      this.#resumeToken = undefined;
      this.#send({ type: "config", data: this.#options.config });
    }
    this.#options.onMessage(message);
  }

  /** @param {number} code */
  async #closed(code) {
    this.#socket = undefined;
    if (this.#isClosed || HOPELESS.has(code)) {
      return this.#options.onMessage({ type: "closed", code });
    }
    for (let attempt = 0; attempt < MOST_ATTEMPTS && !this.#isClosed; attempt++) {
      this.#options.onMessage({ type: "retrying", attempt });
      await this.#options.wait(Math.min(10_000, 250 * 2 ** attempt) * (0.5 + Math.random() / 2));
      try {
        return await this.#open();
      } catch {
        // The next attempt is told of like this one.
      }
    }
    this.#options.onMessage({ type: "closed", code });
  }

  /** @param {object} message */
  #send(message) {
    const text = JSON.stringify(message);
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(text);
    else if (this.#waiting.length < 500) this.#waiting.push(text);
  }
}

/**
 * With a token a ticket is asked for first: the handshake of a browser carries no header, and an address no secret.
 *
 * @param {{ url: string, token?: string | undefined }} options
 * @returns {Promise<WebSocket>}
 */
async function openSocket({ url, token }) {
  const protocols = token === undefined ? [] : await ticketProtocols(url, token);
  const socket = new WebSocket(url, protocols);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onclose = ({ code }) => reject(new Error(`Cannot connect to ${url}: code ${code}`));
    socket.onerror = () => {};
  });
  return socket;
}

/** @param {string} url @param {string} token @returns {Promise<string[]>} */
async function ticketProtocols(url, token) {
  const address = new URL("/api/gemini/tickets", url.replace(/^ws/, "http"));
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(address, { method: "POST", headers });
  const body = await answer.json();
  if (answer.ok) return body.protocols;
  throw new Error(`Cannot get a ticket: ${body.error.message}`);
}

/**
 * Samples as a WAV file, which every player and `<audio>` takes.
 *
 * @param {Int16Array} pcm
 * @param {number} [sampleRate]
 * @returns {Uint8Array}
 */
export function toWav(pcm, sampleRate = 24_000) {
  const view = new DataView(new ArrayBuffer(44 + pcm.byteLength));
  [..."RIFF....WAVEfmt ....................data"].forEach((letter, at) =>
    view.setUint8(at, letter.charCodeAt(0))
  );
  view.setUint32(4, 36 + pcm.byteLength, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  view.setUint32(40, pcm.byteLength, true);
  pcm.forEach((sample, n) => view.setInt16(44 + 2 * n, sample, true));
  return new Uint8Array(view.buffer);
}

/** Samples of an `audio` message. @param {Message} message @returns {Int16Array} */
export function samplesOf(message) {
  const bytes = Uint8Array.from(atob(message.data), (letter) => letter.charCodeAt(0));
  return new Int16Array(bytes.buffer);
}

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Lines to the model, answers to the screen. */
async function chat() {
  const [url = LOCAL] = Deno.args;
  /** @param {string} text */
  const write = (text) => Deno.stdout.writeSync(new TextEncoder().encode(text));
  /** @param {Message} message */
  const onMessage = (message) => {
    if (message.type === "response") write(message.text);
    if (message.type === "error") write(`\n[${message.code}] ${message.message}\n`);
    if (message.state === "turn-complete") write("\n> ");
    if (message.type === "closed") Deno.exit(message.code === 1000 ? 0 : 1);
  };
  const client = new GatewayClient({ url, token: Deno.env.get("CONSOLE_TOKEN"), onMessage });
  await client.connect();
  write("> ");
  for await (const lines of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    for (const line of lines.split("\n").filter((text) => text.trim() !== "")) {
      if (line.trim() === "quit") return client.close();
      client.sendText(line);
    }
  }
}

if (import.meta.main) await chat();
