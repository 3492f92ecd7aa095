/**
 * A detector of speech behind `audio/vad.ts`: Silero v6 (`silero_layers.ts`) on the windows of one call.
 *
 * The network takes 512 samples at a time, a window of 32 ms, so five windows span eight frames. One network serves all
 * calls; what it remembers of a call lives in the call's detector. A window takes a twentieth of a millisecond, so it is
 * scored at once: other calls wait no longer for it than for a message to be read.
 *
 * @module
 */

import model from "@ricky0123/vad-web/dist/silero_vad_v6.onnx" with { type: "bytes" };
import { MODEL_INPUT_FRAME_SAMPLES } from "../../audio/rates.ts";
import type { Vad } from "../../audio/vad.ts";
import { CONTEXT_SAMPLES, MEMORY_SIZE, SileroLayers, WINDOW_SAMPLES } from "./silero_layers.ts";

/** The network, loaded. One is enough for a process. */
export class SileroNetwork {
  readonly #layers: Pick<SileroLayers, "score">;

  /**
   * A network with layers of its own; {@linkcode SileroNetwork.load} makes the real one.
   *
   * @param layers Score a window
   */
  constructor(layers: Pick<SileroLayers, "score">) {
    this.#layers = layers;
  }

  /** Loads the network; takes some 40 ms in which the event loop stands still. */
  static async load(): Promise<SileroNetwork> {
    return new SileroNetwork(await SileroLayers.load(model));
  }

  /** A detector for one call. */
  detector(): Vad {
    return new SileroDetector(Promise.resolve(this));
  }

  /**
   * Scores one window of a call.
   *
   * @param window Its samples, context first, -1 to 1
   * @param memory What the network remembers of the call; taken further
   * @returns Probability of speech
   */
  score(window: Float32Array, memory: Float32Array): number {
    return this.#layers.score(window, memory);
  }
}

/**
 * A detector for one call whose network may still be loading: what is scored before waits for it, and nothing is lost.
 *
 * @param network The network; if it cannot be loaded, scores reject with the reason
 */
export function lazyDetector(network: Promise<SileroNetwork>): Vad {
  return new SileroDetector(network);
}

/**
 * Cuts the frames of one call into windows. The score of a frame is that of the latest full window; a window that cannot be
 * scored rejects the score of the frame that filled it, and the next goes on from what was known before.
 */
class SileroDetector implements Vad {
  readonly #network: Promise<SileroNetwork>;
  readonly #memory = new Float32Array(MEMORY_SIZE);
  /** Windows that were scored and can be filled again. */
  readonly #spare: Float32Array<ArrayBuffer>[] = [];
  #window: Float32Array<ArrayBuffer> = new Float32Array(WINDOW_SAMPLES);
  #filled = CONTEXT_SAMPLES;
  /** The latest score that there is, once all windows so far were scored; never rejects. */
  #latest: Promise<number> = Promise.resolve(0);

  constructor(network: Promise<SileroNetwork>) {
    this.#network = network;
  }

  score(frame: Int16Array): Promise<number> {
    if (frame.length !== MODEL_INPUT_FRAME_SAMPLES) {
      throw new RangeError(`Cannot score speech: a frame has ${MODEL_INPUT_FRAME_SAMPLES} samples`);
    }
    const taken = this.#fill(frame, 0);
    if (this.#filled < WINDOW_SAMPLES) return this.#latest;
    const score = this.#scoreWindow(this.#window);
    this.#startWindow();
    this.#fill(frame, taken);
    return score;
  }

  /** Copies the frame's samples from `start` on, as many as the window takes; returns where it stopped. */
  #fill(frame: Int16Array, start: number): number {
    let next = start;
    while (next < frame.length && this.#filled < WINDOW_SAMPLES) {
      this.#window[this.#filled++] = (frame[next++] ?? 0) / 32_768;
    }
    return next;
  }

  #startWindow(): void {
    const full = this.#window;
    this.#window = this.#spare.pop() ?? new Float32Array(WINDOW_SAMPLES);
    this.#window.set(full.subarray(WINDOW_SAMPLES - CONTEXT_SAMPLES));
    this.#filled = CONTEXT_SAMPLES;
  }

  #scoreWindow(window: Float32Array<ArrayBuffer>): Promise<number> {
    const before = this.#latest;
    const score = before.then(async () => {
      const network = await this.#network;
      return network.score(window, this.#memory);
    }).finally(() => this.#spare.push(window));
    this.#latest = score.catch(() => before);
    return score;
  }
}
