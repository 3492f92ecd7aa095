/**
 * What was said in a session, for a connection that has to begin anew.
 *
 * @module
 */

import { estimatedTokens, recap, type RecapOptions } from "../call/recap.ts";
import type { Content } from "../gemini/live_content.ts";
import type { SessionEvent } from "./session_events.ts";

/** One party's words in a row. */
export interface JournalEntry {
  /** Whose words. */
  readonly role: "user" | "model";
  /** The words. */
  readonly text: string;
  /** When they began, milliseconds since 1970. */
  readonly epochMs: number;
  /** About how many tokens they are. */
  readonly tokens: number;
  /** Whether the model's turn came to its end. */
  readonly isCompleted: boolean;
}

/** Most that is kept; then the oldest go. */
const MOST_ENTRIES = 2_000;

/** Keeps the words of both parties. */
export class Journal {
  readonly #now: () => number;
  readonly #entries: JournalEntry[] = [];

  /**
   * Nothing was said.
   *
   * @param now Milliseconds since 1970
   */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** All that was said, first to last. */
  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** The program says something in writing. */
  wrote(turns: readonly Content[]): void {
    for (const { role, parts } of turns) {
      const text = parts.map((part) => "text" in part ? part.text : "").join("");
      if (text !== "") this.#add(role, text, true);
    }
  }

  /** Takes what was heard and answered. */
  take(event: SessionEvent): void {
    const last = this.#entries.at(-1);
    switch (event.type) {
      case "input-transcription":
        return this.#add("user", event.text, false);
      case "text":
      case "output-transcription":
        return this.#add("model", event.text, false);
      case "turn-complete":
        if (last) this.#entries[this.#entries.length - 1] = { ...last, isCompleted: true };
        return;
      default:
    }
  }

  /** What a model is told that has forgotten it. */
  recap(options: RecapOptions = {}): string {
    const transcript = this.#entries.map(({ role, text }) => ({
      party: role === "user" ? "caller" as const : "agent" as const,
      text: text.trim(),
      startMs: 0,
    }));
    return recap(transcript, options);
  }

  #add(role: JournalEntry["role"], text: string, isWhole: boolean): void {
    const last = this.#entries.at(-1);
    if (last?.role === role && !last.isCompleted && !isWhole) {
      const whole = last.text + text;
      const tokens = estimatedTokens(whole);
      this.#entries[this.#entries.length - 1] = { ...last, text: whole, tokens };
    } else {
      const tokens = estimatedTokens(text);
      this.#entries.push({ role, text, epochMs: this.#now(), tokens, isCompleted: isWhole });
      if (this.#entries.length > MOST_ENTRIES) this.#entries.shift();
    }
  }
}
