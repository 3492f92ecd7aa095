/**
 * Puts the caller's audio back in order: media messages go in as they came, 20-ms frames come out as they were spoken.
 *
 * Order is by chunk number. While one is missing, later ones wait; when a third of them comes, the missing one is given
 * up: 40 ms after the first of them came, unless still more is lost. Where audio belongs is by timestamp: if a message
 * begins later than the audio before it ends, silence fills the difference, whether the network lost it or the sender
 * withheld it. The difference is counted in whole frames, rounded, so jitter of a few milliseconds changes nothing, and
 * against all audio since the first message, so rounding does not add up. When messages arrive does not matter at all.
 *
 * @module
 */

import { MULAW_SILENCE } from "../../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES, LINE_HZ } from "../../audio/rates.ts";

/** 20 ms of the caller's audio. */
export interface Frame {
  /** When it begins; the first frame of the stream begins at 0. */
  streamMs: number;
  /** 160 mu-law bytes. */
  mulaw: Uint8Array;
  /** Whether all of it is silence put in for audio that did not come. */
  filled: boolean;
}

/** What can be wrong with a media message. */
export type SequenceFault =
  /** Its number was taken already, or given up. */
  | "media-doubled"
  /** Its timestamp is far from the last one, or contradicts its chunk number. */
  | "media-untimely"
  /** So many in a row were untimely that this one was believed. */
  | "media-resynced";

interface Media {
  readonly timestampMs: number;
  readonly mulaw: Uint8Array;
}

const LINE_BYTES_PER_MS = LINE_HZ / 1_000;
/** Later messages that wait for a missing one. */
const MAX_HELD = 2;
const MAX_FILLED_FRAMES = 10_000 / FRAME_MS;
const MAX_BACKWARDS_MS = 1_000;
const MAX_AHEAD_MS = 600_000;
/** About a second: no sender that is merely broken stays unheard for longer. */
const UNTIMELY_BEFORE_RESYNC = 50;

/** Turns the media messages of one stream into its frames. */
export class FrameSequencer {
  readonly #count: (fault: SequenceFault) => void;
  readonly #held = new Map<number, Media>();
  readonly #framer = new Framer();
  /** The first message is number 1. */
  #nextChunk = 1;
  /** Timestamp at which the stream begins, once it is known. */
  #startMs: number | undefined;
  #lastTimestampMs = 0;
  #untimelyInRow = 0;

  /**
   * Begins a stream.
   *
   * @param count Hears of each message that is dropped, and why
   */
  constructor(count: (fault: SequenceFault) => void) {
    this.#count = count;
  }

  /**
   * Takes the next message.
   *
   * @param chunk Its number
   * @param timestampMs When its audio begins, by the sender's media clock
   * @param mulaw Audio of any length; frames may be views of it
   * @returns Frames that are ready, in order
   */
  push(chunk: number, timestampMs: number, mulaw: Uint8Array): Frame[] {
    if (this.#startMs === undefined) this.#nextChunk = Math.min(this.#nextChunk, chunk);
    if (this.#isDoubled(chunk, timestampMs)) {
      this.#count("media-doubled");
      return [];
    }
    if (this.#isUntimely(chunk, timestampMs)) {
      this.#count("media-untimely");
      if (++this.#untimelyInRow <= UNTIMELY_BEFORE_RESYNC) return [];
      this.#count("media-resynced");
      this.#held.clear();
      this.#nextChunk = chunk;
      this.#startMs = undefined;
    }
    this.#untimelyInRow = 0;
    // Almost always it is the next one, and nothing waits for it.
    if (chunk === this.#nextChunk && this.#held.size === 0) {
      this.#nextChunk++;
      return this.#place({ timestampMs, mulaw });
    }
    this.#held.set(chunk, { timestampMs, mulaw });
    return this.#release(MAX_HELD);
  }

  /** Gives what is held, missing messages or not; a frame begun is filled up with silence. */
  flush(): Frame[] {
    return [...this.#release(0), ...this.#framer.flush()];
  }

  #isDoubled(chunk: number, timestampMs: number): boolean {
    if (this.#held.has(chunk)) return true;
    return chunk < this.#nextChunk && timestampMs <= this.#lastTimestampMs;
  }

  #isUntimely(chunk: number, timestampMs: number): boolean {
    const aheadMs = timestampMs - this.#lastTimestampMs;
    return chunk < this.#nextChunk || aheadMs > MAX_AHEAD_MS || aheadMs < -MAX_BACKWARDS_MS;
  }

  /** Places messages in order until one is missing; more than `maxHeld` that wait for it are not kept waiting. */
  #release(maxHeld: number): Frame[] {
    const ready: Frame[] = [];
    while (this.#held.size > 0) {
      const media = this.#held.get(this.#nextChunk);
      if (media) {
        this.#held.delete(this.#nextChunk++);
        ready.push(...this.#place(media));
      } else if (this.#held.size > maxHeld) {
        this.#nextChunk = Math.min(...this.#held.keys());
      } else break;
    }
    return ready;
  }

  /** Puts a message behind the audio so far, with silence for what is missing between them. */
  #place({ timestampMs, mulaw }: Media): Frame[] {
    const endMs = this.#framer.endMs;
    this.#startMs ??= timestampMs - endMs;
    this.#lastTimestampMs = timestampMs;
    const missing = Math.round((timestampMs - this.#startMs - endMs) / FRAME_MS);
    if (missing <= 0) return this.#framer.push(mulaw);
    const filled = Math.min(missing, MAX_FILLED_FRAMES);
    this.#startMs += (missing - filled) * FRAME_MS;
    return [...this.#framer.fill(filled * LINE_FRAME_SAMPLES), ...this.#framer.push(mulaw)];
  }
}

/** Cuts audio of any length into whole frames and knows which of them are silence alone. */
class Framer {
  readonly #begun = new Uint8Array(LINE_FRAME_SAMPLES);
  #begunBytes = 0;
  #begunFilled = true;
  #frames = 0;

  /** Where the audio so far ends. */
  get endMs(): number {
    return this.#frames * FRAME_MS + this.#begunBytes / LINE_BYTES_PER_MS;
  }

  push(mulaw: Uint8Array): Frame[] {
    return this.#append(mulaw, false);
  }

  fill(bytes: number): Frame[] {
    return this.#append(new Uint8Array(bytes).fill(MULAW_SILENCE), true);
  }

  flush(): Frame[] {
    return this.#begunBytes === 0 ? [] : this.fill(LINE_FRAME_SAMPLES - this.#begunBytes);
  }

  #append(mulaw: Uint8Array, filled: boolean): Frame[] {
    const frames: Frame[] = [];
    for (let at = 0; at < mulaw.length;) {
      const piece = mulaw.subarray(at, at + LINE_FRAME_SAMPLES - this.#begunBytes);
      at += piece.length;
      if (piece.length === LINE_FRAME_SAMPLES) {
        frames.push({ streamMs: FRAME_MS * this.#frames++, mulaw: piece, filled });
        continue;
      }
      this.#begun.set(piece, this.#begunBytes);
      this.#begunBytes += piece.length;
      this.#begunFilled &&= filled;
      if (this.#begunBytes === LINE_FRAME_SAMPLES) frames.push(this.#finishBegun());
    }
    return frames;
  }

  #finishBegun(): Frame {
    const frame = {
      streamMs: FRAME_MS * this.#frames++,
      mulaw: this.#begun.slice(),
      filled: this.#begunFilled,
    };
    this.#begunBytes = 0;
    this.#begunFilled = true;
    return frame;
  }
}
