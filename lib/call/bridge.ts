/**
 * A soft tone while the caller waits for the agent. It is no part of what the agent says: no answer, no transcript, no
 * turn of anybody's.
 *
 * Nothing here waits or measures: time comes in, orders go out.
 *
 * @module
 */

import { encodeMulaw } from "../../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import { ComfortTone } from "../../audio/tone.ts";
import { AudioTape } from "./audio_tape.ts";
import { BYTES_PER_MS, LinePosition } from "./line_position.ts";
import { LEAD_MS, LONGEST_MESSAGE_MS, type PlayoutOrder } from "./playout.ts";
import { Sounding } from "./sounding.ts";

/** When the line is topped up: as soon as a longest message has room. */
const TOP_UP_LEAD_MS = LEAD_MS - LONGEST_MESSAGE_MS;
/** How much of what was heard is kept. */
const KEPT_BYTES = 500 * BYTES_PER_MS;

/** One bridge, from its first tone to its last. */
export class Bridge {
  readonly #tone = new ComfortTone();
  readonly #tape = new AudioTape();
  readonly #line = new LinePosition();
  readonly #sounding = new Sounding();

  /** Sends what is due. */
  tick(nowMs: number): PlayoutOrder[] {
    const orders: PlayoutOrder[] = [];
    while (this.#line.leadMs(nowMs) <= TOP_UP_LEAD_MS) {
      const mulaw = new Uint8Array(LONGEST_MESSAGE_MS / FRAME_MS * LINE_FRAME_SAMPLES);
      encodeMulaw(this.#tone.next(mulaw.length), mulaw);
      this.#tape.write(mulaw);
      this.#line.send(mulaw.length, nowMs);
      orders.push({ type: "send-media", mulaw });
    }
    this.#tape.forget(this.#line.heardTo(nowMs) - KEPT_BYTES);
    return orders;
  }

  /** When to {@linkcode Bridge.tick} next. */
  get nextTickMs(): number {
    return this.#line.emptyAtMs - TOP_UP_LEAD_MS;
  }

  /** The 20 ms that the line plays while a frame comes from the caller. */
  nextSounding(nowMs: number): Uint8Array | undefined {
    return this.#sounding.next(this.#tape, this.#line, nowMs);
  }
}
