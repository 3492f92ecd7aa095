/**
 * How much of a sound is heard in another. A busy machine leaves gaps in what it plays, and silences are taken out; so a
 * sound is looked for in pieces without a pause, each behind the one before.
 *
 * @module
 */

import { convertRate } from "../../audio/file_to_pcm.ts";
import { levelDbfs } from "../../audio/level.ts";
import { LINE_HZ } from "../../audio/rates.ts";
import { findSound } from "../../tasks/sound_match.ts";

/** The rate at which sounds are compared: a gap can be as short as one sample of the page's. */
export const EAR_HZ = 48_000;

const PIECE = EAR_HZ / 10;
const BLOCK = EAR_HZ / 100;
/** The farthest that the next piece is looked for. */
const FARTHEST = 3 * EAR_HZ;
/** A block quieter than this is a pause. */
const QUIET_DBFS = -50;
/** Two changes of rate, and a telephone's coder, leave this much of a voice. */
const LEAST_CORRELATION = 0.9;
/** Half a sample of shift leaves this much of what is above a telephone's sounds. */
const LEAST_CORRELATION_ABOVE = 0.8;

/** A piece of a sound, and where in the other it is heard. */
interface Piece {
  readonly at: number;
  readonly heardAt: number | undefined;
}

/** The share of a sound that is heard in another, in its order: 1 is all of it. */
export function shareHeard(sound: Int16Array, heard: Int16Array): number {
  const pieces = piecesOf(sound, heard);
  return pieces.filter(({ heardAt }) => heardAt !== undefined).length / pieces.length;
}

/** The share of a sound that is heard in another with all that is above 4 kHz, which no telephone carries. */
export function shareHeardAbove(sound: Int16Array, heard: Int16Array): number {
  const pieces = piecesOf(sound, heard);
  const high = aboveTelephone(sound), heardHigh = aboveTelephone(heard);
  const found = pieces.filter(({ at, heardAt }) => {
    if (heardAt === undefined) return false;
    const place = heardHigh.subarray(Math.max(0, heardAt - 1), heardAt + PIECE + 1);
    return findSound(high.subarray(at, at + PIECE), place).correlation >= LEAST_CORRELATION_ABOVE;
  });
  return found.length / pieces.length;
}

function piecesOf(sound: Int16Array, heard: Int16Array): Piece[] {
  const pieces: Piece[] = [];
  let from = 0, to = heard.length;
  for (let at = 0; at + PIECE <= sound.length; at += PIECE) {
    const piece = sound.subarray(at, at + PIECE);
    if (hasPause(piece)) continue;
    const match = findSound(piece, heard.subarray(from, to));
    const isHeard = match.correlation >= LEAST_CORRELATION;
    if (isHeard) {
      from += match.at;
      to = from + FARTHEST;
    }
    pieces.push({ at, heardAt: isHeard ? from : undefined });
  }
  return pieces;
}

function hasPause(piece: Int16Array): boolean {
  for (let at = 0; at < piece.length; at += BLOCK) {
    if (levelDbfs(piece.subarray(at, at + BLOCK)) < QUIET_DBFS) return true;
  }
  return false;
}

function aboveTelephone(pcm: Int16Array): Int16Array {
  const narrow = convertRate(pcm, { fromHz: EAR_HZ, toHz: LINE_HZ });
  const carried = convertRate(narrow, { fromHz: LINE_HZ, toHz: EAR_HZ });
  return pcm.map((sample, n) => sample - (carried[n] ?? 0));
}
