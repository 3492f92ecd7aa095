/**
 * Server-sent events with back-pressure: a message is made when the reader has room for it, so for a slow one nothing
 * piles up here, and one who does not read at all is let go.
 *
 * @module
 */

import type { Clock, Timer } from "../lib/clock.ts";

/** Where messages come from. */
export interface EventSource {
  /** What is new since the last time, as text without a line break; nothing if nothing is. */
  next(): string | undefined;
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

/**
 * Answers with the events of a source.
 *
 * @param options Messages go out at most every `everyMs`
 */
export function eventStream(
  source: EventSource,
  options: { clock: Clock; everyMs: number },
): Response {
  return new Response(new ReadableStream(new Events(source, options), { highWaterMark: 0 }), {
    headers: HEADERS,
  });
}

class Events implements UnderlyingDefaultSource<Uint8Array> {
  readonly #source: EventSource;
  readonly #options: { clock: Clock; everyMs: number };
  readonly #encoder = new TextEncoder();
  #sentAtMs: number;
  /** When there may be something new for this reader. */
  #lookAtMs: number;
  /** Either for the next look, or for a reader who takes nothing. */
  #timer: Timer | undefined;

  constructor(source: EventSource, options: { clock: Clock; everyMs: number }) {
    this.#source = source;
    this.#options = options;
    this.#sentAtMs = options.clock.nowMs();
    this.#lookAtMs = this.#sentAtMs;
  }

  /** The reader has room for a message. */
  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#timer?.cancel();
    try {
      const message = await this.#message();
      if (message === undefined) return this.#end(() => controller.close());
      controller.enqueue(this.#encoder.encode(message));
    } catch (error) {
      return this.#end(() => controller.error(error));
    }
    const { clock, everyMs } = this.#options;
    this.#sentAtMs = clock.nowMs();
    this.#lookAtMs = this.#sentAtMs + everyMs;
    const slow = new SlowReaderError("Cannot send events: the reader takes none");
    this.#timer = clock.at(this.#sentAtMs + STUCK_MS, () => {
      this.#end(() => controller.error(slow));
    });
  }

  /** The reader has left. */
  cancel(): void {
    this.#timer?.cancel();
    this.#source.close();
  }

  #end(end: () => void): void {
    this.#source.close();
    end();
  }

  /** The next message, when it is time for it; nothing once no more comes. */
  async #message(): Promise<string | undefined> {
    const { clock, everyMs } = this.#options;
    for (;;) {
      await this.#until(this.#lookAtMs);
      const text = this.#source.next();
      if (text !== undefined) return `data: ${text}\n\n`;
      if (this.#source.isOver) return undefined;
      if (clock.nowMs() - this.#sentAtMs >= COMMENT_MS) return ": here\n\n";
      this.#lookAtMs = clock.nowMs() + everyMs;
    }
  }

  async #until(atMs: number): Promise<void> {
    const { clock } = this.#options;
    if (clock.nowMs() >= atMs) return;
    await new Promise<void>((resolve) => {
      this.#timer = clock.at(atMs, resolve);
    });
  }
}
