/**
 * Hands the facts of a session to whoever listens.
 *
 * @module
 */

import type { SessionEvent, SessionHandler } from "./session_events.ts";

/** Most facts that wait for a reader who does not read; then the oldest go. */
const MOST_WAITING = 10_000;

type AnyHandler = (event: SessionEvent) => void;

/** Callbacks by type, and readers. A callback that throws hurts nobody else. */
export class EventHub {
  readonly #handlers = new Map<SessionEvent["type"], Set<AnyHandler>>();
  readonly #readers = new Set<Reader>();
  readonly #failed: (error: unknown) => void;
  #isOver = false;

  /**
   * Nobody listens yet.
   *
   * @param failed Takes what a callback threw
   */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Calls `handler` for each fact of a type; what is given back ends that. */
  on<Type extends SessionEvent["type"]>(type: Type, handler: SessionHandler<Type>): () => void {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers);
    // Only facts of its type are ever given to it.
    const wrapped: AnyHandler = (event) => handler(event as Parameters<typeof handler>[0]);
    handlers.add(wrapped);
    return () => void handlers.delete(wrapped);
  }

  /** All facts from now on, until the session is over or the loop is left. */
  read(): AsyncGenerator<SessionEvent, void, void> {
    const reader = new Reader();
    if (this.#isOver) reader.end();
    else this.#readers.add(reader);
    return this.#drain(reader);
  }

  /** Tells everybody; `closed` is the last fact. */
  tell(event: SessionEvent): void {
    if (this.#isOver) return;
    for (const reader of this.#readers) reader.push(event);
    for (const handler of this.#handlers.get(event.type) ?? []) {
      try {
        handler(event);
      } catch (error) {
        this.#failed(error);
      }
    }
    if (event.type !== "closed") return;
    this.#isOver = true;
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
  }

  async *#drain(reader: Reader): AsyncGenerator<SessionEvent, void, void> {
    try {
      for (;;) {
        const event = await reader.next();
        if (!event) return;
        yield event;
      }
    } finally {
      this.#readers.delete(reader);
    }
  }
}

/** Facts that wait for one reader. */
class Reader {
  readonly #events: SessionEvent[] = [];
  #wake = Promise.withResolvers<void>();
  #isOver = false;

  push(event: SessionEvent): void {
    this.#events.push(event);
    if (this.#events.length > MOST_WAITING) this.#events.shift();
    this.#wake.resolve();
  }

  end(): void {
    this.#isOver = true;
    this.#wake.resolve();
  }

  async next(): Promise<SessionEvent | undefined> {
    while (this.#events.length === 0 && !this.#isOver) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
    return this.#events.shift();
  }
}
