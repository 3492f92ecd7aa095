/**
 * Plays the agent's answers out to the line, and knows what the caller has heard.
 *
 * The model delivers faster than real time, the line plays in real time. Answers wait here, whole; the line is kept at
 * most {@linkcode LEAD_MS} ahead of the ear, so that little is lost on the way when the caller breaks in. The schedule
 * is absolute: what is due follows from how much was sent and when the line began to play it, so late timers are made
 * up for and nothing drifts.
 *
 * An answer may be held: the line is told to drop what it has not played, and what the caller has not heard stays here.
 * Resumed, it goes on a moment before the place up to which it was heard, at the quietest point there is, so that it
 * begins at a gap and without a click; from there on it is the same to the bit.
 *
 * A line that has ceased to read is told to drop what it holds, and goes on from where it would be: what was said
 * meanwhile is lost, as on any telephone, and the ledger knows.
 *
 * Nothing here waits or measures: time comes in, orders go out.
 *
 * @module
 */

import { MULAW_SILENCE } from "../../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import { AudioTape } from "./audio_tape.ts";
import { BYTES_PER_MS, LinePosition } from "./line_position.ts";
import type { Stretch } from "./mark_watch.ts";
import { quietestPlace } from "./resume_point.ts";
import { Sounding } from "./sounding.ts";

/** How far the line is kept ahead of the ear. */
export const LEAD_MS = 400;
/** Longest piece in one message. */
export const LONGEST_MESSAGE_MS = 60;
/** Piece that is topped up while an answer plays. */
const TOP_UP_MS = 40;
/** Audio between two marks. */
const MARK_EVERY_MS = 200;
/** How long after its time an answer counts as heard although its mark has not come back. */
const MARK_GRACE_MS = 500;
/** Longest audio that waits; a model that says more in one go has lost its way. */
const MOST_WAITING_MS = 240_000;
/** Most that is said twice when an answer is resumed. */
const SAID_TWICE_MS = 280;
/** How much of what was heard is kept: what may be said twice, and what sounded just before. */
const KEPT_MS = 500;
/** Sums of times are this true. */
const ROUNDING_MS = 0.001;

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
  /** Whether there was more to come or to be heard. */
  readonly isCut: boolean;
  /** How much of `heardMs` was lost because the line did not read; absent: nothing. */
  readonly missedMs?: number;
}

/** An answer in the ledger; places are bytes since the call began. */
interface Answer {
  readonly number: number;
  readonly start: number;
  length: number;
  complete: boolean;
  missed: number;
}

/** The answers that wait or sound, and the ledger of what was heard. */
export class Playout {
  readonly #tape = new AudioTape();
  readonly #line = new LinePosition();
  #answers: Answer[] = [];
  #lastAnswer = 0;
  /** Bytes since the last mark. */
  #unmarked = 0;
  #isHeld = false;
  /** The furthest place that the caller had heard at a hold. */
  #saidTo = 0;
  readonly #sounding = new Sounding();

  /** Begins the next answer behind all others; an incomplete one before it is taken to be complete. */
  begin(): number {
    const last = this.#answers.at(-1);
    if (last) this.#complete(last);
    this.#answers.push({
      number: ++this.#lastAnswer,
      start: this.#tape.end,
      length: 0,
      complete: false,
      missed: 0,
    });
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
    return this.#waiting >= MOST_WAITING_MS * BYTES_PER_MS;
  }

  /** Whether anything sounds or waits. */
  get isBusy(): boolean {
    return this.#answers.length > 0;
  }

  /** Adds audio to the answer that was begun last, and sends what is due. */
  push(mulaw: Uint8Array, nowMs: number): PlayoutOrder[] {
    const answer = this.#answers.at(-1);
    if (!answer || answer.complete) throw new RangeError("Cannot add audio: no answer was begun");
    if (this.isFull) return [];
    this.#tape.write(mulaw);
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
    if (this.#isHeld) return [];
    const orders = this.#line.marks.isStale ? this.#catchUp(nowMs) : [];
    for (let bytes = this.#due(nowMs); bytes > 0; bytes = this.#due(nowMs)) {
      const from = this.#line.sentTo;
      orders.push({ type: "send-media", mulaw: this.#tape.read(from, from + bytes) });
      this.#line.send(bytes, nowMs);
      this.#unmarked += bytes;
      if (this.#unmarked >= MARK_EVERY_MS * BYTES_PER_MS) orders.push(this.#mark(nowMs));
    }
    const isAllSent = this.#waiting === 0 && this.#answers.at(-1)?.complete === true;
    if (isAllSent && this.#unmarked > 0) orders.push(this.#mark(nowMs));
    this.#tape.forget(this.#line.heardTo(nowMs) - KEPT_MS * BYTES_PER_MS);
    return orders;
  }

  /** When to {@linkcode Playout.tick} or to look for {@linkcode Playout.finished} answers next; absent: nothing waits. */
  get nextTickMs(): number | undefined {
    if (this.#isHeld) return undefined;
    if (this.#waiting >= LINE_FRAME_SAMPLES) {
      return this.#line.emptyAtMs - LEAD_MS + TOP_UP_MS;
    }
    const first = this.#answers[0];
    if (!first?.complete) return undefined;
    return this.#line.emptyAtMs + (this.#line.marks.isConfirmed ? 0 : MARK_GRACE_MS);
  }

  /** A mark came back; gives whether it says that audio was heard. */
  markReached(name: string): boolean {
    return this.#line.marks.reached(name);
  }

  /** Takes out the answers that the caller has heard to their end, in order. */
  finished(nowMs: number): HeardAnswer[] {
    const done: HeardAnswer[] = [];
    for (let first = this.#answers[0]; first?.complete; first = this.#answers[0]) {
      const end = first.start + first.length;
      const inTimeMs = this.#line.marks.isConfirmed ? nowMs : nowMs - MARK_GRACE_MS;
      if (this.#isHeld || this.#line.sentTo < end || this.#line.heardTo(inTimeMs) < end) break;
      this.#answers.shift();
      done.push(this.#heard(first, nowMs));
    }
    return done;
  }

  /** Whether the line has ceased to read. */
  get isDeaf(): boolean {
    return this.#line.marks.isDeaf;
  }

  /** A frame came from the line: by these it is known whether it reads. */
  frameCame(): void {
    this.#line.marks.frameCame();
  }

  /** The 20 ms that the line plays while a frame comes from the caller; absent: silence. */
  nextSounding(nowMs: number): Uint8Array | undefined {
    return this.#sounding.next(this.#tape, this.#line, nowMs);
  }

  /** When everything that is here will have been heard; absent: more is to be sent, or the line is held. */
  get runsDryAtMs(): number | undefined {
    const isMore = this.#isHeld || this.#waiting >= LINE_FRAME_SAMPLES;
    return isMore ? undefined : this.#line.emptyAtMs;
  }

  /** Silences the line at once and keeps what the caller has not heard. */
  hold(nowMs: number): PlayoutOrder[] {
    if (this.#isHeld || !this.isBusy) return [];
    this.#isHeld = true;
    const heardTo = this.#line.heardTo(nowMs);
    this.#saidTo = Math.max(this.#saidTo, heardTo);
    this.#line.clear(heardTo);
    return [{ type: "send-clear" }];
  }

  /**
   * Goes on with what was held, from a gap shortly before the place up to which it was heard. Held again and again, it goes
   * no further back than at first.
   */
  resume(nowMs: number): PlayoutOrder[] {
    if (!this.#isHeld) return [];
    this.#isHeld = false;
    const heardTo = this.#line.sentTo;
    const start = this.#answers[0]?.start ?? heardTo;
    const earliest = Math.max(start, this.#saidTo - SAID_TWICE_MS * BYTES_PER_MS);
    const from = earliest + quietestPlace(this.#tape.read(earliest, heardTo));
    this.#line.clear(from);
    if (!this.isOpen) this.#fillLastFrame();
    this.#unmarked = MARK_EVERY_MS * BYTES_PER_MS;
    return this.tick(nowMs);
  }

  /** Drops everything, on the line too, and tells how much of each answer was heard. */
  clear(nowMs: number): { orders: PlayoutOrder[]; answers: HeardAnswer[] } {
    const answers = this.#answers.map((answer) => this.#heard(answer, nowMs));
    const orders: PlayoutOrder[] = this.isBusy && !this.#isHeld ? [{ type: "send-clear" }] : [];
    this.#answers = [];
    this.#isHeld = false;
    this.#line.clear(this.#tape.end);
    this.#unmarked = 0;
    return { orders, answers };
  }

  /** Bytes that the line has not been sent. */
  get #waiting(): number {
    return this.#tape.end - this.#line.sentTo;
  }

  /** Bytes to send now: whole frames, as long as the line is not far enough ahead. */
  #due(nowMs: number): number {
    const room = LEAD_MS - this.#line.leadMs(nowMs) + ROUNDING_MS;
    const ms = Math.min(room, LONGEST_MESSAGE_MS, this.#waiting / BYTES_PER_MS);
    return Math.floor(ms / FRAME_MS) * LINE_FRAME_SAMPLES;
  }

  #complete(answer: Answer): void {
    if (answer.complete) return;
    answer.complete = true;
    this.#fillLastFrame();
  }

  /** The line takes whole frames: what is left of the last one is silence. */
  #fillLastFrame(): void {
    const rest = this.#waiting % LINE_FRAME_SAMPLES;
    if (rest === 0) return;
    this.#tape.write(new Uint8Array(LINE_FRAME_SAMPLES - rest).fill(MULAW_SILENCE));
  }

  #mark(nowMs: number): PlayoutOrder {
    this.#unmarked = 0;
    return { type: "send-mark", name: this.#line.mark(nowMs) };
  }

  /** Has what is out of date dropped; what comes next is what the line would play now, and is marked at once. */
  #catchUp(nowMs: number): PlayoutOrder[] {
    const missed = this.#line.catchUp(nowMs);
    if (missed) { for (const answer of this.#answers) answer.missed += overlap(answer, missed); }
    if (!this.isOpen) this.#fillLastFrame();
    this.#unmarked = MARK_EVERY_MS * BYTES_PER_MS;
    return [{ type: "send-clear" }];
  }

  #heard(answer: Answer, nowMs: number): HeardAnswer {
    const { isDeaf, reachedTo } = this.#line.marks;
    const heardTo = isDeaf ? reachedTo : this.#line.heardTo(nowMs);
    const heard = Math.min(Math.max(heardTo - answer.start, 0), answer.length);
    return {
      answer: answer.number,
      spokenMs: answer.length / BYTES_PER_MS,
      heardMs: heard / BYTES_PER_MS,
      isCut: !answer.complete || heard < answer.length,
      ...(answer.missed > 0 ? { missedMs: answer.missed / BYTES_PER_MS } : {}),
    };
  }
}

/** How many bytes of an answer lie within a stretch. */
function overlap({ start, length }: Answer, { from, to }: Stretch): number {
  return Math.max(0, Math.min(start + length, to) - Math.max(start, from));
}
