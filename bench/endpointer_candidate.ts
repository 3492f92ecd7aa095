/**
 * The end-pointer of the product for an evaluation that feeds mu-law frames of 160 bytes: all that stands between the
 * line and the beginning and end of a turn, with the settings of an agent that says nothing else.
 *
 * @module
 */

import { decodeMulaw } from "../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES } from "../audio/rates.ts";
import { Upsampler2x } from "../audio/resample.ts";
import { Hearing } from "../lib/call/hearing.ts";
import { SileroNetwork } from "../lib/hearing/silero_vad.ts";
import { DEFAULT_BARGE_IN, DEFAULT_TURN_SETTINGS } from "../lib/turns/turn_settings.ts";

/** Hears one call. */
export interface Candidate {
  /** Hears the next 20 ms, which begin at `tMs`; tells if the caller began or ceased to speak with it. */
  push(ulaw: Uint8Array, tMs: number): Promise<"start" | "end" | null>;
}

const network = SileroNetwork.load();

/** A candidate for one call. */
export async function create(): Promise<Candidate> {
  const detector = (await network).detector();
  const upsampler = new Upsampler2x();
  const hearing = new Hearing(DEFAULT_TURN_SETTINGS, DEFAULT_BARGE_IN);
  return {
    async push(ulaw, tMs) {
      const line = new Int16Array(LINE_FRAME_SAMPLES);
      decodeMulaw(ulaw, line);
      const speechProbability = await detector.score(upsampler.push(line));
      const frame = { line, played: undefined, endMs: tMs + FRAME_MS, speechProbability };
      const { speech } = hearing.hear(frame, false);
      if (!speech) return null;
      return speech.type === "speech-started" ? "start" : "end";
    },
  };
}
