/**
 * How much a client may send in a time. Pure.
 *
 * @module
 */

/** Messages: audio in frames of 20 ms is 50 a second. */
const MESSAGES = { perSecond: 100, atOnce: 300 };
/** Bytes: PCM at 48 kHz in base64 is 128 kB a second; a file of half a minute may come at once. */
const BYTES = { perSecond: 512 * 1_024, atOnce: 4 * 1_024 * 1_024 };
/** So many more messages refused than taken, and the client is not worth listening to. */
const MOST_REFUSED = 1_000;
/** How often a client is told. */
const TELL_EVERY_MS = 1_000;

/** What becomes of a message; `refuse-and-tell` once in a while. */
export type Verdict = "take" | "refuse-and-tell" | "refuse" | "close";

/** What one client may send: two buckets that fill with time. */
export class MessageAllowance {
  readonly #messages = new Bucket(MESSAGES);
  readonly #bytes = new Bucket(BYTES);
  #refused = 0;
  #toldAtMs = -Infinity;

  /** A message of so many characters has come. */
  judge(size: number, nowMs: number): Verdict {
    const isTaken = this.#messages.has(1, nowMs) && this.#bytes.has(size, nowMs);
    if (isTaken) {
      this.#messages.take(1);
      this.#bytes.take(size);
      this.#refused = Math.max(0, this.#refused - 1);
      return "take";
    }
    this.#refused++;
    if (this.#refused > MOST_REFUSED) return "close";
    if (nowMs - this.#toldAtMs < TELL_EVERY_MS) return "refuse";
    this.#toldAtMs = nowMs;
    return "refuse-and-tell";
  }
}

class Bucket {
  readonly #limits: typeof MESSAGES;
  #level: number;
  #atMs: number | undefined;

  constructor(limits: typeof MESSAGES) {
    this.#limits = limits;
    this.#level = limits.atOnce;
  }

  has(amount: number, nowMs: number): boolean {
    const { perSecond, atOnce } = this.#limits;
    const passedMs = nowMs - (this.#atMs ?? nowMs);
    this.#level = Math.min(atOnce, this.#level + passedMs * perSecond / 1_000);
    this.#atMs = nowMs;
    return this.#level >= amount;
  }

  take(amount: number): void {
    this.#level -= amount;
  }
}
