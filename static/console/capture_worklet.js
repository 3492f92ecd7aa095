// @ts-check
/// <reference path="./worklet.d.ts" />
/**
 * The microphone: frames of 20 ms at the rate of the line.
 *
 * @module
 */

import { Resampler } from "./resampler.js";

const FRAMES_PER_SECOND = 50;

class Capture extends AudioWorkletProcessor {
  #resampler;
  #frame;
  #filled = 0;

  /** @param {{ processorOptions: { hz: number } }} options */
  constructor({ processorOptions: { hz } }) {
    super();
    this.#resampler = new Resampler(sampleRate, hz);
    this.#frame = new Float32Array(hz / FRAMES_PER_SECOND);
  }

  /** @param {Float32Array[][]} inputs */
  process([input]) {
    const samples = input?.[0];
    if (!samples) return true;
    for (const sample of this.#resampler.push(samples)) {
      this.#frame[this.#filled++] = sample;
      if (this.#filled < this.#frame.length) continue;
      this.#filled = 0;
      const peak = this.#frame.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      this.port.postMessage({ samples: this.#frame.slice(), peak });
    }
    return true;
  }
}

registerProcessor("capture", Capture);
