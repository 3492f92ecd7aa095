/**
 * Twilio's playout buffer: what the server has sent and the caller has not heard yet, with its marks.
 *
 * Time comes in as calls of {@linkcode PlayoutBuffer.nextFrame}, one every 20 ms. A frame that was taken sounds until the
 * next one is: only then are the marks behind its last byte reached, and `clear` no longer gets it back.
 *
 * @module
 */

import { MULAW_SILENCE } from "../audio/mulaw.ts";
import { LINE_FRAME_SAMPLES } from "../audio/rates.ts";

interface PendingMark {
  readonly name: string;
  /** Count of all bytes that sound before it. */
  readonly position: number;
}

/** 20 ms of what the caller hears. */
export interface PlayedFrame {
  /** 160 bytes; silence where there was nothing to play. */
  readonly mulaw: Uint8Array;
  /** How many of them, from the first, came out of the buffer. */
  readonly audioBytes: number;
}

/** What a `clear` did. */
export interface Cleared {
  /** Audio that will not be heard. */
  readonly droppedBytes: number;
  /** Marks that were still pending, in the order in which they came. */
  readonly marks: readonly string[];
}

/** The queue between the server's messages and the caller's ear. Positions count bytes since the stream's start. */
export class PlayoutBuffer {
  readonly #chunks: Uint8Array[] = [];
  #marks: PendingMark[] = [];
  /** Everything up to here was heard to its end. */
  #heard = 0;
  /** Everything up to here was heard or is sounding now. */
  #taken = 0;
  /** Everything up to here was heard, sounds or waits. */
  #queued = 0;

  /** Audio that waits, without what is sounding. */
  get waitingBytes(): number {
    return this.#queued - this.#taken;
  }

  /** Queues audio of any length; the bytes are not copied. */
  push(mulaw: Uint8Array): void {
    if (mulaw.length === 0) return;
    this.#chunks.push(mulaw);
    this.#queued += mulaw.length;
  }

  /** Queues a mark behind everything that was pushed so far. */
  mark(name: string): void {
    this.#marks.push({ name, position: this.#queued });
  }

  /** Takes out the marks that have been reached, first to last; asked after every mark and every frame. */
  takeReached(): string[] {
    const waiting = this.#marks.findIndex((mark) => mark.position > this.#heard);
    return this.#marks.splice(0, waiting < 0 ? this.#marks.length : waiting)
      .map((mark) => mark.name);
  }

  /** Empties the queue; what is sounding sounds on. */
  clear(): Cleared {
    const droppedBytes = this.waitingBytes;
    const marks = this.#marks.map((mark) => mark.name);
    this.#chunks.length = 0;
    this.#marks = [];
    this.#queued = this.#taken;
    return { droppedBytes, marks };
  }

  /** Begins the next 20 ms: what sounded until now has been heard. */
  nextFrame(): PlayedFrame {
    this.#heard = this.#taken;
    const mulaw = new Uint8Array(LINE_FRAME_SAMPLES).fill(MULAW_SILENCE);
    let audioBytes = 0;
    for (let chunk = this.#chunks[0]; chunk && audioBytes < mulaw.length; chunk = this.#chunks[0]) {
      const part = chunk.subarray(0, mulaw.length - audioBytes);
      mulaw.set(part, audioBytes);
      audioBytes += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#taken += audioBytes;
    return { mulaw, audioBytes };
  }
}
