/**
 * Two tracks of mu-law that are written out of step and read in step: what a caller said, and what they heard.
 *
 * @module
 */

import { MULAW_SILENCE } from "./mulaw.ts";

/** What is written further ahead than this many samples is not kept: a minute. */
const MOST_AHEAD = 480_000;

/** Which of the two. */
export type Track = "left" | "right";

/** Gives pieces of equal length in which the samples of both tracks take turns; where nothing was written is silence. */
export class TwoTracks {
  readonly #samples: number;
  /** Pieces that were not taken, by number. */
  readonly #pieces = new Map<number, Uint8Array>();
  #taken: number;
  readonly #ends = { left: 0, right: 0 };

  /**
   * Gives pieces of so many samples.
   *
   * @param from Nothing is written before this place; the first piece is the one that it lies in
   */
  constructor(pieceSamples: number, from = 0) {
    this.#samples = pieceSamples;
    this.#taken = Math.floor(from / pieceSamples);
  }

  /** Number of the piece that is taken next. */
  get nextPiece(): number {
    return this.#taken;
  }

  /** The place behind the last sample of a track. */
  end(track: Track): number {
    return this.#ends[track];
  }

  /** Writes samples at a place; those that belong to a piece that was taken come too late. */
  write(track: Track, mulaw: Uint8Array, at: number): void {
    const first = this.#taken * this.#samples;
    for (let n = Math.max(0, first - at); n < mulaw.length; n++) {
      const place = at + n;
      if (place >= first + MOST_AHEAD) return;
      this.#set(track, place, mulaw[n] ?? MULAW_SILENCE);
      this.#ends[track] = Math.max(this.#ends[track], place + 1);
    }
  }

  /** Makes silence of a track from a place on. */
  cut(track: Track, from: number): void {
    const start = Math.max(from, this.#taken * this.#samples);
    for (let place = start; place < this.#ends[track]; place++) {
      this.#set(track, place, MULAW_SILENCE);
    }
    this.#ends[track] = Math.min(this.#ends[track], Math.max(start, 0));
  }

  /** Takes the whole pieces that lie before a place, first to last. */
  take(before: number): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    while ((this.#taken + 1) * this.#samples <= before) pieces.push(this.#takePiece());
    return pieces;
  }

  /** Takes the rest; the last piece is as long as what was written. */
  takeAll(): Uint8Array[] {
    const end = Math.max(this.#ends.left, this.#ends.right);
    const pieces = this.take(end);
    const rest = end - this.#taken * this.#samples;
    return rest > 0 ? [...pieces, this.#takePiece().subarray(0, 2 * rest).slice()] : pieces;
  }

  #takePiece(): Uint8Array {
    const number = this.#taken++;
    const piece = this.#pieces.get(number) ?? this.#silence();
    this.#pieces.delete(number);
    return piece;
  }

  #set(track: Track, place: number, code: number): void {
    const number = Math.floor(place / this.#samples);
    let piece = this.#pieces.get(number);
    if (!piece) this.#pieces.set(number, piece = this.#silence());
    piece[2 * (place % this.#samples) + (track === "left" ? 0 : 1)] = code;
  }

  #silence(): Uint8Array {
    return new Uint8Array(2 * this.#samples).fill(MULAW_SILENCE);
  }
}
