/**
 * What recordings are made of.
 *
 * @module
 */

/** Bytes of a piece: two tracks of mu-law, sample by sample. The last one is shorter. */
export const PIECE_BYTES = 48_000;
/** Silence in mu-law. */
export const SILENCE = 0xff;

/** Takes the pieces of one stream, first to last; a piece that finds no room is silence later on. */
export type KeepPiece = (index: number, piece: Uint8Array) => void;

/** How one stream is kept. */
export interface StreamRules {
  /** Which stream of the call. */
  readonly term: number;
  /** For how long, in days. */
  readonly keepDays: number;
  /** Told of a piece that could not be kept, and why, if not for want of room. */
  readonly lost: (error?: unknown) => void;
}

/** A recording to be read. */
export interface KeptRecording {
  /** How long it is: 16 bytes a millisecond. */
  readonly bytes: number;
  /**
   * Its bytes, in pieces.
   *
   * @param from First of them
   * @param to The one behind the last
   * @throws {StoreError} If the store does not answer
   */
  pieces(from?: number, to?: number): AsyncGenerator<Uint8Array>;
}

/**
 * Pieces of the same place as one: where a later one is not silent it counts.
 *
 * @param length Of the piece that comes out: what nobody has is silence
 */
export function laidTogether(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces;
  if (only?.length === length && pieces.length === 1) return only;
  const whole = new Uint8Array(length).fill(SILENCE);
  for (const piece of pieces) {
    for (const [n, code] of piece.subarray(0, length).entries()) {
      if (code !== SILENCE) whole[n] = code;
    }
  }
  return whole;
}
