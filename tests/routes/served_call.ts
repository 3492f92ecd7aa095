/**
 * A call as Twilio tells of it, and Twilio's end of its stream.
 *
 * @module
 */

import WebSocket from "ws";
import { ACCOUNT_SID } from "../support/sign.ts";

export const PUBLIC_URL = "https://phone.example.com";
export const CALL_SID = "CA0123456789abcdef0123456789abcdef";
export const STREAM_SID = "MZ0123456789abcdef0123456789abcdef";

export const VOICE_FORM = {
  AccountSid: ACCOUNT_SID,
  CallSid: CALL_SID,
  CallStatus: "ringing",
  Direction: "inbound",
  From: "+15550001111",
  To: "+15550002222",
};

/** The token in a document; fails on one without. */
export function tokenIn(document: string): string {
  const [, token] = /<Parameter name="token" value="([^"]+)"\/>/.exec(document) ?? [];
  if (token === undefined) throw new Error(`Cannot find token in ${document}`);
  return token;
}

/** What a client lets pile up before it waits. */
const MOST_UNSENT_BYTES = 1_048_576;

/** Twilio's end of a media stream. */
export class ClientSocket {
  readonly opened: Promise<void>;
  /** Code of the close frame that came. */
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;

  constructor(url: string, headers: Record<string, string>) {
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    this.#socket = socket;
    this.opened = new Promise((resolve, reject) => {
      socket.on("open", () => resolve());
      socket.on("error", reject);
    });
    this.closed = new Promise((resolve) => socket.on("close", resolve));
  }

  /** Sends one frame. */
  send(data: unknown): void {
    this.#socket.send(typeof data === "string" ? data : JSON.stringify(data));
  }

  /** Sends fragments of a message that never ends, until they are too many or the socket is closed. */
  async sendUnfinished({ count, bytes }: { count: number; bytes: number }): Promise<void> {
    const fragment = "x".repeat(bytes);
    for (let n = 0; n < count && this.#socket.readyState === WebSocket.OPEN; n++) {
      const isFull = this.#socket.bufferedAmount > MOST_UNSENT_BYTES;
      await new Promise<void>((resolve) => {
        this.#socket.send(fragment, { fin: false }, () => resolve());
        if (!isFull && n % 1_000 !== 0) resolve();
      });
    }
  }

  /** Says what every stream begins with. */
  start(token: string, start: { callSid?: string; accountSid?: string } = {}): void {
    const { callSid = CALL_SID, accountSid = ACCOUNT_SID } = start;
    this.send({ event: "connected", protocol: "Call", version: "1.0.0" });
    this.send({
      event: "start",
      sequenceNumber: "1",
      streamSid: STREAM_SID,
      start: {
        accountSid,
        callSid,
        streamSid: STREAM_SID,
        tracks: ["inbound"],
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8_000, channels: 1 },
        customParameters: { token },
      },
    });
  }

  /** The caller hangs up. */
  stop(): void {
    this.send({
      event: "stop",
      sequenceNumber: "2",
      streamSid: STREAM_SID,
      stop: { accountSid: ACCOUNT_SID, callSid: CALL_SID },
    });
  }

  /** Closes and waits for the answer. */
  async close(code = 1000): Promise<void> {
    this.#socket.close(code);
    await this.closed;
  }
}
