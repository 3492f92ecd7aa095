/**
 * Our resamplers as the audio evaluation wants them: samples between -1 and 1. They go through the 16 bits of a call.
 *
 * @module
 */

import { floatToPcm } from "../audio/pcm.ts";
import { Downsampler3x, Upsampler2x } from "../audio/resample.ts";

/** A resampler under evaluation. */
export interface Candidate {
  /** Takes the next chunk and gives what is ready, in memory that is good until the next call. */
  run(chunk: Float32Array): Float32Array;
}

/**
 * Makes a resampler.
 *
 * @param direction `up` is 8 to 16 kHz, `down` 24 to 8 kHz
 */
export function make(direction: "up" | "down"): Candidate {
  const resampler = direction === "up" ? new Upsampler2x() : new Downsampler3x();
  let input = new Int16Array(0);
  let output = new Float32Array(0);
  return {
    run(chunk) {
      if (input.length !== chunk.length) input = new Int16Array(chunk.length);
      floatToPcm(chunk, input);
      const pcm = resampler.push(input);
      if (output.length !== pcm.length) output = new Float32Array(pcm.length);
      for (let i = 0; i < pcm.length; i++) output[i] = (pcm[i] as number) / 32_768;
      return output;
    },
  };
}
