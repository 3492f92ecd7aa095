/**
 * How much of a sound is heard in another. A busy machine leaves gaps in what it plays, so a sound is looked for in
 * pieces, each behind the one before.
 *
 * @module
 */

import { convertRate } from "../../audio/file_to_pcm.ts";
import { levelDbfs } from "../../audio/level.ts";
import { LINE_HZ, MODEL_INPUT_HZ } from "../../audio/rates.ts";
import { findSound } from "../../tasks/sound_match.ts";

const PIECE_S = 0.2;
/** The longest gap between two pieces. */
const GAP_S = 3;

/** How a sound is looked for. */
export interface Listening {
  readonly heard: Int16Array;
  /** The rate of both. */
  readonly hz: number;
  /** Pieces quieter than this are pauses. */
  readonly quietDbfs?: number;
  /** From here on a piece is the same; two changes of rate, and a telephone's coder, leave 0.9 of a voice. */
  readonly leastCorrelation?: number;
}

/** The share of a sound's pieces that are heard in another, in their order: 1 is all of it. */
export function shareHeard(
  sound: Int16Array,
  { heard, hz, quietDbfs = -40, leastCorrelation = 0.9 }: Listening,
): number {
  const length = PIECE_S * hz;
  let pieces = 0, found = 0;
  let from = 0, to = heard.length;
  for (let at = 0; at + length <= sound.length; at += length) {
    const piece = sound.subarray(at, at + length);
    if (levelDbfs(piece) < quietDbfs) continue;
    pieces++;
    const match = findSound(piece, heard.subarray(from, to));
    if (match.correlation < leastCorrelation) continue;
    found++;
    from += match.at;
    to = from + GAP_S * hz;
  }
  return found / pieces;
}

/** What no telephone carries: all above 4 kHz in a sound of 16 kHz. */
export function aboveTelephone(pcm16k: Int16Array): Int16Array {
  const narrow = convertRate(pcm16k, { fromHz: MODEL_INPUT_HZ, toHz: LINE_HZ });
  const carried = convertRate(narrow, { fromHz: LINE_HZ, toHz: MODEL_INPUT_HZ });
  return pcm16k.map((sample, n) => sample - (carried[n] ?? 0));
}
