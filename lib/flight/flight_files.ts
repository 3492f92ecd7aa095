/**
 * Flights in files, one for each stream of a call, as long as the agent has its records kept.
 *
 * Lines wait in memory until the disk takes them. A call never waits for that, and nothing that goes wrong with it reaches
 * the call: there is a bound to what waits, and behind it the flight ends with a note.
 *
 * @module
 */

import { type CallParts, runCall } from "../call/call.ts";
import type { CallOutcome } from "../call/outcome.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { DayFolders } from "../records/day_folders.ts";
import { FlightText } from "./flight_lines.ts";
import { type FlightTape, recordCall } from "./flight_recorder.ts";

/** What flights in files need. */
export interface FlightFilesParts {
  /** Whether calls are recorded; if not, older flights are kept and forgotten as ever. */
  readonly isOn: boolean;
  /** Where they are kept; made when the first one is. */
  readonly folder: string;
  /** Words that must not be in them. */
  readonly secrets: readonly string[];
  /** Most characters of one flight, and of one that wait for the disk; 256 and 8 million unless given. */
  readonly bounds?: { readonly most: number; readonly mostWaiting: number };
  /** Whose days count. */
  readonly clock: Clock;
  /** Where it is told what could not be kept. */
  readonly log: Log;
}

const BOUNDS = { most: 256_000_000, mostWaiting: 8_000_000 };
const NAME = /^\w{1,64}$/;

/** Records calls into a folder. */
export class FlightFiles {
  readonly #parts: FlightFilesParts;
  readonly #folders: DayFolders;
  /** What waits for the disk, by name of the file. */
  readonly #writing = new Map<string, Promise<void>>();

  /** Deletes what is too old, now and every hour. */
  constructor(parts: FlightFilesParts) {
    const { folder, clock, log } = parts;
    const notSwept = (error: unknown) => log.warn("flights-not-swept", { error });
    this.#parts = parts;
    this.#folders = new DayFolders({ folder, clock, own: /^\w{1,64}-\d+\.jsonl$/, notSwept });
  }

  /** Runs a call to its end, recorded if calls are. */
  async run(parts: CallParts): Promise<CallOutcome> {
    const { facts: { callSid }, agent, continuity: { term } } = parts;
    if (!this.#parts.isOn || !NAME.test(callSid)) return await runCall(parts);
    const { secrets, bounds = BOUNDS } = this.#parts;
    const day = this.#folders.lastDay(agent.records.keepDays);
    const name = `${callSid}-${term}.jsonl`;
    const file = new FlightFile({
      path: () => this.#folders.make(day, name),
      bounds,
      cutShort: (why) => parts.log.warn("flight-cut-short", { why }),
    });
    const writing = file.written
      .catch((error: unknown) => parts.log.warn("flight-lost", { error }))
      .finally(() => this.#writing.delete(name));
    this.#writing.set(name, writing);
    return await recordCall(parts, { tape: file, secrets });
  }

  /** Deletes the flights of a call that is over. */
  async forget(callSid: string): Promise<void> {
    const isOfCall = (name: string) => name.replace(/-\d+\.jsonl$/, "") === callSid;
    const writing = [...this.#writing].filter(([name]) => isOfCall(name));
    await Promise.all(writing.map(([, written]) => written));
    await this.#folders.remove(isOfCall);
  }

  /** Resolves when all that was recorded is on the disk. */
  async flush(): Promise<void> {
    await Promise.all([...this.#writing.values(), this.#folders.settled()]);
  }

  /** Looks no more which are too old. */
  close(): void {
    this.#folders.close();
  }
}

interface FlightFileParts {
  /** Makes a place for it. */
  readonly path: () => Promise<string>;
  readonly bounds: typeof BOUNDS;
  /** Told why the flight ends before its call. */
  readonly cutShort: (why: string) => void;
}

/** One flight on its way to the disk. */
class FlightFile implements FlightTape {
  /** Resolves when all of it is there; rejects if the disk does not take it. */
  readonly written: Promise<void>;
  readonly #parts: FlightFileParts;
  #lines: string[] = [];
  #waiting = 0;
  #total = 0;
  #isOver = false;
  #wake = (): void => {};

  constructor(parts: FlightFileParts) {
    this.#parts = parts;
    this.written = this.#write();
  }

  write(line: string): void {
    if (this.#isOver) return;
    const { most, mostWaiting } = this.#parts.bounds;
    const length = line.length + 1;
    if (this.#total + length > most) return this.#end("a flight may not be longer");
    if (this.#waiting + length > mostWaiting) return this.#end("the disk was too slow");
    this.#total += length;
    this.#waiting += length;
    this.#lines.push(line);
    this.#wake();
  }

  close(): void {
    this.#isOver = true;
    this.#wake();
  }

  #end(note: string): void {
    this.#lines.push(new FlightText().line({ note }));
    this.#parts.cutShort(note);
    this.close();
  }

  async #write(): Promise<void> {
    try {
      const options = { write: true, create: true, truncate: true, mode: 0o600 };
      using file = await Deno.open(await this.#parts.path(), options);
      while (this.#lines.length > 0 || !this.#isOver) {
        // What came while the disk was busy goes in one piece.
        const lines = this.#lines.splice(0);
        this.#waiting = 0;
        if (lines.length > 0) await writeAll(file, ENCODER.encode(`${lines.join("\n")}\n`));
        else await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      this.#isOver = true;
      this.#lines = [];
    }
  }
}

const ENCODER = new TextEncoder();

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}
