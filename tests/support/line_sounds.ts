/**
 * Sounds as the telephone line carries them, at 8 kHz.
 *
 * @module
 */

import { fileToPcm } from "../../audio/file_to_pcm.ts";
import { decodeMulaw, encodeMulaw } from "../../audio/mulaw.ts";
import { LINE_FRAME_SAMPLES, LINE_HZ } from "../../audio/rates.ts";
import { speechFile } from "../../emulators/speech.ts";

/** What is left of samples behind mu-law. */
export function throughMulaw(pcm: Int16Array): Int16Array {
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  const out = new Int16Array(pcm.length);
  decodeMulaw(mulaw, out);
  return out;
}

/** A recorded line of one party. */
export function spoken(party: "caller" | "agent", name: string): Int16Array {
  return throughMulaw(fileToPcm(Deno.readFileSync(speechFile(party, name)), LINE_HZ));
}

/** White noise of a level in dBFS; the same seed gives the same noise. */
export function noise(ms: number, { dbfs, seed }: { dbfs: number; seed: number }): Int16Array {
  const peak = 32_768 * 10 ** (dbfs / 20) * Math.sqrt(3);
  let state = seed >>> 0;
  return Int16Array.from({ length: ms * LINE_HZ / 1_000 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round(peak * (state / 2 ** 31 - 1));
  });
}

/** Whole frames of samples, in order; what is left over is dropped. */
export function* framesOf(pcm: Int16Array): Generator<Int16Array> {
  for (let end = LINE_FRAME_SAMPLES; end <= pcm.length; end += LINE_FRAME_SAMPLES) {
    yield pcm.subarray(end - LINE_FRAME_SAMPLES, end);
  }
}
