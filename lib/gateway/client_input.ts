/**
 * What a client has said, in its order: audio is brought to 16 kHz, cut into frames and scored one after the other, and
 * what is written waits for the audio before it.
 *
 * @module
 */

import { MODEL_INPUT_FRAME_SAMPLES, MODEL_INPUT_HZ } from "../../audio/rates.ts";
import { RateConverter } from "../../audio/rate_converter.ts";
import type { Vad } from "../../audio/vad.ts";
import { type Clock, sleep } from "../clock.ts";

/** Something said: a frame, or anything else that keeps its place between frames. */
type Item =
  | { readonly type: "frame"; readonly pcm: Int16Array }
  | { readonly type: "other"; readonly run: () => void };

/** What the input needs. */
export interface ClientInputParts {
  /** Scores frames; of this client alone. */
  readonly vad: Vad;
  /** Lets others have their turn. */
  readonly clock: Clock;
  /** Takes each frame with its score. */
  readonly hear: (pcm: Int16Array, speechProbability: number) => void;
  /** A frame could not be scored or heard, or something not done; the rest goes on. */
  readonly failed: (error: unknown) => void;
}

/** A minute. */
const MOST_FRAMES = 3_000;
const MOST_OTHERS = 100;
/** Frames in one go, some 5 ms of work: calls must not wait for a client that sends a file. */
const FRAMES_AT_ONCE = 20;

/** The input of one client. */
export class ClientInput {
  readonly #parts: ClientInputParts;
  #items: Item[] = [];
  #frames = 0;
  #converter: { readonly hz: number; readonly stream: RateConverter } | undefined;
  /** Less than a frame. */
  #rest = new Int16Array(0);
  #isBusy = false;
  #isClosed = false;

  /** Has nothing to do yet. */
  constructor(parts: ClientInputParts) {
    this.#parts = parts;
  }

  /** Whether all that came was heard. */
  get isIdle(): boolean {
    return !this.#isBusy;
  }

  /**
   * Takes samples at any rate.
   *
   * @returns False if there is no room, and they were dropped
   */
  audio(pcm: Int16Array, hz: number): boolean {
    if (this.#frames >= MOST_FRAMES) return false;
    const converted = this.#convert(pcm, hz);
    const samples = new Int16Array(this.#rest.length + converted.length);
    samples.set(this.#rest);
    samples.set(converted, this.#rest.length);
    let from = 0;
    for (; from + MODEL_INPUT_FRAME_SAMPLES <= samples.length; from += MODEL_INPUT_FRAME_SAMPLES) {
      const frame = samples.subarray(from, from + MODEL_INPUT_FRAME_SAMPLES);
      this.#items.push({ type: "frame", pcm: frame });
      this.#frames++;
    }
    this.#rest = samples.slice(from);
    this.#work();
    return true;
  }

  /**
   * Does something when all audio before it was heard.
   *
   * @returns False if there is no room, and it will not be done
   */
  afterwards(run: () => void): boolean {
    if (this.#items.length - this.#frames >= MOST_OTHERS) return false;
    this.#items.push({ type: "other", run });
    this.#work();
    return true;
  }

  /** Drops what waits; nothing is heard any more. */
  close(): void {
    this.#isClosed = true;
    this.#items = [];
    this.#frames = 0;
  }

  /** A change of rate is a new stream. */
  #convert(pcm: Int16Array, hz: number): Int16Array {
    const last = this.#converter;
    if (last?.hz === hz) return last.stream.push(pcm);
    const stream = new RateConverter({ fromHz: hz, toHz: MODEL_INPUT_HZ });
    this.#converter = { hz, stream };
    return Int16Array.from([...last?.stream.flush() ?? [], ...stream.push(pcm)]);
  }

  /** Never rejects: nobody waits for it. */
  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let done = 1; this.#items.length > 0; done++) {
      const item = this.#items.shift();
      try {
        if (item?.type === "frame") await this.#hear(item.pcm);
        else item?.run();
      } catch (error) {
        this.#parts.failed(error);
      }
      if (done % FRAMES_AT_ONCE === 0 && this.#items.length > 0) await sleep(this.#parts.clock, 0);
    }
    this.#isBusy = false;
  }

  async #hear(pcm: Int16Array): Promise<void> {
    this.#frames--;
    const speechProbability = await this.#parts.vad.score(pcm);
    if (!this.#isClosed) this.#parts.hear(pcm, speechProbability);
  }
}
