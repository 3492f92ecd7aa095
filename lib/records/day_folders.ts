/**
 * Files that are kept for some days: each lies in a folder that is named by the last day on which it is kept, so that what
 * is too old is known by its place.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";

/** What day folders need. */
export interface DayFoldersParts {
  /** Where they are; made with the first file. */
  readonly folder: string;
  /** Names of files that are ours; all others stay. */
  readonly own: RegExp;
  /** Whose days count. */
  readonly clock: Clock;
  /** Told if old files could not be deleted. */
  readonly notSwept: (error: unknown) => void;
}

/** How often it is looked which are too old. */
const SWEEP_MS = 3_600_000;
const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** Folders of files by their last day. */
export class DayFolders {
  readonly #parts: DayFoldersParts;
  #timer: Timer | undefined;
  #sweeping = Promise.resolve();

  /** Deletes what is too old, now and every hour. */
  constructor(parts: DayFoldersParts) {
    this.#parts = parts;
    this.#sweepOn();
  }

  /** The last day of what is kept from now on. */
  lastDay(keepDays: number): string {
    return dayOf(this.#parts.clock.epochMs() + keepDays * DAY_MS);
  }

  /** The path of a new file; its folder is there then. */
  async make(day: string, name: string): Promise<string> {
    const folder = `${this.#parts.folder}/${day}`;
    await Deno.mkdir(folder, { recursive: true });
    return `${folder}/${name}`;
  }

  /** The path of a file of that name, if there is one. */
  async find(name: string): Promise<string | undefined> {
    for (const day of await this.#days()) {
      const path = `${this.#parts.folder}/${day}/${name}`;
      if (await isThere(path)) return path;
    }
    return undefined;
  }

  /** Deletes our files whose names are wanted. */
  async remove(isWanted: (name: string) => boolean): Promise<void> {
    for (const day of await this.#days()) {
      const path = `${this.#parts.folder}/${day}`;
      const names = (await entriesOf(path)).map(({ name }) => name);
      const wanted = names.filter((name) => this.#parts.own.test(name) && isWanted(name));
      for (const name of wanted) await remove(`${path}/${name}`);
    }
  }

  /** Resolves when nothing is being deleted by itself. */
  async settled(): Promise<void> {
    await this.#sweeping;
  }

  /** Looks no more which are too old. */
  close(): void {
    this.#timer?.cancel();
  }

  async #days(): Promise<string[]> {
    const entries = await entriesOf(this.#parts.folder);
    const days = entries.filter(({ isDirectory, name }) => isDirectory && DAY.test(name));
    return days.map(({ name }) => name);
  }

  /** One after the other, however long one takes. */
  #sweepOn(): void {
    const { clock, notSwept } = this.#parts;
    this.#timer = clock.at(clock.nowMs() + SWEEP_MS, () => this.#sweepOn());
    this.#sweeping = this.#sweeping.then(() => this.#sweep()).catch(notSwept);
  }

  /** What is not ours stays, and its folder with it. */
  async #sweep(): Promise<void> {
    const { folder, own, clock } = this.#parts;
    const today = dayOf(clock.epochMs());
    for (const day of (await this.#days()).filter((name) => name < today)) {
      const entries = await entriesOf(`${folder}/${day}`);
      const ours = entries.filter(({ isFile, name }) => isFile && own.test(name));
      for (const { name } of ours) await remove(`${folder}/${day}/${name}`);
      if (ours.length === entries.length) await remove(`${folder}/${day}`);
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
