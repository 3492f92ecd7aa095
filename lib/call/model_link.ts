/**
 * What the call says to the model, in order.
 *
 * An activity is opened on the wire by its first audio, so that there is never an empty one. One that follows another at
 * once can be lost by the service: it waits until the gap has passed, and two that both wait become one. Where the service
 * finds the turns itself nothing is said of activities: it would close the connection.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { FunctionAnswer, Model } from "./model.ts";
import type { Timers } from "./timers.ts";

/** One thing to be said to the model. */
type Saying =
  | { type: "open-activity" }
  | { type: "audio"; pcm: Int16Array }
  | { type: "end-audio" }
  | { type: "activity-text"; text: string }
  | { type: "close-activity" }
  | { type: "text"; text: string; reply: boolean };

/** What a link needs. */
export interface ModelLinkParts {
  /** Whose time counts. */
  readonly clock: Clock;
  /** The timers of the call. */
  readonly timers: Timers;
  /** Shortest time between the end of one activity and the start of the next. */
  readonly activityGapMs: number;
  /** Whether the service finds the turns itself, in all audio. */
  readonly isAutomatic: boolean;
}

/** The call's end of the conversation with the model. */
export class ModelLink {
  readonly #parts: ModelLinkParts;
  readonly #waiting: Saying[] = [];
  readonly #wireFaults: ReadonlyMap<string, number>[] = [];
  #model: Model | undefined;
  #activity: "closed" | "wanted" | "open" = "closed";
  /** When the last activity was closed on the wire. */
  #closedAtMs = -Infinity;

  /** Begins without a model. */
  constructor(parts: ModelLinkParts) {
    this.#parts = parts;
  }

  /** Everything goes to this model from now on; one before it is closed. */
  begin(model: Model): void {
    this.#model?.close();
    this.#model = model;
    this.#wireFaults.push(model.faults);
  }

  /** Says what waits, as far as it may be said. */
  flush(): void {
    for (let next = this.#waiting[0]; next && this.#mayBeSaid(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#tell(next);
    }
  }

  /** Counts of what was wrong on the wire, of each model. */
  get wireFaults(): readonly ReadonlyMap<string, number>[] {
    return this.#wireFaults;
  }

  /** The caller begins to speak. */
  openActivity(): void {
    if (!this.#parts.isAutomatic && this.#activity === "closed") this.#activity = "wanted";
  }

  /** What the caller says; nothing goes out unless an activity is open, or none is needed. */
  sendAudio(pcm: Int16Array): void {
    if (this.#parts.isAutomatic) return this.#say({ type: "audio", pcm });
    if (this.#activity === "closed") return;
    if (this.#activity === "wanted") this.#say({ type: "open-activity" });
    this.#activity = "open";
    this.#say({ type: "audio", pcm });
  }

  /** No audio comes for a while. */
  endAudio(): void {
    this.#say({ type: "end-audio" });
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

  /** Answers functions at once: they belong to what the model says, not to the caller's turns. */
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
    this.#waiting.length = 0;
    this.#model?.close();
  }

  #say(saying: Saying): void {
    if (this.#waiting.length === 0 && this.#mayBeSaid(saying)) this.#tell(saying);
    else this.#wait(saying);
  }

  /** An activity that would come too soon is said when the gap has passed. */
  #mayBeSaid(saying: Saying): boolean {
    if (saying.type !== "open-activity") return true;
    const { clock, timers, activityGapMs } = this.#parts;
    const openAtMs = this.#closedAtMs + activityGapMs;
    if (clock.nowMs() >= openAtMs) return true;
    timers.set("activity-gap", openAtMs);
    return false;
  }

  #tell(saying: Saying): void {
    const model = this.#model;
    switch (saying.type) {
      case "open-activity":
        return model?.openActivity();
      case "audio":
        return model?.sendAudio(saying.pcm);
      case "end-audio":
        return model?.endAudio();
      case "activity-text":
        return model?.sendActivityText(saying.text);
      case "close-activity":
        this.#closedAtMs = this.#parts.clock.nowMs();
        return model?.closeActivity();
      case "text":
        return model?.sendText(saying.text, { reply: saying.reply });
      default:
        saying satisfies never;
    }
  }

  #wait(saying: Saying): void {
    if (saying.type === "open-activity" && this.#waiting.at(-1)?.type === "close-activity") {
      this.#waiting.pop();
      return;
    }
    this.#waiting.push(saying);
  }
}
