/**
 * Where everything that happens in a call arrives, one fact after another.
 *
 * @module
 */

/** A queue with one reader. Posting never waits and never throws; after the close nothing is taken any more. */
export class Inbox<Fact> {
  #facts: Fact[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;

  /** Adds a fact behind all others. */
  post(fact: Fact): void {
    if (this.#isClosed) return;
    this.#facts.push(fact);
    this.#wake?.();
  }

  /** Whether nothing waits in it. */
  get isEmpty(): boolean {
    return this.#facts.length === 0;
  }

  /** The next fact, if there is one. */
  take(): Fact | undefined {
    return this.#facts.shift();
  }

  /** The next fact, as soon as there is one. */
  async next(): Promise<Fact> {
    for (;;) {
      const fact = this.take();
      if (fact !== undefined) return fact;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }

  /** Takes nothing any more and forgets what waits. */
  close(): void {
    this.#isClosed = true;
    this.#facts = [];
  }
}
