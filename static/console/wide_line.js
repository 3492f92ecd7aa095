// @ts-check
/**
 * The line of the softphone in wideband: a client of the gateway. Sound goes up at 16 kHz and comes down at 24, with the
 * words of both; text and pictures go the same way. A socket that is lost is opened again, and by its token the
 * conversation goes on.
 *
 * @module
 */

import { fromBase64, toBase64 } from "./base64.js";
import { decode, encode } from "./pcm.js";

/** What the gateway takes and gives. */
export const WIDE_RATES = { capturedHz: 16000, playedHz: 24000 };

const PATH = "/api/gemini/ws";
/** Closed with one of these, a socket is not worth opening again. */
const FINAL_CODES = new Set([1000, 1008, 1009, 1011, 4000]);
/** Five seconds of sound that does not leave: the connection is lost, whether or not the browser knows. */
const MOST_UNSENT_BYTES = 200_000;
/** How long the gateway keeps a conversation. */
const MOST_AWAY_MS = 60_000;
const LONGEST_WAIT_MS = 5_000;

/**
 * @typedef {{ type: string, state?: string, code?: string, message?: string, text?: string, data?: string,
 *   resumeToken?: string }} Message
 * @typedef {"opening" | "open" | "connection-lost" | "model-lost"} Phase
 * @typedef {{ play(samples: Float32Array): void, clear(): void, said(party: "caller" | "agent", text: string): void,
 *   turned(): void, phase(phase: Phase): void, refused(code: string, message: string): void,
 *   closed(wasLost: boolean): void }} WideEar
 */

/** One conversation over as many sockets as it takes. */
export class WideLine {
  /** Whether silence goes out in place of the microphone. */
  isMuted = false;
  #agent;
  #ear;
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {string | undefined} */
  #token;
  /** @type {number | undefined} */
  #retry;
  #attempts = 0;
  /** When the socket was lost, if it is. @type {number | undefined} */
  #lostAtMs;
  #isOver = false;

  /**
   * @param {string} agent
   * @param {WideEar} ear
   */
  constructor(agent, ear) {
    this.#agent = agent;
    this.#ear = ear;
    this.#open();
  }

  /**
   * A frame of the microphone's.
   *
   * @param {Float32Array} samples
   */
  frame(samples) {
    const sound = this.isMuted ? new Float32Array(samples.length) : samples;
    this.#send({ type: "audio", data: toBase64(encode(sound)), sampleRate: WIDE_RATES.capturedHz });
    const socket = this.#socket;
    if (socket && socket.bufferedAmount > MOST_UNSENT_BYTES) this.#lose(socket, 1006);
  }

  /**
   * Says something in writing; it breaks off an answer.
   *
   * @param {string} text
   */
  write(text) {
    this.#ear.clear();
    this.#ear.turned();
    this.#ear.said("caller", text);
    this.#send({ type: "text", text });
  }

  /**
   * Shows a picture.
   *
   * @param {Uint8Array} jpeg
   */
  show(jpeg) {
    this.#send({ type: "image", data: toBase64(jpeg), mimeType: "image/jpeg" });
  }

  /** Ends the conversation. */
  hangUp() {
    this.#end(false);
  }

  #open() {
    const url = new URL(PATH, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#configure());
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#take(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code }) => this.#lose(socket, code));
  }

  /** First of all, and once more where the conversation before is not kept any more. */
  #configure() {
    const token = this.#token;
    this.#send({
      type: "config",
      data: { agent: this.#agent, ...(token === undefined ? {} : { resume_token: token }) },
    });
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   */
  #lose(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    socket.close();
    this.#ear.clear();
    const nowMs = performance.now();
    this.#lostAtMs ??= nowMs;
    const isTooLate = nowMs - this.#lostAtMs > MOST_AWAY_MS;
    const isFinal = FINAL_CODES.has(code);
    if (isFinal || isTooLate || this.#token === undefined) return this.#end(!isFinal);
    this.#ear.phase("connection-lost");
    const waitMs = Math.min(LONGEST_WAIT_MS, 250 * 2 ** this.#attempts++);
    this.#retry = setTimeout(() => this.#open(), waitMs);
  }

  /** @param {boolean} wasLost */
  #end(wasLost) {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
    this.#ear.closed(wasLost);
  }

  /** @param {Message} message */
  #take(message) {
    const { type, state, code = "", text = "", data = "" } = message;
    this.#token = message.resumeToken ?? this.#token;
    if (type === "audio") this.#ear.play(decode(fromBase64(data)));
    else if (type === "response") this.#ear.said("agent", text);
    else if (type === "system") this.#takeState(state ?? "", text);
    else if (type === "error") this.#ear.refused(code, message.message ?? "");
    if (code === "resume-unknown") {
      this.#token = undefined;
      this.#configure();
    }
  }

  /**
   * @param {string} state
   * @param {string} text
   */
  #takeState(state, text) {
    switch (state) {
      case "heard":
        return this.#ear.said("caller", text);
      case "speech-started":
      case "interrupted":
        this.#ear.clear();
        return this.#ear.turned();
      case "turn-complete":
        return this.#ear.turned();
      case "model-reconnecting":
        return this.#ear.phase("model-lost");
      case "flowing":
      case "resumed":
        this.#lostAtMs = undefined;
        this.#attempts = 0;
        return this.#ear.phase("open");
      case "model-reconnected":
        return this.#ear.phase("open");
    }
  }

  /** @param {object} message */
  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}
