// @ts-check
/// <reference path="./worklet.d.ts" />
/**
 * The microphone as a telephone takes it: mu-law frames of 20 ms at 8 kHz.
 *
 * @module
 */

import { encode } from "./mulaw.js";
import { Resampler } from "./resampler.js";

const LINE_HZ = 8000;
const FRAME_SAMPLES = 160;

class Capture extends AudioWorkletProcessor {
  #resampler = new Resampler(sampleRate, LINE_HZ);
  #frame = new Float32Array(FRAME_SAMPLES);
  #filled = 0;

  /** @param {Float32Array[][]} inputs */
  process([input]) {
    const samples = input?.[0];
    if (!samples) return true;
    for (const sample of this.#resampler.push(samples)) {
      this.#frame[this.#filled++] = sample;
      if (this.#filled < FRAME_SAMPLES) continue;
      this.#filled = 0;
      const peak = this.#frame.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      this.port.postMessage({ mulaw: encode(this.#frame), peak });
    }
    return true;
  }
}

registerProcessor("capture", Capture);
