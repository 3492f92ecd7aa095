/**
 * What happened in a session, in numbers.
 *
 * @module
 */

import type { SessionEvent } from "./session_events.ts";
import type { SessionOptions } from "./session_options.ts";

/** The counts, since the session was made. */
export interface SessionCounts {
  /** Messages that went to the service, setups too. */
  readonly sent: number;
  /** Messages that came. */
  readonly received: number;
  /** Answers that were broken off. */
  readonly interruptions: number;
  /** Functions that the model called. */
  readonly functionCalls: number;
}

const DECODER = new TextDecoder();

/** Counts, and shows messages to whoever wants to see them. */
export class SessionCounter {
  readonly #watch: SessionOptions["watch"];
  readonly #failed: (error: unknown) => void;
  #counts: SessionCounts = { sent: 0, received: 0, interruptions: 0, functionCalls: 0 };

  /**
   * Nothing has happened.
   *
   * @param watch Sees each message whole; it may throw
   * @param failed Takes what it threw
   */
  constructor(watch: SessionOptions["watch"], failed: (error: unknown) => void) {
    this.#watch = watch;
    this.#failed = failed;
  }

  /** The counts so far. */
  get counts(): SessionCounts {
    return this.#counts;
  }

  /** A message goes out, or has come: text or bytes. */
  message(direction: "sent" | "received", frame: unknown): void {
    this.#add(direction, 1);
    if (!this.#watch) return;
    try {
      this.#watch(direction, isBytes(frame) ? DECODER.decode(frame) : String(frame));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Something happened. */
  take(event: SessionEvent): void {
    if (event.type === "interrupted") this.#add("interruptions", 1);
    if (event.type === "tool-call") this.#add("functionCalls", event.calls.length);
  }

  #add(name: keyof SessionCounts, count: number): void {
    this.#counts = { ...this.#counts, [name]: this.#counts[name] + count };
  }
}

function isBytes(frame: unknown): frame is ArrayBuffer | Uint8Array<ArrayBuffer> {
  return frame instanceof ArrayBuffer || frame instanceof Uint8Array;
}
