/**
 * The way from the model to the caller: resamples and encodes the answer, plays it out, and keeps the transcript of
 * what was heard. While the caller has the floor it is muted: what still comes then belongs to an answer that is dead.
 * While nothing of an answer is there, a bridge may sound; it gives way to the first of it at once.
 *
 * @module
 */

import { encodeMulaw } from "../../audio/mulaw.ts";
import { Downsampler3x } from "../../audio/resample.ts";
import { Bridge } from "./bridge.ts";
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
  #bridge: Bridge | undefined;
  /** Whether it goes on with the answer. */
  #isBridgeHeld = false;
  #isMuted = false;
  #wasDeaf = false;

  /** Plays to `leg`, notes in `transcript` what was heard, and counts in `faults` what came too late. */
  constructor(options: { leg: Leg; transcript: Transcript; faults: Faults }) {
    this.#leg = options.leg;
    this.#transcript = options.transcript;
    this.#faults = options.faults;
  }

  /** Whether an answer sounds or waits to. */
  get isBusy(): boolean {
    return this.#playout.isBusy;
  }

  /** Whether more may come of the answer that came last. */
  get isAnswerOpen(): boolean {
    return this.#playout.isOpen;
  }

  /** Whether the caller has the floor, and no answer is heard. */
  get isMuted(): boolean {
    return this.#isMuted;
  }

  /** When {@linkcode Downlink.tick} is due. */
  get nextTickMs(): number | undefined {
    const { nextTickMs } = this.#playout;
    if (!this.#bridge) return nextTickMs;
    return Math.min(nextTickMs ?? Infinity, this.#bridge.nextTickMs);
  }

  /** When every answer that is here will have been heard; absent: not before more was sent. */
  get runsDryAtMs(): number | undefined {
    return this.#playout.runsDryAtMs;
  }

  /** Fills the silence, until something else sounds. */
  startBridge(nowMs: number): void {
    this.#isBridgeHeld = false;
    this.#bridge ??= new Bridge();
    this.#carryOut(this.#bridge.tick(nowMs));
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
    this.#endBridge();
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

  /** No more of the answer comes although there should be: what is here is still heard. */
  breakOff(nowMs: number): void {
    this.#transcript.answerBrokenOff();
    this.complete(nowMs);
  }

  /** Drops an answer of which nobody could hear anything. */
  disown(nowMs: number): void {
    const { orders, answers } = this.#playout.clear(nowMs);
    this.#carryOut(orders);
    this.#transcript.answerBrokenOff();
    for (const answer of answers) {
      this.#transcript.answerHeard({ ...answer, heardMs: 0, isCut: true });
    }
    this.#transcript.answerCompleted();
  }

  /**
   * Drops everything, on the line too.
   *
   * @returns Whether an answer was cut short
   */
  clear(nowMs: number): boolean {
    this.#endBridge();
    const { orders, answers } = this.#playout.clear(nowMs);
    this.#carryOut(orders);
    for (const answer of answers) this.#transcript.answerHeard(answer);
    this.#transcript.answerCompleted();
    return answers.some(({ isCut }) => isCut);
  }

  /** Silences the line and keeps what it has not played. */
  hold(nowMs: number): void {
    const isBridged = this.#bridge !== undefined;
    this.#endBridge();
    this.#isBridgeHeld = isBridged;
    this.#carryOut(this.#playout.hold(nowMs));
  }

  /** Goes on with what was held. */
  resume(nowMs: number): void {
    this.#carryOut(this.#playout.resume(nowMs));
    if (this.#isBridgeHeld) this.startBridge(nowMs);
  }

  /** A frame came from the caller: gives the 20 ms that the line plays meanwhile; absent: silence. */
  nextSounding(nowMs: number): Uint8Array | undefined {
    const { isDeaf } = this.#playout;
    if (isDeaf && !this.#wasDeaf) this.#faults.count("line-deaf");
    this.#wasDeaf = isDeaf;
    this.#playout.frameCame();
    return (this.#bridge ?? this.#playout).nextSounding(nowMs);
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
    if (this.#bridge) this.#carryOut(this.#bridge.tick(nowMs));
    this.#carryOut(this.#playout.tick(nowMs));
    for (const answer of this.#playout.finished(nowMs)) {
      this.#transcript.answerHeard(answer);
    }
  }

  #endBridge(): void {
    if (this.#bridge) this.#leg.clear();
    this.#bridge = undefined;
    this.#isBridgeHeld = false;
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
