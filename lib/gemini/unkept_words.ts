/**
 * What was said since the last handle. A conversation that resumes knows nothing of it, so it is told in writing.
 *
 * @module
 */

import type { ConnectionEvent } from "./live_events.ts";

/** Most of it that is kept, in characters, the newest. */
const MOST_CHARACTERS = 4_000;

/** What was said and is not kept by the service yet. */
export class UnkeptWords {
  #lines: { party: "Caller" | "You"; text: string }[] = [];
  #isTurnOver = false;

  /** Takes a fact of the connection. */
  take(event: ConnectionEvent): void {
    switch (event.type) {
      case "caller-words-received":
        return this.#add("Caller", event.text);
      case "agent-words-received":
        return this.#add("You", event.text);
      case "model-turn-completed":
        this.#isTurnOver = true;
        return;
      case "resumption-updated":
        // The handle that comes first on a connection knows no more than the one before.
        if (event.handle !== undefined && this.#isTurnOver) this.clear();
        return;
      default:
        return;
    }
  }

  /** All of it is known. */
  clear(): void {
    this.#lines = [];
    this.#isTurnOver = false;
  }

  /** Tells the model; absent if there is nothing. The caller's last turn is left out if it has no answer: it is said again. */
  get note(): string | undefined {
    const last = this.#lines.findLastIndex(({ party }) => party === "You");
    const lines = this.#lines.slice(0, last + 1).map(({ party, text }) =>
      `${party}: ${text.trim()}`
    );
    if (lines.length === 0) return undefined;
    return `The line to you was changed. Since then was said:\n${
      lines.join("\n").slice(-MOST_CHARACTERS)
    }`;
  }

  #add(party: "Caller" | "You", text: string): void {
    const last = this.#lines.at(-1);
    if (last?.party === party) last.text = (last.text + text).slice(-MOST_CHARACTERS);
    else this.#lines.push({ party, text });
    if (this.#lines.length > 100) this.#lines.shift();
  }
}
