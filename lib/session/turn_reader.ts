/**
 * Reads one turn of the model out of the facts of a session.
 *
 * @module
 */

import type { SessionEvent } from "./session_events.ts";

/** What the model answered. */
export interface Turn {
  /** In writing, or what the sound says. */
  readonly text: string;
  /** Its sound, 24 kHz; empty where the model writes. */
  readonly pcm: Int16Array;
  /** Whether it was broken off. */
  readonly isInterrupted: boolean;
  /** Why it ended, where the model says so. */
  readonly reason: string | undefined;
}

/**
 * Reads a turn.
 *
 * @param events Of a session, from before what asks for the turn
 * @param isAnswering Whether an older answer is under way, which the new turn breaks off
 * @returns Nothing if the session ends first
 */
export async function readTurn(
  events: AsyncIterable<SessionEvent>,
  { isAnswering = false }: { isAnswering?: boolean } = {},
): Promise<Turn | undefined> {
  const reader = new TurnReader(isAnswering);
  for await (const event of events) {
    const turn = reader.take(event);
    if (turn) return turn;
  }
  return undefined;
}

/** Puts the pieces of one turn together. */
export class TurnReader {
  /** Whether it is the end of an older answer that comes first. */
  #isStale: boolean;
  #text = "";
  readonly #sound: Int16Array[] = [];
  #isInterrupted = false;
  /** Functions were called, and nothing was said since. */
  #isCalling = false;

  /**
   * Waits for a turn.
   *
   * @param isAnswering Whether an older answer is under way, which the new turn breaks off
   */
  constructor(isAnswering: boolean) {
    this.#isStale = isAnswering;
  }

  /** Takes the next fact; gives the turn once it is whole. */
  take(event: SessionEvent): Turn | undefined {
    if (this.#isStale) {
      this.#isStale = event.type !== "turn-complete";
      return undefined;
    }
    switch (event.type) {
      case "text":
      case "output-transcription":
        this.#text += event.text;
        this.#isCalling = false;
        return undefined;
      case "audio":
        this.#sound.push(event.pcm);
        this.#isCalling = false;
        return undefined;
      case "interrupted":
        this.#isInterrupted = true;
        return undefined;
      case "tool-call":
        this.#isCalling = true;
        return undefined;
      case "turn-complete":
        // A turn that only called functions is followed by the one that answers.
        return this.#isCalling ? undefined : this.#whole(event.reason);
      default:
        return undefined;
    }
  }

  #whole(reason: string | undefined): Turn {
    const pcm = new Int16Array(this.#sound.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of this.#sound) {
      pcm.set(piece, at);
      at += piece.length;
    }
    return { text: this.#text.trim(), pcm, isInterrupted: this.#isInterrupted, reason };
  }
}
