// @ts-check
/**
 * The line of the softphone: plays the part that Twilio plays for a telephone, with the same messages.
 *
 * @module
 */

import { fromBase64, toBase64 } from "./base64.js";
import { decode, encode, SILENCE } from "./mulaw.js";

/** A telephone line carries 8 kHz either way. */
export const PHONE_RATES = { capturedHz: 8000, playedHz: 8000 };

const FRAME_MS = 20;
const FRAME_BYTES = 160;

/**
 * @typedef {{ callSid: string, accountSid: string, token: string, path: string }} Ticket
 * @typedef {{ play(samples: Float32Array): void, mark(name: string): void, clear(): void,
 *   opened(): void, closed(wasLost: boolean): void }} Ear
 */

/** One call over a socket. */
export class PhoneLine {
  /** Whether silence goes out in place of the microphone. */
  isMuted = false;
  #socket;
  #ticket;
  #ear;
  #streamSid;
  #sequence = 0;
  #chunk = 0;
  #isHungUp = false;

  /**
   * @param {Ticket} ticket
   * @param {Ear} ear
   */
  constructor(ticket, ear) {
    this.#ticket = ticket;
    this.#ear = ear;
    this.#streamSid = `MZ${ticket.callSid.slice(2)}`;
    const url = new URL(ticket.path, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener("open", () => this.#begin());
    this.#socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(data)));
    this.#socket.addEventListener("close", ({ code }) => {
      ear.closed(!this.#isHungUp && code !== 1000);
    });
  }

  /**
   * A frame of the microphone's.
   *
   * @param {Float32Array} samples
   */
  frame(samples) {
    const sound = this.isMuted ? new Uint8Array(FRAME_BYTES).fill(SILENCE) : encode(samples);
    const payload = toBase64(sound);
    const timestamp = String(this.#chunk * FRAME_MS);
    this.#chunk++;
    this.#send("media", {
      media: { track: "inbound", chunk: String(this.#chunk), timestamp, payload },
    });
  }

  /**
   * A key was pressed.
   *
   * @param {string} digit
   */
  press(digit) {
    this.#send("dtmf", { dtmf: { track: "inbound_track", digit } });
  }

  /**
   * The ear has played all that came before a mark, or was told to forget it.
   *
   * @param {string} name
   */
  reached(name) {
    this.#send("mark", { mark: { name } });
  }

  /** Ends the call. */
  hangUp() {
    const { accountSid, callSid } = this.#ticket;
    this.#isHungUp = true;
    this.#send("stop", { stop: { accountSid, callSid } });
    this.#socket.close(1000);
  }

  #begin() {
    const { accountSid, callSid, token } = this.#ticket;
    this.#socket.send(JSON.stringify({ event: "connected", protocol: "Call", version: "1.0.0" }));
    this.#send("start", {
      start: {
        accountSid,
        callSid,
        streamSid: this.#streamSid,
        tracks: ["inbound"],
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
        customParameters: { token },
      },
    });
    this.#ear.opened();
  }

  /**
   * @param {string} event
   * @param {object} body
   */
  #send(event, body) {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#sequence++;
    const streamSid = this.#streamSid;
    this.#socket.send(
      JSON.stringify({ event, sequenceNumber: String(this.#sequence), streamSid, ...body }),
    );
  }

  /** @param {{ event: string, media?: { payload: string }, mark?: { name: string } }} message */
  #take({ event, media, mark }) {
    if (event === "media" && media) {
      this.#ear.play(decode(fromBase64(media.payload)));
    } else if (event === "mark" && mark) this.#ear.mark(mark.name);
    else if (event === "clear") this.#ear.clear();
  }
}
