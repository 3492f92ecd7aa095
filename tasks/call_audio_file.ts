/**
 * The sound of an emulated call as a file.
 *
 * @module
 */

import { decodeMulaw } from "../audio/mulaw.ts";
import { LINE_HZ } from "../audio/rates.ts";
import { writeWav } from "../audio/wav.ts";

/** What was said and heard on a line, as mu-law. */
export interface LineSound {
  /** What the caller said. */
  readonly said: Uint8Array;
  /** What the caller heard. */
  readonly heard: Uint8Array;
}

/** Samples of mu-law bytes, at 8 kHz. */
export function linePcm(mulaw: Uint8Array): Int16Array {
  const pcm = new Int16Array(mulaw.length);
  decodeMulaw(mulaw, pcm);
  return pcm;
}

/** Writes a stereo WAV: the caller left, the agent right. */
export async function saveCall(path: string, { said, heard }: LineSound): Promise<void> {
  const channels = [linePcm(said), linePcm(heard)];
  await Deno.writeFile(path, writeWav({ hz: LINE_HZ, channels }));
}
