/**
 * What was said in a client's conversation, for a model that has forgotten it. Pure.
 *
 * @module
 */

import { recap } from "../call/recap.ts";

/** What one party said in one go. */
interface Words {
  readonly party: "caller" | "agent";
  readonly startMs: number;
  text: string;
}

const MOST_ENTRIES = 400;

/** Collects words; there is no playout to measure, so all that was sent counts as heard. */
export class ClientTranscript {
  readonly #entries: Words[] = [];

  /** Words of one party. */
  add(party: "caller" | "agent", text: string): void {
    const last = this.#entries.at(-1);
    if (last?.party === party) last.text += text;
    else this.#entries.push({ party, startMs: 0, text });
    if (this.#entries.length > MOST_ENTRIES) this.#entries.shift();
  }

  /** All of it in short; empty if nothing was said. */
  get recap(): string {
    return recap(this.#entries);
  }
}
