/**
 * Plays the agent's answers out to the line, and knows what the caller has heard.
 *
 * The model delivers faster than real time, the line plays in real time. Answers wait here, whole; the line is kept at
 * most {@linkcode LEAD_MS} ahead of the ear, so that little is lost on the way when the caller breaks in. The schedule
 * is absolute: what is due follows from how much was sent and when the line began to play it, so late timers are made
 * up for and nothing drifts.
 *
 * The ledger counts in bytes of mu-law since the last clear: 8 are a millisecond. The line's position is reckoned from
 * the clock and set right by each mark that comes back. Marks carry the number of the clear before them, so that those
 * which come back because they were cleared are told from those that were heard.
 *
 * Nothing here waits or measures: time comes in, orders go out.
 *
 * @module
 */

import { FRAME_MS, LINE_FRAME_SAMPLES, LINE_HZ } from "../../audio/rates.ts";
import { MULAW_SILENCE } from "../../audio/mulaw.ts";

/** How far the line is kept ahead of the ear. */
export const LEAD_MS = 400;
/** Longest piece in one message. */
export const LONGEST_MESSAGE_MS = 60;
/** Piece that is topped up while an answer plays. */
const TOP_UP_MS = 40;
/** Audio between two marks. */
const MARK_EVERY_MS = 200;
/** Marks that are waited for at most. */
const MOST_MARKS = 64;
/** How long after its time an answer counts as heard although its mark has not come back. */
const MARK_GRACE_MS = 500;
/** Longest audio that waits; a model that says more in one go has lost its way. */
const MOST_WAITING_MS = 240_000;
/** Sums of times are this true. */
const ROUNDING_MS = 0.001;
const BYTES_PER_MS = LINE_HZ / 1_000;

/** What the line must be told, first to last. */
export type PlayoutOrder =
  | { type: "send-media"; mulaw: Uint8Array }
  | { type: "send-mark"; name: string }
  | { type: "send-clear" };

/** How much of an answer there was, and how much of it the caller heard. */
export interface HeardAnswer {
  /** Number of the answer. */
  readonly answer: number;
  /** Length of what the model delivered. */
  readonly spokenMs: number;
  /** How much of that was played at the caller's ear. */
  readonly heardMs: number;
}

/** An answer in the ledger; places are bytes since the last clear. */
interface Answer {
  readonly number: number;
  readonly start: number;
  length: number;
  complete: boolean;
}

/** What waits to be sent. */
class ByteQueue {
  #chunks: Uint8Array[] = [];
  #head = 0;
  length = 0;

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.length += bytes.length;
  }

  /** Takes `count` bytes, of which there must be enough. */
  take(count: number): Uint8Array {
    const taken = new Uint8Array(count);
    for (let filled = 0; filled < count;) {
      const chunk = this.#chunks[0];
      if (!chunk) throw new RangeError(`Cannot take ${count} bytes: only ${filled} wait`);
      const piece = chunk.subarray(this.#head, this.#head + count - filled);
      taken.set(piece, filled);
      filled += piece.length;
      this.#head += piece.length;
      if (this.#head === chunk.length) {
        this.#chunks.shift();
        this.#head = 0;
      }
    }
    this.length -= count;
    return taken;
  }

  empty(): void {
    this.#chunks = [];
    this.#head = 0;
    this.length = 0;
  }
}

/** Where the line is, reckoned from the clock and set right by marks. */
class LinePosition {
  /** Bytes sent since the last clear. */
  sent = 0;
  #emptyAtMs = -Infinity;
  #marks = new Map<string, number>();
  #clears = 0;
  #nextMark = 0;

  /** Notes that bytes went out; a line that had run dry begins to play now. */
  send(bytes: number, nowMs: number): void {
    this.sent += bytes;
    this.#emptyAtMs = Math.max(this.#emptyAtMs, nowMs) + bytes / BYTES_PER_MS;
  }

  /** How long the line still plays. */
  leadMs(nowMs: number): number {
    return Math.max(0, this.#emptyAtMs - nowMs);
  }

  /** When the line will have played everything. */
  get emptyAtMs(): number {
    return this.#emptyAtMs;
  }

  /** Bytes played since the last clear. */
  played(nowMs: number): number {
    return Math.max(0, this.sent - Math.round(this.leadMs(nowMs) * BYTES_PER_MS));
  }

  /** Whether every mark that was set has come back. */
  get confirmed(): boolean {
    return this.#marks.size === 0;
  }

  /** A name for a mark at the end of what was sent. */
  mark(): string {
    const name = `${this.#clears}.${this.#nextMark++}`;
    this.#marks.set(name, this.sent);
    const [oldest] = this.#marks.keys();
    if (this.#marks.size > MOST_MARKS && oldest !== undefined) this.#marks.delete(oldest);
    return name;
  }

  /** A mark came back: the line is at its place. Unknown and cleared ones say nothing. */
  reached(name: string, nowMs: number): boolean {
    const place = this.#marks.get(name);
    if (place === undefined) return false;
    for (const [earlier, at] of this.#marks) if (at <= place) this.#marks.delete(earlier);
    this.#emptyAtMs = nowMs + (this.sent - place) / BYTES_PER_MS;
    return true;
  }

  /** The line was told to drop everything. */
  clear(): void {
    this.sent = 0;
    this.#emptyAtMs = -Infinity;
    this.#marks.clear();
    this.#clears++;
  }
}

/** The answers that wait or sound, and the ledger of what was heard. */
export class Playout {
  readonly #queue = new ByteQueue();
  readonly #line = new LinePosition();
  #answers: Answer[] = [];
  #lastAnswer = 0;
  #unmarked = 0;

  /** Begins the next answer behind all others; an incomplete one before it is taken to be complete. */
  begin(): number {
    const last = this.#answers.at(-1);
    if (last) this.#complete(last);
    const start = this.#line.sent + this.#queue.length;
    this.#answers.push({ number: ++this.#lastAnswer, start, length: 0, complete: false });
    // The first piece of an answer carries a mark, so that its first sound is known.
    this.#unmarked = MARK_EVERY_MS * BYTES_PER_MS;
    return this.#lastAnswer;
  }

  /** Whether the answer that was begun last may still grow. */
  get isOpen(): boolean {
    return this.#answers.at(-1)?.complete === false;
  }

  /** Whether more waits than anybody would listen to; what is pushed now is not kept. */
  get isFull(): boolean {
    return this.#queue.length >= MOST_WAITING_MS * BYTES_PER_MS;
  }

  /** Adds audio to the answer that was begun last, and sends what is due. */
  push(mulaw: Uint8Array, nowMs: number): PlayoutOrder[] {
    const answer = this.#answers.at(-1);
    if (!answer || answer.complete) throw new RangeError("Cannot add audio: no answer was begun");
    if (this.isFull) return [];
    this.#queue.push(mulaw);
    answer.length += mulaw.length;
    return this.tick(nowMs);
  }

  /** Nothing more comes of the answer that was begun last. */
  complete(nowMs: number): PlayoutOrder[] {
    const answer = this.#answers.at(-1);
    if (answer) this.#complete(answer);
    return this.tick(nowMs);
  }

  /** Sends what is due. */
  tick(nowMs: number): PlayoutOrder[] {
    const orders: PlayoutOrder[] = [];
    for (let bytes = this.#due(nowMs); bytes > 0; bytes = this.#due(nowMs)) {
      orders.push({ type: "send-media", mulaw: this.#queue.take(bytes) });
      this.#line.send(bytes, nowMs);
      this.#unmarked += bytes;
      if (this.#unmarked >= MARK_EVERY_MS * BYTES_PER_MS) orders.push(this.#mark());
    }
    const isAllSent = this.#queue.length === 0 && this.#answers.at(-1)?.complete === true;
    if (isAllSent && this.#unmarked > 0) orders.push(this.#mark());
    return orders;
  }

  /** When to {@linkcode Playout.tick} or to look for {@linkcode Playout.finished} answers next; absent: nothing waits. */
  get nextTickMs(): number | undefined {
    if (this.#queue.length >= LINE_FRAME_SAMPLES) {
      return this.#line.emptyAtMs - LEAD_MS + TOP_UP_MS;
    }
    const first = this.#answers[0];
    return first?.complete ? this.#line.emptyAtMs + MARK_GRACE_MS : undefined;
  }

  /** A mark came back. */
  markReached(name: string, nowMs: number): boolean {
    return this.#line.reached(name, nowMs);
  }

  /** Takes out the answers that the caller has heard to their end, in order. */
  finished(nowMs: number): HeardAnswer[] {
    const done: HeardAnswer[] = [];
    for (let first = this.#answers[0]; first?.complete; first = this.#answers[0]) {
      const end = first.start + first.length;
      const inTime = this.#line.confirmed ? nowMs : nowMs - MARK_GRACE_MS;
      if (this.#line.sent < end || this.#line.played(inTime) < end) break;
      this.#answers.shift();
      done.push(this.#heard(first, nowMs));
    }
    return done;
  }

  /** Whether anything sounds or waits. */
  get isBusy(): boolean {
    return this.#answers.length > 0;
  }

  /** Drops everything, on the line too, and tells how much of each answer was heard. */
  clear(nowMs: number): { orders: PlayoutOrder[]; answers: HeardAnswer[] } {
    const answers = this.#answers.map((answer) => this.#heard(answer, nowMs));
    const orders: PlayoutOrder[] = this.isBusy ? [{ type: "send-clear" }] : [];
    this.#answers = [];
    this.#queue.empty();
    this.#line.clear();
    this.#unmarked = 0;
    return { orders, answers };
  }

  /** Bytes to send now: whole frames, as long as the line is not far enough ahead. */
  #due(nowMs: number): number {
    const room = LEAD_MS - this.#line.leadMs(nowMs) + ROUNDING_MS;
    const ms = Math.min(room, LONGEST_MESSAGE_MS, this.#queue.length / BYTES_PER_MS);
    return Math.floor(ms / FRAME_MS) * LINE_FRAME_SAMPLES;
  }

  #complete(answer: Answer): void {
    if (answer.complete) return;
    answer.complete = true;
    const rest = this.#queue.length % LINE_FRAME_SAMPLES;
    if (rest === 0) return;
    this.#queue.push(new Uint8Array(LINE_FRAME_SAMPLES - rest).fill(MULAW_SILENCE));
  }

  #mark(): PlayoutOrder {
    this.#unmarked = 0;
    return { type: "send-mark", name: this.#line.mark() };
  }

  #heard(answer: Answer, nowMs: number): HeardAnswer {
    const heard = Math.min(Math.max(this.#line.played(nowMs) - answer.start, 0), answer.length);
    return {
      answer: answer.number,
      spokenMs: answer.length / BYTES_PER_MS,
      heardMs: heard / BYTES_PER_MS,
    };
  }
}
