/**
 * Silero v6, a small recurrent network that tells speech from everything else, behind `audio/vad.ts`.
 *
 * The network takes 512 samples at a time, a window of 32 ms, so five windows span eight frames. One network serves all
 * calls; what it remembers of a call lives in the call's detector. Windows that wait at the same moment run together,
 * which costs a fifth less than one by one and gives the same scores.
 *
 * @module
 */

import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm" with { type: "bytes" };
import model from "@ricky0123/vad-web/dist/silero_vad_v6.onnx" with { type: "bytes" };
import { setImmediate } from "node:timers";
import * as ort from "onnxruntime-web/wasm";
import { MODEL_INPUT_FRAME_SAMPLES, MODEL_INPUT_HZ } from "../../audio/rates.ts";
import type { Vad } from "../../audio/vad.ts";

/** Samples of the window before that the network wants to see again. */
const CONTEXT_SAMPLES = 64;
/** Context and new samples: what goes in at once. */
const WINDOW_SAMPLES = CONTEXT_SAMPLES + 512;
/** Numbers that the network remembers of a call, in each of its two layers. */
const LAYER_SIZE = 128;
const LAYERS = 2;
/** Windows in one run: the event loop stands still for about 0.25 ms for each. */
const MOST_TOGETHER = 8;

/** A full window of one call, on its way through the network. */
interface WaitingWindow {
  readonly samples: Float32Array;
  /** What the network remembers of the call; the run replaces it. */
  readonly memory: Float32Array;
  readonly resolve: (probability: number) => void;
  readonly reject: (reason: unknown) => void;
}

/** The network, loaded. One is enough for a process. */
export class SileroNetwork {
  readonly #session: Pick<ort.InferenceSession, "run">;
  readonly #sampleRate = new ort.Tensor("int64", BigInt64Array.of(BigInt(MODEL_INPUT_HZ)), []);
  readonly #waiting: WaitingWindow[] = [];
  #runIsDue = false;

  /**
   * A network on a session of its own; {@linkcode SileroNetwork.load} makes the real one.
   *
   * @param session Runs the network
   */
  constructor(session: Pick<ort.InferenceSession, "run">) {
    this.#session = session;
  }

  /** Loads the network; takes about 0.4 s, most of which the event loop stands still. */
  static async load(): Promise<SileroNetwork> {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmBinary = wasm.buffer;
    const session = await ort.InferenceSession.create(model, {
      executionProviders: ["wasm"],
      graphOptimizationLevel: "all",
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    return new SileroNetwork(session);
  }

  /** A detector for one call. */
  detector(): Vad {
    return new SileroDetector(Promise.resolve(this));
  }

  /**
   * Runs one window, together with those of other calls.
   *
   * @param samples The window, context first, -1 to 1; left alone until the promise settles
   * @param memory What the network remembers of the call; one window at a time may use it
   * @returns Probability of speech
   */
  run(samples: Float32Array, memory: Float32Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ samples, memory, resolve, reject });
      this.#makeRunDue();
    });
  }

  /** A run keeps the event loop to itself, so each gets a turn of its own and timers go between. */
  #makeRunDue(): void {
    if (this.#runIsDue || this.#waiting.length === 0) return;
    this.#runIsDue = true;
    setImmediate(async () => {
      await this.#runTogether(this.#waiting.splice(0, MOST_TOGETHER));
      this.#runIsDue = false;
      this.#makeRunDue();
    });
  }

  async #runTogether(windows: readonly WaitingWindow[]): Promise<void> {
    try {
      const { output, stateN } = await this.#session.run({
        ...stack(windows),
        sr: this.#sampleRate,
      });
      const probabilities = floats(output);
      const memories = floats(stateN);
      for (const [index, { memory, resolve }] of windows.entries()) {
        for (let layer = 0; layer < LAYERS; layer++) {
          const from = (layer * windows.length + index) * LAYER_SIZE;
          memory.set(memories.subarray(from, from + LAYER_SIZE), layer * LAYER_SIZE);
        }
        resolve(probabilities[index] ?? 0);
      }
    } catch (error) {
      for (const { reject } of windows) reject(error);
    }
  }
}

/** The network's inputs for several calls at once: a row of samples each, and its memory layer by layer. */
function stack(windows: readonly WaitingWindow[]): { input: ort.Tensor; state: ort.Tensor } {
  const count = windows.length;
  const input = new Float32Array(count * WINDOW_SAMPLES);
  const state = new Float32Array(LAYERS * count * LAYER_SIZE);
  for (const [index, { samples, memory }] of windows.entries()) {
    input.set(samples, index * WINDOW_SAMPLES);
    for (let layer = 0; layer < LAYERS; layer++) {
      const from = layer * LAYER_SIZE;
      state.set(memory.subarray(from, from + LAYER_SIZE), (layer * count + index) * LAYER_SIZE);
    }
  }
  return {
    input: new ort.Tensor("float32", input, [count, WINDOW_SAMPLES]),
    state: new ort.Tensor("float32", state, [LAYERS, count, LAYER_SIZE]),
  };
}

function floats(tensor: ort.Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new TypeError("Cannot score speech: the network gave no numbers");
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
 * Cuts the frames of one call into windows. The score of a frame is that of the latest full window; a window whose run
 * fails rejects the score of the frame that filled it, and the next goes on from what was known before.
 */
class SileroDetector implements Vad {
  readonly #network: Promise<SileroNetwork>;
  readonly #memory = new Float32Array(LAYERS * LAYER_SIZE);
  /** Windows that were run and can be filled again. */
  readonly #spare: Float32Array<ArrayBuffer>[] = [];
  #window = new Float32Array(WINDOW_SAMPLES);
  #filled = CONTEXT_SAMPLES;
  /** The latest score that there is, once all windows so far were run; never rejects. */
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
    const score = this.#run(this.#window);
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

  #run(window: Float32Array<ArrayBuffer>): Promise<number> {
    const before = this.#latest;
    const score = before.then(async () => {
      const network = await this.#network;
      return await network.run(window, this.#memory).finally(() => this.#spare.push(window));
    });
    this.#latest = score.catch(() => before);
    return score;
  }
}
