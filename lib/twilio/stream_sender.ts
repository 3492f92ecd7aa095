/**
 * Our end of a media stream's socket: sends while it can be sent, and notices when it piles up.
 *
 * @module
 */

import { LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import type { Clock } from "../clock.ts";
import { StreamMessageWriter } from "./media_messages.ts";

/** The part of a server WebSocket that a leg needs. */
export interface LegSocket {
  /** Queues a text frame. */
  send(text: string): void;
  /** Begins to close; once is enough, more does no harm. */
  close(code?: number, reason?: string): void;
  /** Bytes that are queued and not sent. */
  readonly bufferedAmount: number;
  /** 1 while frames can be sent. */
  readonly readyState: number;
}

const CAN_SEND = 1;
const MAX_UNSENT_BYTES = 256 * 1_024;
const MAX_UNSENT_MS = 2_000;

/** Sends the three messages that a stream takes; a dead socket gets nothing. */
export class StreamSender {
  readonly #socket: LegSocket;
  readonly #clock: Clock;
  readonly #writer: StreamMessageWriter;
  /** Since when too much has been unsent. */
  #unsentSinceMs: number | undefined;

  /**
   * Sends to one stream.
   *
   * @param socket Its socket
   * @param options `streamSid` of its `start` message
   */
  constructor(socket: LegSocket, options: { clock: Clock; streamSid: string }) {
    this.#socket = socket;
    this.#clock = options.clock;
    this.#writer = new StreamMessageWriter(options.streamSid);
  }

  /**
   * Sends audio.
   *
   * @param mulaw Whole frames of 160 bytes
   * @throws {RangeError} If they are not whole, or none
   */
  media(mulaw: Uint8Array): void {
    if (mulaw.length === 0 || mulaw.length % LINE_FRAME_SAMPLES !== 0) {
      throw new RangeError("Cannot play audio: it is not whole frames of 160 bytes");
    }
    this.#send(this.#writer.media(mulaw));
  }

  /** Sends a mark. */
  mark(name: string): void {
    this.#send(this.#writer.mark(name));
  }

  /** Has what was not played dropped. */
  clear(): void {
    this.#send(this.#writer.clear());
  }

  /** Whether too much has been unsent for too long, as far as was seen after each message and whenever this is asked. */
  isStuck(): boolean {
    const nowMs = this.#clock.nowMs();
    if (this.#socket.bufferedAmount <= MAX_UNSENT_BYTES) this.#unsentSinceMs = undefined;
    else this.#unsentSinceMs ??= nowMs;
    return this.#unsentSinceMs !== undefined && nowMs - this.#unsentSinceMs >= MAX_UNSENT_MS;
  }

  #send(text: string): void {
    if (this.#socket.readyState === CAN_SEND) this.#socket.send(text);
  }
}
