/**
 * Connections on which no whole request has come yet. A few may wait, and then only until others do: whoever opens
 * thousands and says nothing, or half a word, keeps nobody else out.
 *
 * @module
 */

import type { Clock, Timer } from "../../lib/clock.ts";

/** A connection. */
export interface PendingConnection {
  /** Cuts it. */
  destroy(): void;
}

/** So long every connection may take for its first request, however many there are. */
const GRACE_MS = 1_000;
/** How many may take longer, of one address and in all. */
const MOST_OF_ADDRESS = 4;
const MOST = 32;

/** What is known of one. */
interface Waiting {
  readonly address: string;
  readonly sinceMs: number;
}

/** Watches connections until they have asked for something. */
export class PendingConnections {
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #waiting = new Map<PendingConnection, Waiting>();
  #timer: Timer | undefined;

  /** Watches none yet. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One was opened. */
  opened(connection: PendingConnection, address: string): void {
    this.#waiting.set(connection, { address, sinceMs: this.#clock.nowMs() });
    this.#timer ??= this.#clock.at(this.#clock.nowMs() + GRACE_MS, () => this.#look());
  }

  /** It has asked for something, or is closed. */
  settled(connection: PendingConnection): void {
    this.#waiting.delete(connection);
    if (this.#waiting.size === 0) this.close();
  }

  /** Watches no more of those that are there. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.clear();
  }

  /** Cuts the oldest that are too many. */
  #look(): void {
    const nowMs = this.#clock.nowMs();
    const late = [...this.#waiting].filter(([, { sinceMs }]) => nowMs - sinceMs >= GRACE_MS);
    const ofAddress = new Map<string, number>();
    let kept = 0;
    for (const [connection, { address }] of late.reverse()) {
      const count = ofAddress.get(address) ?? 0;
      if (kept >= MOST || count >= MOST_OF_ADDRESS) {
        this.#waiting.delete(connection);
        connection.destroy();
      } else {
        ofAddress.set(address, count + 1);
        kept++;
      }
    }
    this.#timer = this.#waiting.size === 0
      ? undefined
      : this.#clock.at(nowMs + GRACE_MS / 2, () => this.#look());
  }
}
