/**
 * The sound of calls in files: one WAV file for each, in a folder that is named by the last day on which it is kept.
 *
 * A file is whole after every piece. The name of a call is letters and digits, so no name leads out of the folder.
 *
 * @module
 */

import { mulawWavHeader } from "../../audio/wav.ts";
import type { Clock, Timer } from "../clock.ts";
import type { Log } from "../log.ts";
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
/** How often it is looked which are too old. */
const SWEEP_MS = 3_600_000;
const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d\d-\d\d$/;
const NAME = /^\w{1,64}$/;

/** Keeps recordings in a folder. */
export class RecordingFiles {
  readonly #parts: RecordingFilesParts;
  /** What waits to be written, by call. */
  readonly #writing = new Map<string, Promise<void>>();
  #timer: Timer | undefined;
  #sweeping: Promise<void>;

  /** Deletes what is too old, now and every hour. */
  constructor(parts: RecordingFilesParts) {
    this.#parts = parts;
    this.#sweeping = this.#sweepOn();
  }

  /** Begins to keep one stream. */
  begin(callSid: string, { keepDays, lost }: StreamRules): KeepPiece {
    if (!NAME.test(callSid)) return () => lost();
    const day = dayOf(this.#parts.clock.epochMs() + keepDays * DAY_MS);
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
    const path = await this.#find(callSid);
    if (path !== undefined) await remove(path);
  }

  /** Resolves when all that was kept is on the disk. */
  async flush(): Promise<void> {
    await Promise.all([...this.#writing.values(), this.#sweeping]);
  }

  /** Looks no more which are too old. */
  close(): void {
    this.#timer?.cancel();
  }

  /** Another process may share the folder; a call that comes back goes on with its file. */
  async #write(
    callSid: string,
    { day, index, piece }: { day: string; index: number; piece: Uint8Array },
  ): Promise<void> {
    const folder = `${this.#parts.folder}/${day}`;
    const known = await this.#find(callSid);
    if (known === undefined) await Deno.mkdir(folder, { recursive: true });
    const path = known ?? `${folder}/${callSid}.wav`;
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
    const { folder } = this.#parts;
    if (!NAME.test(callSid)) return undefined;
    for (const day of await this.#days()) {
      const path = `${folder}/${day}/${callSid}.wav`;
      if (await isThere(path)) return path;
    }
    return undefined;
  }

  async #days(): Promise<string[]> {
    const entries = await entriesOf(this.#parts.folder);
    const days = entries.filter(({ isDirectory, name }) => isDirectory && DAY.test(name));
    return days.map(({ name }) => name);
  }

  async #sweepOn(): Promise<void> {
    const { clock, log } = this.#parts;
    this.#timer = clock.at(clock.nowMs() + SWEEP_MS, () => {
      this.#sweeping = this.#sweepOn();
    });
    try {
      await this.#sweep();
    } catch (error) {
      log.warn("recordings-not-swept", { error });
    }
  }

  /** What is not ours stays, and its folder with it. */
  async #sweep(): Promise<void> {
    const { folder, clock } = this.#parts;
    const today = dayOf(clock.epochMs());
    for (const day of (await this.#days()).filter((name) => name < today)) {
      const entries = await entriesOf(`${folder}/${day}`);
      const own = entries.filter(({ isFile, name }) => isFile && /^\w{1,64}\.wav$/.test(name));
      for (const { name } of own) await remove(`${folder}/${day}/${name}`);
      if (own.length === entries.length) await remove(`${folder}/${day}`);
    }
  }
}

function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}

/** What is in a folder; nothing if somebody has taken it away. */
async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Another process may have been faster. */
async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
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
