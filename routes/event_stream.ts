/**
 * Server-sent events with back-pressure: a message is made when the reader has room for it, so for a slow one nothing
 * piles up here, and one who does not read at all is let go.
 *
 * @module
 */

import type { Clock, Timer } from "../lib/clock.ts";

/** Where messages come from. */
export interface EventSource {
  /** What is new since the last time, from {@linkcode eventMessage}; nothing if nothing is. */
  next(): Uint8Array | undefined;
  /** Whether nothing more comes. */
  readonly isOver: boolean;
  /** Nobody asks any more. */
  close(): void;
}

/** A comment goes out when nothing else has for so long: proxies close what is silent. */
const COMMENT_MS = 15_000;
/** A reader who has taken nothing for so long is let go. */
const STUCK_MS = 20_000;

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  // Some proxies would collect events into large pieces.
  "x-accel-buffering": "no",
};

/** A reader took nothing for too long. */
export class SlowReaderError extends Error {
  /** Tells it from other errors. */
  override name = "SlowReaderError";
}

/** How events are told. */
export interface EventPace {
  /** Tells the time. */
  readonly clock: Clock;
  /** How much later the next message may go out. */
  readonly everyMs: () => number;
}

/** Answers with the events of a source. */
export function eventStream(source: EventSource, pace: EventPace): Response {
  return new Response(new ReadableStream(new Events(source, pace), { highWaterMark: 0 }), {
    headers: HEADERS,
  });
}

const ENCODER = new TextEncoder();
const COMMENT = ENCODER.encode(": here\n\n");

/** A message of one line of text; several readers may be given the same. */
export function eventMessage(text: string): Uint8Array {
  return ENCODER.encode(`data: ${text}\n\n`);
}

class Events implements UnderlyingDefaultSource<Uint8Array> {
  readonly #source: EventSource;
  readonly #pace: EventPace;
  #sentAtMs: number;
  /** When there may be something new for this reader. */
  #lookAtMs: number;
  /** Either for the next look, or for a reader who takes nothing. */
  #timer: Timer | undefined;

  constructor(source: EventSource, pace: EventPace) {
    this.#source = source;
    this.#pace = pace;
    this.#sentAtMs = pace.clock.nowMs();
    this.#lookAtMs = this.#sentAtMs;
  }

  /** The reader has room for a message: resolves once there is one. */
  pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#timer?.cancel();
    return new Promise((resolve) => this.#look(controller, resolve));
  }

  /** The reader has left. */
  cancel(): void {
    this.#timer?.cancel();
    this.#source.close();
  }

  /** Looks for a message when it is time for it, and again until there is one. */
  #look(controller: ReadableStreamDefaultController<Uint8Array>, resolve: () => void): void {
    const { clock, everyMs } = this.#pace;
    if (clock.nowMs() < this.#lookAtMs) {
      this.#timer = clock.at(this.#lookAtMs, () => this.#look(controller, resolve));
      return;
    }
    this.#lookAtMs = clock.nowMs() + everyMs();
    try {
      const message = this.#message();
      if (message) this.#tell(message, controller);
      else if (this.#source.isOver) this.#end(() => controller.close());
      else return this.#look(controller, resolve);
    } catch (error) {
      this.#end(() => controller.error(error));
    }
    resolve();
  }

  #message(): Uint8Array | undefined {
    const message = this.#source.next();
    if (message || this.#source.isOver) return message;
    return this.#pace.clock.nowMs() - this.#sentAtMs >= COMMENT_MS ? COMMENT : undefined;
  }

  #tell(message: Uint8Array, controller: ReadableStreamDefaultController<Uint8Array>): void {
    controller.enqueue(message);
    const { clock } = this.#pace;
    this.#sentAtMs = clock.nowMs();
    const slow = () =>
      controller.error(new SlowReaderError("Cannot send events: the reader takes none"));
    this.#timer = clock.at(this.#sentAtMs + STUCK_MS, () => this.#end(slow));
  }

  #end(end: () => void): void {
    this.#source.close();
    end();
  }
}
