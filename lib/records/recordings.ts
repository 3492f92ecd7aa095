/**
 * The sound of calls, in the store: pieces as long as a value may be, in order, of each stream of the call.
 *
 * @module
 */

import type { PatientStore } from "../store/patient_store.ts";
import type { Store } from "../store/store.ts";

/** Bytes of a piece: two tracks of mu-law, sample by sample. The last one is shorter. */
export const PIECE_BYTES = 48_000;
/** How long a reader waits for the store. */
const READ_MS = 2_000;
/** More may not wait for the store than this many writes: records go before sound. */
const MOST_QUEUED = 200;
/** Pieces that are read at once. */
const PAGE = 10;
/** Silence in mu-law. */
const SILENCE = 0xff;
const DAY_MS = 86_400_000;

/** Takes the pieces of one stream, first to last; a piece that finds no room is silence later on. */
export type KeepPiece = (index: number, piece: Uint8Array) => void;

/** A recording to be read. */
export interface KeptRecording {
  /** Bytes of all pieces. */
  readonly bytes: number;
  /** The pieces, first to last. @throws {StoreError} If the store does not answer */
  pieces(): AsyncGenerator<Uint8Array>;
}

/** Keeps the sound of calls and finds it again. */
export class Recordings {
  readonly #store: PatientStore;

  /** Finds what any process keeps in the store. */
  constructor(options: { store: PatientStore }) {
    this.#store = options.store;
  }

  /**
   * Begins to keep one stream.
   *
   * @param stream `term` counts the streams of the call; `lost` is told of a piece for which there was no room
   */
  begin(
    callSid: string,
    stream: { term: number; keepDays: number; lost: () => void },
  ): KeepPiece {
    const { term, keepDays, lost } = stream;
    return (index, piece) => {
      if (!this.#store.isUp || this.#store.counts.queued > MOST_QUEUED) return lost();
      const key = ["sound", callSid, term, index];
      this.#store.write([{ type: "set", key, value: piece, expireInMs: keepDays * DAY_MS }]);
    };
  }

  /**
   * The sound of a call, all its streams one behind the other.
   *
   * @returns Nothing if none is kept
   * @throws {StoreError} If the store does not answer
   */
  async read(callSid: string): Promise<KeptRecording | undefined> {
    if (!/^\w{1,64}$/.test(callSid)) return undefined;
    await this.#store.flush(READ_MS);
    const store = this.#store.within(READ_MS);
    const streams: { term: number; bytes: number }[] = [];
    for (let term = 0;;) {
      const [next] = await store.list(["sound", callSid], {
        limit: 1,
        after: ["sound", callSid, term, Number.MAX_VALUE],
      });
      if (!next) break;
      term = Number(next.key[2]);
      const [last] = await store.list(["sound", callSid, term], { limit: 1, isReverse: true });
      if (last) streams.push({ term, bytes: Number(last.key[3]) * PIECE_BYTES + sizeOf(last) });
    }
    if (streams.length === 0) return undefined;
    return {
      bytes: streams.reduce((sum, { bytes }) => sum + bytes, 0),
      pieces: async function* () {
        for (const stream of streams) yield* piecesOf(store, callSid, stream);
      },
    };
  }
}

/** Pieces of one stream; for those that were lost, silence. */
async function* piecesOf(
  store: Store,
  callSid: string,
  { term, bytes }: { term: number; bytes: number },
): AsyncGenerator<Uint8Array> {
  const count = Math.ceil(bytes / PIECE_BYTES);
  for (let from = 0; from < count; from += PAGE) {
    const range = { limit: PAGE, ...(from > 0 ? { after: keyBefore(callSid, term, from) } : {}) };
    const found = await store.list(["sound", callSid, term], range);
    const kept = new Map(found.map(({ key, value }) => [Number(key[3]), value]));
    for (let index = from; index < Math.min(from + PAGE, count); index++) {
      const length = Math.min(PIECE_BYTES, bytes - index * PIECE_BYTES);
      const piece = kept.get(index);
      yield piece instanceof Uint8Array ? piece : new Uint8Array(length).fill(SILENCE);
    }
  }
}

function keyBefore(callSid: string, term: number, index: number) {
  return ["sound", callSid, term, index - 0.5];
}

function sizeOf({ value }: { readonly value: unknown }): number {
  return value instanceof Uint8Array ? value.length : 0;
}
