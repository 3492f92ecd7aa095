/**
 * Our mu-law coder as the audio evaluation wants it.
 *
 * @module
 */

import { decodeMulaw, encodeMulaw } from "../audio/mulaw.ts";

/** Samples of 16 bits to one byte each. */
export function encode(pcm: Int16Array): Uint8Array {
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  return mulaw;
}

/** Bytes to samples of 16 bits. */
export function decode(mulaw: Uint8Array): Int16Array {
  const pcm = new Int16Array(mulaw.length);
  decodeMulaw(mulaw, pcm);
  return pcm;
}
