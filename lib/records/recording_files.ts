/**
 * The sound of calls in files: one WAV file for each, in a folder that is named by the last day on which it is kept.
 *
 * A file is whole after every piece. The name of a call is letters and digits, so no name leads out of the folder.
 *
 * @module
 */

import { mulawWavHeader } from "../../audio/wav.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { DayFolders } from "./day_folders.ts";
import {
  type KeepPiece,
  type KeptRecording,
  laidTogether,
  PIECE_BYTES,
  SILENCE,
  type StreamRules,
} from "./recording_pieces.ts";

/** What recordings in files need. */
export interface RecordingFilesParts {
  /** Where they are kept; made when the first one is. */
  readonly folder: string;
  /** Whose days count. */
  readonly clock: Clock;
  /** Where it is told that old ones could not be deleted. */
  readonly log: Log;
}

const HEADER_BYTES = mulawWavHeader({ channels: 2, bytes: 0 }).length;
/** More pieces of a stream do not wait for the disk: a minute. */
const MOST_WAITING = 20;
const NAME = /^\w{1,64}$/;

/** Keeps recordings in a folder. */
export class RecordingFiles {
  readonly #folders: DayFolders;
  /** What waits to be written, by call. */
  readonly #writing = new Map<string, Promise<void>>();

  /** Deletes what is too old, now and every hour. */
  constructor({ folder, clock, log }: RecordingFilesParts) {
    const notSwept = (error: unknown) => log.warn("recordings-not-swept", { error });
    this.#folders = new DayFolders({ folder, clock, own: /^\w{1,64}\.wav$/, notSwept });
  }

  /** Begins to keep one stream. */
  begin(callSid: string, { keepDays, lost }: StreamRules): KeepPiece {
    if (!NAME.test(callSid)) return () => lost();
    const day = this.#folders.lastDay(keepDays);
    let waiting = 0;
    return (index, piece) => {
      if (waiting >= MOST_WAITING) return lost();
      waiting++;
      const before = this.#writing.get(callSid) ?? Promise.resolve();
      const writing = before.then(() => this.#write(callSid, { day, index, piece }))
        .catch(lost)
        .finally(() => {
          waiting--;
          if (this.#writing.get(callSid) === writing) this.#writing.delete(callSid);
        });
      this.#writing.set(callSid, writing);
    };
  }

  /** The recording of a call, if there is one. */
  async read(callSid: string): Promise<KeptRecording | undefined> {
    const path = await this.#find(callSid);
    if (path === undefined) return undefined;
    const bytes = Math.max(0, (await Deno.stat(path)).size - HEADER_BYTES);
    return { bytes, pieces: (from = 0, to = bytes) => bytesOf(path, from, to) };
  }

  /** Deletes the recording of a call that is over. */
  async forget(callSid: string): Promise<void> {
    await this.#writing.get(callSid);
    await this.#folders.remove((name) => name === nameOf(callSid));
  }

  /** Resolves when all that was kept is on the disk. */
  async flush(): Promise<void> {
    await Promise.all([...this.#writing.values(), this.#folders.settled()]);
  }

  /** Looks no more which are too old. */
  close(): void {
    this.#folders.close();
  }

  /** Another process may share the folder; a call that comes back goes on with its file. */
  async #write(
    callSid: string,
    { day, index, piece }: { day: string; index: number; piece: Uint8Array },
  ): Promise<void> {
    const known = await this.#find(callSid);
    const path = known ?? await this.#folders.make(day, nameOf(callSid));
    using file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
    const end = Math.max(0, (await file.stat()).size - HEADER_BYTES);
    const from = index * PIECE_BYTES;
    for (let at = end; at < from; at += PIECE_BYTES) {
      const gap = new Uint8Array(Math.min(PIECE_BYTES, from - at)).fill(SILENCE);
      await writeAt(file, HEADER_BYTES + at, gap);
    }
    const old = end <= from
      ? []
      : await Array.fromAsync(bytesOf(path, from, Math.min(end, from + PIECE_BYTES)));
    const length = Math.max(piece.length, ...old.map((bytes) => bytes.length));
    await writeAt(file, HEADER_BYTES + from, laidTogether([...old, piece], length));
    const bytes = Math.max(end, from + length);
    await writeAt(file, 0, mulawWavHeader({ channels: 2, bytes }));
  }

  async #find(callSid: string): Promise<string | undefined> {
    return NAME.test(callSid) ? await this.#folders.find(nameOf(callSid)) : undefined;
  }
}

function nameOf(callSid: string): string {
  return `${callSid}.wav`;
}

/** Samples of a file, piece by piece. */
async function* bytesOf(path: string, from: number, to: number): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path, { read: true });
  await file.seek(HEADER_BYTES + from, Deno.SeekMode.Start);
  for (let left = to - from; left > 0;) {
    const bytes = new Uint8Array(Math.min(PIECE_BYTES, left));
    const count = await file.read(bytes);
    if (count === null) throw new Error("Cannot read recording: its file has become shorter");
    left -= count;
    yield bytes.subarray(0, count);
  }
}

async function writeAt(file: Deno.FsFile, at: number, bytes: Uint8Array): Promise<void> {
  await file.seek(at, Deno.SeekMode.Start);
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}
