/**
 * Takes down the greeting as the model speaks it, to be played to later callers at once.
 *
 * @module
 */

import type { ModelEvent } from "./model.ts";

/** A greeting that is kept, or is to be. */
export interface KeptGreeting {
  /** As it was spoken once: samples at 24 kHz. */
  readonly kept: Int16Array | undefined;
  /** Keeps what was spoken; does not throw. */
  keep(pcm: Int16Array): void;
}

/** Longer ones are not kept: 20 s. */
const LONGEST_SAMPLES = 480_000;

/** Listens to the first answer of a call; what is broken off is not kept. */
export class GreetingTape {
  readonly #keep: (pcm: Int16Array) => void;
  #pieces: Int16Array[] | undefined = [];

  /** Hands over what was spoken, once. */
  constructor(keep: (pcm: Int16Array) => void) {
    this.#keep = keep;
  }

  /** Takes a fact from the model. */
  take(event: ModelEvent): void {
    if (!this.#pieces) return;
    switch (event.type) {
      case "agent-audio-received":
        this.#pieces.push(event.pcm);
        return;
      case "generation-completed":
        return this.#complete(this.#pieces);
      case "generation-interrupted":
      case "model-turn-completed":
      case "model-lost":
        this.#pieces = undefined;
    }
  }

  #complete(pieces: readonly Int16Array[]): void {
    this.#pieces = undefined;
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (length === 0 || length > LONGEST_SAMPLES) return;
    const pcm = new Int16Array(length);
    let at = 0;
    for (const piece of pieces) {
      pcm.set(piece, at);
      at += piece.length;
    }
    this.#keep(pcm);
  }
}
