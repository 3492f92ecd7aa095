/**
 * Runs the same code on a flight: what came into the call then comes into it again, and what it does is compared.
 *
 * @module
 */

import { runCall } from "../call/call.ts";
import {
  type FlightHead,
  type FlightIn,
  type FlightLine,
  FlightText,
  readHead,
  readLine,
} from "./flight_lines.ts";
import { type Seam, seamParts } from "./seam.ts";
import { standInParts } from "./stand_ins.ts";

/** The first thing that is not as it was. */
export interface FlightDifference {
  /** The line of the flight; the first has number 1. */
  readonly line: number;
  /** Milliseconds since the call began. */
  readonly callMs: number;
  /** What the flight has there. */
  readonly recorded: string;
  /** What came of it now; absent: nothing. */
  readonly now: string | undefined;
}

/** What became of a replay. */
export interface Replay {
  /** Lines that were gone through, the first among them. */
  readonly lines: number;
  /** How far into the call that is. */
  readonly callMs: number;
  /** Why the flight does not go to the end of its call; absent: it does. */
  readonly cutShort: string | undefined;
  /** Absent: all was the same, to the byte. */
  readonly difference: FlightDifference | undefined;
}

/**
 * Replays a flight.
 *
 * @param lines Of its file, the first to the last; one that is no whole line at the end is left
 * @throws {FlightError} If it is no flight, or of another format
 */
export async function replayFlight(lines: readonly string[]): Promise<Replay> {
  return await new FlightReplay(lines).run();
}

/** The replay goes no further, and the call must end. */
class ReplayOver extends Error {}

/** The call waits: for its next fact, or for something to be over. */
interface Waiting {
  readonly for: string;
  readonly isReady: () => boolean;
  readonly goOn: () => void;
  readonly stop: (why: Error) => void;
}

class FlightReplay implements Seam {
  nowMs: number;
  readonly #head: FlightHead;
  readonly #lines: readonly string[];
  readonly #text = new FlightText();
  readonly #ways = new Map<string, (given: readonly unknown[]) => unknown>();
  /** Index of the next line. */
  #at = 0;
  #next: FlightLine | undefined;
  #cutShort: string | undefined;
  #difference: FlightDifference | undefined;
  #unreadable: unknown;
  /** Nothing is compared any more. */
  #isOver = false;
  #hasEnded = false;
  #waiting: Waiting | undefined;
  #wake = (): void => {};

  constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.#head = readHead(lines[0] ?? "");
    this.nowMs = this.#head.nowMs;
    this.#advance();
  }

  async run(): Promise<Replay> {
    const parts = seamParts(standInParts(this.#head), this);
    this.#takeInner();
    const call = runCall(parts).then(
      (outcome) => this.#compare({ out: "ended", with: [outcome] }),
      (error: unknown) => this.#compare({ out: "failed", with: [error] }),
    ).then(() => {
      this.#hasEnded = true;
      this.#wake();
    });
    while (!this.#isOver && !this.#hasEnded) {
      if (this.#waiting) this.#step(this.#waiting);
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#next && !this.#isOver) this.#differs(undefined);
    this.#end();
    await call;
    if (this.#unreadable) throw this.#unreadable;
    return {
      lines: this.#at,
      callMs: this.nowMs - this.#head.nowMs,
      cutShort: this.#cutShort,
      difference: this.#difference,
    };
  }

  tell<Result>(out: string, given: readonly unknown[], act: () => Result): Result {
    this.#compare({ out, with: given });
    this.#throwAgain();
    return act();
  }

  ask<Answer>(out: string, given: readonly unknown[], act: () => Answer): Answer {
    this.#compare({ out, with: given });
    this.#throwAgain();
    const answer = this.#next;
    if (this.#isOver || !answer || !("in" in answer) || answer.in !== "answer") return act();
    this.#advance();
    this.#takeInner();
    // It was written by a recorder, which was given an answer of this type.
    return answer.with[0] as Answer;
  }

  way<Given extends readonly unknown[], Result>(
    name: string,
    take: (...given: Given) => Result,
  ): (...given: Given) => Result {
    // What comes by a way was written as it came by the same one.
    this.#ways.set(name, (given) => take(...given as Given));
    return take;
  }

  counts(name: string): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    this.way(`counts ${name}`, (...counted: [string, number][]) => {
      for (const [fault, count] of counted) counts.set(fault, count);
    });
    return counts;
  }

  waits(isEmpty: () => boolean): Promise<void> {
    return this.#wait("took", () => !isEmpty());
  }

  took(type: string): void {
    this.#compare({ in: "took", nowMs: this.nowMs, with: [type] });
  }

  async pause(out: string): Promise<void> {
    this.tell(out, [], () => {});
    await this.#wait("go-on", () => true);
    this.#throwAgain();
  }

  #wait(name: string, isReady: () => boolean): Promise<void> {
    if (this.#isOver) return Promise.reject(new ReplayOver());
    return new Promise((goOn, stop) => {
      this.#waiting = { for: name, isReady, goOn, stop };
      this.#wake();
    });
  }

  /** The call waits: whatever came next comes now. */
  #step(waiting: Waiting): void {
    const next = this.#next;
    if (!next) return this.#end();
    if (!("in" in next)) return this.#differs(undefined);
    this.nowMs = next.nowMs ?? this.nowMs;
    if (next.in !== waiting.for) return this.#take(next);
    if (!waiting.isReady()) return this.#differs(undefined);
    this.#waiting = undefined;
    if (next.in === "go-on") {
      this.#advance();
      this.#takeInner();
    }
    waiting.goOn();
  }

  #take(next: FlightIn): void {
    const take = this.#ways.get(next.in);
    if (!take) return this.#differs(undefined);
    this.#advance();
    try {
      take(next.with);
    } catch (error) {
      // What stands outside of the call got it, and what came of that comes by itself.
      this.#compare({ out: "throws", with: [error] });
    }
    this.#takeInner();
  }

  /** What came in the middle of the call's work comes there again. */
  #takeInner(): void {
    for (let next = this.#next; !this.#isOver && next && isInner(next); next = this.#next) {
      this.#take(next);
    }
  }

  /** What the call does now, beside what it did then. */
  #compare(line: FlightLine): void {
    if (this.#isOver) return;
    if (!this.#next) return this.#end();
    const now = this.#text.line(line);
    if (now !== this.#lines[this.#at]) return this.#differs(now);
    this.#advance();
    this.#takeInner();
  }

  #throwAgain(): void {
    const next = this.#next;
    if (this.#isOver || !next || !("in" in next) || next.in !== "threw") return;
    this.#advance();
    this.#takeInner();
    throw next.with[0];
  }

  #advance(): void {
    const line = this.#lines[++this.#at];
    this.#next = undefined;
    if (line === undefined) return;
    try {
      const next = readLine(line, this.#at + 1);
      if ("note" in next) this.#cutShort = next.note;
      else this.#next = next;
    } catch (error) {
      if (this.#at < this.#lines.length - 1) this.#unreadable = error;
      else this.#cutShort = "its last line is not whole";
    }
  }

  #differs(now: string | undefined): void {
    this.#difference = {
      line: this.#at + 1,
      callMs: this.nowMs - this.#head.nowMs,
      recorded: this.#lines[this.#at] ?? "",
      now,
    };
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.#hasEnded && !this.#difference) this.#cutShort ??= "it ends before its call";
    this.#waiting?.stop(new ReplayOver());
    this.#wake();
  }
}

/** Ways that are no ways into the call, but what it gets for what it did. */
const ANSWERS: ReadonlySet<string> = new Set(["answer", "threw"]);

function isInner(line: FlightLine): line is FlightIn {
  return "in" in line && line.nowMs === undefined && !ANSWERS.has(line.in);
}
