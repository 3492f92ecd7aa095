// @ts-check
/// <reference path="./worklet.d.ts" />
/**
 * The earpiece: plays samples in the order in which they came, says which marks were reached, and forgets when told to.
 *
 * @module
 */

import { Resampler } from "./resampler.js";

/** How often the level is told of, in samples of the output. */
const LEVEL_EVERY = 4800;

/** @typedef {{ samples: Float32Array } | { mark: string } | { clear: true }} Order */

class Playback extends AudioWorkletProcessor {
  /** Samples of the output and names of marks, in order. @type {(Float32Array | string)[]} */
  #queue = [];
  #hz;
  #resampler;
  #played = 0;
  #peak = 0;
  #untold = 0;

  /** @param {{ processorOptions: { hz: number } }} options */
  constructor({ processorOptions: { hz } }) {
    super();
    this.#hz = hz;
    this.#resampler = new Resampler(hz, sampleRate);
    this.port.onmessage = ({ data }) => this.#take(data);
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, outputs) {
    const output = outputs[0]?.[0];
    if (!output) return true;
    for (let n = 0; n < output.length; n++) {
      const sample = this.#next();
      output[n] = sample;
      this.#peak = Math.max(this.#peak, Math.abs(sample));
    }
    this.#untold += output.length;
    if (this.#untold >= LEVEL_EVERY) {
      this.port.postMessage({ peak: this.#peak });
      this.#untold = 0;
      this.#peak = 0;
    }
    return true;
  }

  /** @param {Order} order */
  #take(order) {
    if ("samples" in order) this.#queue.push(this.#resampler.push(order.samples));
    else if ("mark" in order) this.#queue.push(order.mark);
    else {
      for (const item of this.#queue) if (typeof item === "string") this.#reached(item);
      this.#queue = [];
      this.#played = 0;
      this.#resampler = new Resampler(this.#hz, sampleRate);
    }
  }

  #next() {
    for (;;) {
      const item = this.#queue[0];
      if (item === undefined) return 0;
      if (typeof item !== "string" && this.#played < item.length) return item[this.#played++] ?? 0;
      if (typeof item === "string") this.#reached(item);
      this.#queue.shift();
      this.#played = 0;
    }
  }

  /** @param {string} mark */
  #reached(mark) {
    this.port.postMessage({ mark });
  }
}

registerProcessor("playback", Playback);
