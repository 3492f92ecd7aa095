/**
 * Our detector in the interface of the audio evaluation: one 20-ms frame of 160 samples at 8 kHz in, one score out. The
 * evaluation stands elsewhere, so it needs our packages: run it with `--no-lock --config=` and the path of `deno.json`.
 *
 * @module
 */

import { Upsampler2x } from "../audio/resample.ts";
import { SileroNetwork } from "../lib/hearing/silero_vad.ts";
import { DEFAULT_TURN_SETTINGS } from "../lib/turns/turn_settings.ts";

const network = SileroNetwork.load();

/** Makes detectors; `on` and `off` are the probabilities by which turns are taken. */
export const factory = {
  name: "offhook",
  on: DEFAULT_TURN_SETTINGS.speechProbability,
  off: DEFAULT_TURN_SETTINGS.speechProbability - 0.15,
  rate: "16k",
  /** A detector for one call. */
  async create(): Promise<{ push(frame: Int16Array): Promise<number> }> {
    const detector = (await network).detector();
    const upsampler = new Upsampler2x();
    return { push: (frame) => detector.score(upsampler.push(frame)) };
  },
};
