/**
 * What is said to the model, in order, over whatever connections there are.
 *
 * Until a connection is there, everything waits. What was said and has no answer yet is kept beside it: if the connection
 * is lost, nobody knows how much of that was heard, and the next one hears it from its beginning. So a turn reaches the
 * connection that answers it whole, each frame once and in order. Once an answer has begun, its turn is not said again by
 * itself, or the caller would get a second answer; {@linkcode Outbox.repeatTurn} does that when it is asked.
 *
 * While the model waits for a function, nothing but the answer goes out; the rest follows it. An answer goes to the
 * connection that asked, or nowhere.
 *
 * Pure: time is given, and what may be sent is asked for.
 *
 * @module
 */

import { asksForAnswer, Backlog, type BacklogLimits, isChunk, type Saying } from "./backlog.ts";
import type { ConnectionEvent } from "./live_events.ts";
import type { FunctionResult } from "./live_content.ts";
import { OpenCalls } from "./open_calls.ts";

/**
 * Where the service finds the turns by itself, audio never ends and most of it is silence: of that so much is said again,
 * in samples.
 */
const MOST_STRAY_SAMPLES = 10 * 16_000;

/** What an outbox needs. */
export interface OutboxParts extends BacklogLimits {
  /** Shortest time between the end of one activity and the start of the next: the service may lose a closer one. */
  readonly activityGapMs: number;
  /** Takes the name of a fault, once for each thing that found no room. */
  readonly count: (
    fault: "caller-audio-overflow" | "message-overflow" | "function-answer-late",
  ) => void;
  /** Whether the model waits for a function of that name; none does unless given. */
  readonly isBlocking?: ((name: string) => boolean) | undefined;
}

/** What is said to the model and has no answer yet. */
export class Outbox {
  readonly #parts: OutboxParts;
  /** Still to be sent. */
  #waiting: Backlog;
  /** Sent on this connection, and not answered. */
  #unanswered: Backlog;
  /** What of that found no room; lost only if it would have been needed. */
  #dropped = { audio: 0, texts: 0 };
  /** The caller's last turn, as far as it was sent. */
  #turn = new Backlog();
  readonly #calls: OpenCalls;
  /** Answers of functions that are still to be sent. */
  #results: FunctionResult[] = [];
  #isConnected = false;
  #isActivityOpen = false;
  #isAnswering = false;
  /** What still comes belongs to an answer that we broke off in writing. */
  #isStale = false;
  #closedAtMs = -Infinity;

  /** Begins with nothing to say and no connection. */
  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#waiting = new Backlog(parts);
    this.#unanswered = new Backlog(parts);
    this.#calls = new OpenCalls(parts.isBlocking ?? (() => false));
  }

  /** Takes what the model says, as far as it bears on what may be said to it. */
  hear(event: ConnectionEvent): void {
    switch (event.type) {
      case "agent-audio-received":
      case "agent-words-received":
      case "agent-text-received":
        return this.answered();
      case "functions-called":
        return this.#calls.called(event.calls);
      case "functions-cancelled":
        return this.#calls.cancelled(event.ids);
      case "generation-interrupted":
      case "model-turn-completed":
        return this.answerEnded();
      default:
    }
  }

  /** Something more is to be said; of two activities that wait, one right behind the other, one is made. */
  say(saying: Saying): void {
    if (saying.type === "function-results") return this.#answer(saying.results);
    const isJoined = saying.type === "open-activity" &&
      this.#waiting.last?.type === "close-activity";
    if (isJoined) this.#waiting.pop();
    else this.#lose(sumOf(this.#waiting.push(saying)));
  }

  /** A connection is there. */
  connected(): void {
    this.#isConnected = true;
  }

  /** The connection is gone: what has no answer waits again, before all else. */
  disconnected(): void {
    const again = [...this.#unanswered.all, ...this.#waiting.all];
    this.#lose(this.#dropped);
    this.#dropped = { audio: 0, texts: 0 };
    this.#calls.clear();
    this.#results = [];
    this.#waiting = new Backlog(this.#parts);
    this.#unanswered = new Backlog(this.#parts);
    for (const saying of again) this.say(saying);
    this.#isConnected =
      this.#isActivityOpen =
      this.#isAnswering =
      this.#isStale =
        false;
    this.#closedAtMs = -Infinity;
  }

  /**
   * What is to be sent now, first to last; it counts as sent.
   *
   * @param nowMs The time, monotonic
   */
  take(nowMs: number): Saying[] {
    const due: Saying[] = [];
    const results = this.#results.splice(0);
    if (results.length > 0) due.push({ type: "function-results", results });
    while (this.#isConnected && !this.#calls.isBlocked) {
      if (this.#waiting.first?.type === "open-activity" && nowMs < this.#nextOpenMs) break;
      const saying = this.#waiting.shift();
      if (!saying) break;
      this.#sent(saying, nowMs);
      due.push(saying);
    }
    return due;
  }

  /** When more of what waits may be sent; absent: there is nothing, or no connection. */
  get nextMs(): number | undefined {
    const isDue = this.#isConnected && !this.#calls.isBlocked && this.#waiting.first;
    return isDue ? this.#nextOpenMs : undefined;
  }

  /** Whether the model was asked for an answer and has not begun it. */
  get isOwed(): boolean {
    return [...this.#unanswered.all, ...this.#waiting.all].some((saying) =>
      saying.type === "close-activity" || asksForAnswer(saying)
    );
  }

  /** A part of an answer came: to all that was said before the activity that is open now. */
  answered(): void {
    if (this.#isStale) return;
    this.#isAnswering = true;
    this.#dropped = { audio: 0, texts: 0 };
    this.#unanswered.keepOpenActivity();
  }

  /** An answer is over, or was broken off. */
  answerEnded(): void {
    this.#isAnswering = this.#isStale = false;
  }

  /**
   * Says the caller's last turn again, unless it is still to be said anyway.
   *
   * @returns False if there is none that is over
   */
  repeatTurn(): boolean {
    if (this.#waiting.all.some(({ type }) => type === "close-activity")) return true;
    if (this.#turn.last?.type !== "close-activity") return false;
    for (const saying of this.#turn.all) this.say(saying);
    return true;
  }

  get #nextOpenMs(): number {
    return this.#closedAtMs + this.#parts.activityGapMs;
  }

  #sent(saying: Saying, nowMs: number): void {
    if (saying.type === "open-activity") {
      this.#turn = new Backlog();
      this.#isActivityOpen = true;
    } else if (saying.type === "close-activity") {
      this.#closedAtMs = nowMs;
      // What comes from here on answers this turn.
      this.#isStale = this.#isAnswering = false;
    } else if (asksForAnswer(saying)) {
      this.#isStale ||= this.#isAnswering;
    }
    if (saying.type === "audio" && !this.#isActivityOpen) {
      this.#unanswered.push(saying, MOST_STRAY_SAMPLES);
      return;
    }
    if (this.#isActivityOpen && IN_TURN.has(saying.type)) this.#turn.push(saying);
    if (saying.type === "close-activity") this.#isActivityOpen = false;
    const { audio, texts } = sumOf(this.#unanswered.push(saying));
    this.#dropped.audio += audio;
    this.#dropped.texts += texts;
  }

  /** What nobody waits for does not go out: it would close the connection. */
  #answer(results: readonly FunctionResult[]): void {
    const wanted = this.#calls.answer(results);
    this.#results.push(...wanted);
    const late = results.length - wanted.length;
    for (let n = 0; n < late; n++) this.#parts.count("function-answer-late");
  }

  #lose({ audio, texts }: { audio: number; texts: number }): void {
    for (let n = 0; n < audio; n++) this.#parts.count("caller-audio-overflow");
    for (let n = 0; n < texts; n++) this.#parts.count("message-overflow");
  }
}

/** What a turn of the caller is made of. */
const IN_TURN: ReadonlySet<Saying["type"]> = new Set(
  ["open-activity", "audio", "picture", "end-audio", "activity-text", "close-activity"] as const,
);

function sumOf(dropped: readonly Saying[]): { audio: number; texts: number } {
  const audio = dropped.filter(isChunk).length;
  return { audio, texts: dropped.length - audio };
}
