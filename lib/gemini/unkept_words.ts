/**
 * What was said and done since the last handle. A conversation that resumes knows nothing of it, so it is told in writing.
 *
 * @module
 */

import type { FunctionAnswer } from "../call/model.ts";
import type { ConnectionEvent } from "./live_events.ts";

/** Most of it that is kept, in characters, the newest. */
const MOST_CHARACTERS = 4_000;
/** The same of one result of a function. */
const MOST_OF_A_RESULT = 500;
/** Most results. */
const MOST_RESULTS = 8;

/** What was said and is not kept by the service yet. */
export class UnkeptWords {
  #lines: { party: "Caller" | "You"; text: string }[] = [];
  #done: string[] = [];
  #isTurnOver = false;

  /** Functions were run and answered. What they did stays done, so they must not be called for it again. */
  answered(answers: readonly FunctionAnswer[]): void {
    for (const { name, response } of answers) {
      const gave = JSON.stringify(response).slice(0, MOST_OF_A_RESULT);
      this.#done.push(`${name} gave ${gave}`);
    }
    if (this.#done.length > MOST_RESULTS) this.#done.shift();
  }

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
    this.#done = [];
    this.#isTurnOver = false;
  }

  /** Tells the model; absent if there is nothing. The caller's last turn is left out if it has no answer: it is said again. */
  get note(): string | undefined {
    const last = this.#lines.findLastIndex(({ party }) => party === "You");
    const lines = this.#lines.slice(0, last + 1).map(({ party, text }) =>
      `${party}: ${text.trim()}`
    );
    const said = lines.length === 0 ? [] : [
      "The line to you was changed. Since then was said:",
      lines.join("\n").slice(-MOST_CHARACTERS),
    ];
    const notes = [...said, ...this.doneNote === undefined ? [] : [this.doneNote]];
    return notes.length === 0 ? undefined : notes.join("\n");
  }

  /** Tells the model what its functions did; absent if nothing. */
  get doneNote(): string | undefined {
    if (this.#done.length === 0) return undefined;
    return `You have called these functions, and they were run; do not call them again for the same:\n${
      this.#done.join("\n")
    }`;
  }

  #add(party: "Caller" | "You", text: string): void {
    const last = this.#lines.at(-1);
    if (last?.party === party) last.text = (last.text + text).slice(-MOST_CHARACTERS);
    else this.#lines.push({ party, text });
    if (this.#lines.length > 100) this.#lines.shift();
  }
}
