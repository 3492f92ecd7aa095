/**
 * What the call says to the model, in order, whether the model is there yet or not.
 *
 * Until the conversation is open, and while it is gone, everything waits here; then it goes out in the order in which
 * it was said. An activity is opened on the wire by its first audio, so that there is never an empty one.
 *
 * @module
 */

import type { Faults } from "./faults.ts";
import type { Model } from "./model.ts";

/** Most frames of caller audio that wait for the model: 30 seconds. */
const MOST_WAITING_FRAMES = 1_500;

/** One thing to be said to the model. */
type Saying =
  | { type: "open-activity" }
  | { type: "audio"; pcm: Int16Array }
  | { type: "activity-text"; text: string }
  | { type: "close-activity" }
  | { type: "text"; text: string; reply: boolean };

/** The call's end of the conversation with the model. */
export class ModelLink {
  readonly #faults: Faults;
  readonly #waiting: Saying[] = [];
  #model: Model | undefined;
  #activity: "closed" | "wanted" | "open" = "closed";

  /** Begins without a model; audio that finds no room is counted in `faults`. */
  constructor(faults: Faults) {
    this.#faults = faults;
  }

  /** The conversation is open: the model is told how to begin, then what waited goes out. */
  connected(model: Model, cue: string): void {
    this.#model = model;
    this.sendText(cue, { reply: true });
    for (const saying of this.#waiting.splice(0)) this.#say(saying);
  }

  /** Whether the conversation is open. */
  get isConnected(): boolean {
    return this.#model !== undefined;
  }

  /** Counts of what was wrong on the model's wire. */
  get wireFaults(): ReadonlyMap<string, number> {
    return this.#model?.faults ?? new Map();
  }

  /** The caller begins to speak. */
  openActivity(): void {
    if (this.#activity === "closed") this.#activity = "wanted";
  }

  /** What the caller says; nothing goes out unless an activity is open. */
  sendAudio(pcm: Int16Array): void {
    if (this.#activity === "closed") return;
    if (this.#activity === "wanted") this.#say({ type: "open-activity" });
    this.#activity = "open";
    this.#say({ type: "audio", pcm });
  }

  /** Something written that belongs to the caller's turn; an activity without audio cannot take it. */
  sendActivityText(text: string): void {
    if (this.#activity === "open") this.#say({ type: "activity-text", text });
    else this.sendText(text, { reply: true });
  }

  /** The caller has finished. */
  closeActivity(): void {
    if (this.#activity === "open") this.#say({ type: "close-activity" });
    this.#activity = "closed";
  }

  /** Says something in writing. */
  sendText(text: string, options: { reply: boolean }): void {
    this.#say({ type: "text", text, reply: options.reply });
  }

  /** Ends the conversation. */
  close(): void {
    this.#waiting.length = 0;
    this.#model?.close();
  }

  #say(saying: Saying): void {
    if (!this.#model) return this.#wait(saying);
    switch (saying.type) {
      case "open-activity":
        return this.#model.openActivity();
      case "audio":
        return this.#model.sendAudio(saying.pcm);
      case "activity-text":
        return this.#model.sendActivityText(saying.text);
      case "close-activity":
        return this.#model.closeActivity();
      case "text":
        return this.#model.sendText(saying.text, { reply: saying.reply });
      default:
        saying satisfies never;
    }
  }

  #wait(saying: Saying): void {
    this.#waiting.push(saying);
    if (this.#waiting.length <= MOST_WAITING_FRAMES) return;
    const oldest = this.#waiting.findIndex((one) => one.type === "audio");
    if (oldest < 0) return;
    this.#waiting.splice(oldest, 1);
    this.#faults.count("caller-audio-overflow");
  }
}
