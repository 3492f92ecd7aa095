/**
 * The way from the model to the caller: resamples and encodes the answer, plays it out, and keeps the transcript of
 * what was heard. While the caller has the floor it is muted: what still comes then belongs to an answer that is dead.
 *
 * @module
 */

import { encodeMulaw } from "../../audio/mulaw.ts";
import { Downsampler3x } from "../../audio/resample.ts";
import type { Faults } from "./faults.ts";
import type { Leg } from "./leg.ts";
import { Playout, type PlayoutOrder } from "./playout.ts";
import type { Transcript } from "./transcript.ts";

/** The way from the model to the caller. */
export class Downlink {
  readonly #leg: Leg;
  readonly #transcript: Transcript;
  readonly #faults: Faults;
  readonly #downsampler = new Downsampler3x();
  readonly #playout = new Playout();
  #isMuted = false;

  /** Plays to `leg`, notes in `transcript` what was heard, and counts in `faults` what came too late. */
  constructor(options: { leg: Leg; transcript: Transcript; faults: Faults }) {
    this.#leg = options.leg;
    this.#transcript = options.transcript;
    this.#faults = options.faults;
  }

  /** Whether anything sounds or waits to. */
  get isBusy(): boolean {
    return this.#playout.isBusy;
  }

  /** Whether more may come of the answer that came last. */
  get isAnswerOpen(): boolean {
    return this.#playout.isOpen;
  }

  /** When {@linkcode Downlink.tick} is due. */
  get nextTickMs(): number | undefined {
    return this.#playout.nextTickMs;
  }

  /**
   * Audio of the answer: samples at 24 kHz.
   *
   * @returns Whether any of it went to the line at once
   */
  audio(pcm: Int16Array, times: { nowMs: number; callMs: number }): boolean {
    if (this.#isMuted) {
      this.#faults.count("late-agent-audio");
      return false;
    }
    if (!this.#playout.isOpen) {
      this.#downsampler.reset();
      this.#transcript.answerBegan(this.#playout.begin(), times.callMs);
    }
    if (this.#playout.isFull) this.#faults.count("agent-audio-overflow");
    const orders = this.#playout.push(encode(this.#downsampler.push(pcm)), times.nowMs);
    this.#carryOut(orders);
    return orders.length > 0;
  }

  /** Words of the answer. */
  words(text: string, callMs: number): void {
    if (!this.#isMuted) this.#transcript.agentWords(text, callMs);
  }

  /** All of the answer is here. */
  complete(nowMs: number): void {
    if (this.#playout.isOpen) {
      this.#carryOut(this.#playout.push(encode(this.#downsampler.flush()), nowMs));
      this.#carryOut(this.#playout.complete(nowMs));
    }
    this.#transcript.answerCompleted();
  }

  /**
   * Drops everything, on the line too.
   *
   * @returns Whether an answer was cut short
   */
  clear(nowMs: number): boolean {
    const { orders, answers } = this.#playout.clear(nowMs);
    this.#carryOut(orders);
    for (const answer of answers) this.#transcript.answerHeard(answer);
    this.#transcript.answerCompleted();
    return answers.some(({ isCut }) => isCut);
  }

  /** Silences the line and keeps what it has not played. */
  hold(nowMs: number): void {
    this.#carryOut(this.#playout.hold(nowMs));
  }

  /** Goes on with what was held. */
  resume(nowMs: number): void {
    this.#carryOut(this.#playout.resume(nowMs));
  }

  /** The 20 ms that the line plays while the next frame comes from the caller; absent: silence. */
  nextSounding(nowMs: number): Uint8Array | undefined {
    return this.#playout.nextSounding(nowMs);
  }

  /** From now on the caller has the floor. */
  mute(): void {
    this.#isMuted = true;
  }

  /** From now on answers are heard again. */
  unmute(): void {
    this.#isMuted = false;
  }

  /** A mark came back; gives whether it says that audio was heard. */
  markReached(name: string): boolean {
    return this.#playout.markReached(name);
  }

  /** Sends what is due, and notes what was heard to its end. */
  tick(nowMs: number): void {
    this.#carryOut(this.#playout.tick(nowMs));
    for (const answer of this.#playout.finished(nowMs)) {
      this.#transcript.answerHeard(answer);
    }
  }

  #carryOut(orders: readonly PlayoutOrder[]): void {
    for (const order of orders) {
      switch (order.type) {
        case "send-media":
          this.#leg.play(order.mulaw);
          break;
        case "send-mark":
          this.#leg.mark(order.name);
          break;
        case "send-clear":
          this.#leg.clear();
          break;
        default:
          order satisfies never;
      }
    }
  }
}

function encode(pcm: Int16Array): Uint8Array {
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  return mulaw;
}
