/**
 * What the call says to the model.
 *
 * An activity is opened by its first audio, so that there is never an empty one. Where the service finds the turns itself
 * nothing is said of activities: it would close the connection.
 *
 * @module
 */

import type { FunctionAnswer, Model } from "./model.ts";

/** The call's end of the conversation with the model. */
export class ModelLink {
  readonly #isAutomatic: boolean;
  readonly #wireFaults: ReadonlyMap<string, number>[] = [];
  #model: Model | undefined;
  #activity: "closed" | "wanted" | "open" = "closed";

  /**
   * Begins without a model.
   *
   * @param options `isAutomatic`: the service finds the turns itself, in all audio
   */
  constructor({ isAutomatic }: { isAutomatic: boolean }) {
    this.#isAutomatic = isAutomatic;
  }

  /** Everything goes to this model from now on; one before it is closed. It is told of an activity that goes on. */
  begin(model: Model): void {
    this.#model?.close();
    this.#model = model;
    if (this.#activity === "open") this.#activity = "wanted";
    this.#wireFaults.push(model.faults);
  }

  /** Counts of what was wrong on the wire, of each model. */
  get wireFaults(): readonly ReadonlyMap<string, number>[] {
    return this.#wireFaults;
  }

  /** The caller begins to speak. */
  openActivity(): void {
    if (!this.#isAutomatic && this.#activity === "closed") this.#activity = "wanted";
  }

  /** What the caller says; nothing goes out unless an activity is open, or none is needed. */
  sendAudio(pcm: Int16Array): void {
    if (!this.#isAutomatic) {
      if (this.#activity === "closed") return;
      if (this.#activity === "wanted") this.#model?.openActivity();
      this.#activity = "open";
    }
    this.#model?.sendAudio(pcm);
  }

  /** No audio comes for a while. */
  endAudio(): void {
    this.#model?.endAudio();
  }

  /** Something written that belongs to the caller's turn; an activity without audio cannot take it. */
  sendActivityText(text: string): void {
    if (this.#activity === "open") this.#model?.sendActivityText(text);
    else this.sendText(text, { reply: true });
  }

  /** The caller has finished. */
  closeActivity(): void {
    if (this.#activity === "open") this.#model?.closeActivity();
    this.#activity = "closed";
  }

  /** Says something in writing. */
  sendText(text: string, options: { reply: boolean }): void {
    this.#model?.sendText(text, options);
  }

  /** Answers functions: they belong to what the model says, not to the caller's turns. */
  answerFunctions(answers: readonly FunctionAnswer[]): void {
    this.#model?.answerFunctions(answers);
  }

  /** Moves to another connection now. */
  rotate(): void {
    this.#model?.rotate();
  }

  /**
   * Says the caller's last turn again.
   *
   * @returns False if there is none
   */
  repeatTurn(): boolean {
    return this.#model?.repeatTurn() ?? false;
  }

  /** Ends the conversation. */
  close(): void {
    this.#model?.close();
  }
}
