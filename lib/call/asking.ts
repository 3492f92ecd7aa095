/**
 * How the model is asked for an answer, and asked again.
 *
 * @module
 */

import { goOnCue, NUDGE_CUE } from "./cues.ts";
import type { ModelLink } from "./model_link.ts";
import type { Transcript } from "./transcript.ts";

/** Asks the model, and knows how to ask the same again. */
export class Asking {
  readonly #link: ModelLink;
  readonly #transcript: Transcript;
  /** What was asked last in writing; absent: the caller asked it. */
  #cue: string | undefined;

  /** Asks over `link`; what was heard of an answer stands in `transcript`. */
  constructor({ link, transcript }: { link: ModelLink; transcript: Transcript }) {
    this.#link = link;
    this.#transcript = transcript;
  }

  /** The caller has asked, in their turn. */
  askedByCaller(): void {
    this.#cue = undefined;
  }

  /** Asks in writing; `isAsked`: that was done, and is to be remembered. */
  ask(cue: string, { isAsked = false } = {}): void {
    this.#cue = cue;
    if (!isAsked) this.#link.sendText(cue, { reply: true });
  }

  /** Tells the model that nothing of its answer was heard; `hasBegun`: that it has ceased. */
  nudge(hasBegun: boolean): void {
    const cue = hasBegun ? goOnCue(this.#transcript.lastSaid) : NUDGE_CUE;
    this.#link.sendText(cue, { reply: true });
  }

  /** Asks what was asked last once more. */
  repeat(): void {
    if (this.#cue !== undefined) this.ask(this.#cue);
    else if (!this.#link.repeatTurn()) this.nudge(false);
  }
}
