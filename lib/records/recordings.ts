/**
 * The sound of calls: pieces as long as a value of the store may be, in the store or, by a setting, in files.
 *
 * A piece has its number in the call, so a place in a recording is a time in the call. A call that has come back has a
 * second stream, whose pieces begin where it did; what lies between two streams is silence.
 *
 * @module
 */

import type { PatientStore } from "../store/patient_store.ts";
import type { Store } from "../store/store.ts";
import type { RecordingFiles } from "./recording_files.ts";
import {
  type KeepPiece,
  type KeptRecording,
  laidTogether,
  PIECE_BYTES,
  type StreamRules,
} from "./recording_pieces.ts";

/** How long a reader waits for the store. */
const READ_MS = 2_000;
/** More may not wait for the store than this many writes: records go before sound. */
const MOST_QUEUED = 200;
/** Pieces that are read at once. */
const PAGE = 10;
const DAY_MS = 86_400_000;

interface Stream {
  readonly term: number;
  readonly bytes: number;
}

/** Keeps the sound of calls and finds it again. */
export class Recordings {
  readonly #store: PatientStore;
  readonly #files: RecordingFiles | undefined;

  /** Keeps it in the store, or in files where there is a place for them; finds what any process has kept there. */
  constructor(options: { store: PatientStore; files?: RecordingFiles | undefined }) {
    this.#store = options.store;
    this.#files = options.files;
  }

  /** Begins to keep one stream. */
  begin(callSid: string, stream: StreamRules): KeepPiece {
    if (this.#files) return this.#files.begin(callSid, stream);
    const { term, keepDays, lost } = stream;
    return (index, piece) => {
      if (!this.#store.isUp || this.#store.counts.queued > MOST_QUEUED) return lost();
      const key = ["sound", callSid, term, index];
      this.#store.write([{ type: "set", key, value: piece, expireInMs: keepDays * DAY_MS }]);
    };
  }

  /**
   * The sound of a call.
   *
   * @returns Nothing if none is kept
   * @throws {StoreError} If the store does not answer
   */
  async read(callSid: string): Promise<KeptRecording | undefined> {
    if (!/^\w{1,64}$/.test(callSid)) return undefined;
    const file = await this.#files?.read(callSid);
    if (file) return file;
    await this.#store.flush(READ_MS);
    const store = this.#store.within(READ_MS);
    const streams = await streamsOf(store, callSid);
    if (streams.length === 0) return undefined;
    const bytes = Math.max(...streams.map((stream) => stream.bytes));
    return {
      bytes,
      pieces: (from = 0, to = bytes) => piecesOf({ store, callSid, streams, bytes }, from, to),
    };
  }

  /** Deletes the files of a call; what stands in the store goes with the rest of the call. */
  async forget(callSid: string): Promise<void> {
    await this.#files?.forget(callSid);
  }

  /** Resolves when the files have all that was kept. */
  async flush(): Promise<void> {
    await this.#files?.flush();
  }

  /** Ends what this process does by itself. */
  close(): void {
    this.#files?.close();
  }
}

async function streamsOf(store: Store, callSid: string): Promise<Stream[]> {
  const streams: Stream[] = [];
  for (let term = 0;;) {
    const after = ["sound", callSid, term, Number.MAX_VALUE];
    const [next] = await store.list(["sound", callSid], { limit: 1, after });
    if (!next) return streams;
    term = Number(next.key[2]);
    const [last] = await store.list(["sound", callSid, term], { limit: 1, isReverse: true });
    if (last) streams.push({ term, bytes: Number(last.key[3]) * PIECE_BYTES + sizeOf(last) });
  }
}

/** Whole pieces are read, and cut where too much. */
async function* piecesOf(
  sound: { store: Store; callSid: string; streams: readonly Stream[]; bytes: number },
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  const end = Math.ceil(to / PIECE_BYTES);
  for (let first = Math.floor(from / PIECE_BYTES); first < end; first += PAGE) {
    const last = Math.min(first + PAGE, end);
    const kept = await keptBetween(sound, first, last);
    for (let index = first; index < last; index++) {
      const at = index * PIECE_BYTES;
      const length = Math.min(PIECE_BYTES, sound.bytes - at);
      const piece = laidTogether(kept.get(index) ?? [], length);
      yield piece.subarray(Math.max(0, from - at), Math.max(0, to - at));
    }
  }
}

/** The pieces of every stream by number. */
async function keptBetween(
  { store, callSid, streams }: { store: Store; callSid: string; streams: readonly Stream[] },
  first: number,
  end: number,
): Promise<Map<number, Uint8Array[]>> {
  const kept = new Map<number, Uint8Array[]>();
  for (const { term } of streams) {
    const prefix = ["sound", callSid, term];
    const after = [...prefix, first - 0.5];
    for (const { key, value } of await store.list(prefix, { limit: end - first, after })) {
      const index = Number(key[3]);
      if (index >= end || !(value instanceof Uint8Array)) continue;
      kept.set(index, [...kept.get(index) ?? [], value]);
    }
  }
  return kept;
}

function sizeOf({ value }: { readonly value: unknown }): number {
  return value instanceof Uint8Array ? value.length : 0;
}
