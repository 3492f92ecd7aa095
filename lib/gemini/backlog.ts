/**
 * Things to be said to the model, first to last, no more than there is room for. Pure.
 *
 * @module
 */

import type { Content, FunctionResult } from "./live_content.ts";

/** One thing to be said to the model. */
export type Saying =
  | { readonly type: "open-activity" }
  /** Samples at 16 kHz that do not change any more. */
  | { readonly type: "audio"; readonly pcm: Int16Array }
  /** The caller's frames have stopped; where the service finds the turns by itself. */
  | { readonly type: "end-audio" }
  | { readonly type: "activity-text"; readonly text: string }
  | { readonly type: "close-activity" }
  | { readonly type: "text"; readonly text: string; readonly reply: boolean }
  /** Turns of a conversation; only a complete one asks for an answer. */
  | { readonly type: "content"; readonly turns: readonly Content[]; readonly turnComplete: boolean }
  /** Text that is answered at once, whatever else is under way. */
  | { readonly type: "realtime-text"; readonly text: string }
  /** A still picture, base64. */
  | { readonly type: "picture"; readonly data: string; readonly mimeType: string }
  /** Answers to calls of functions; worth nothing on another connection than the one that called. */
  | { readonly type: "function-results"; readonly results: readonly FunctionResult[] };

/** How much of it is kept. */
export interface BacklogLimits {
  /** Most pieces of audio and pictures together, however short; no such limit if absent. */
  readonly mostChunks?: number | undefined;
}

/** Whether it asks the model for an answer by itself. */
export function asksForAnswer(saying: Saying): boolean {
  return saying.type === "text" && saying.reply || saying.type === "realtime-text" ||
    saying.type === "content" && saying.turnComplete;
}

/** Whether it is a piece of sound or sight, of which the latest counts most. */
export function isChunk({ type }: Saying): boolean {
  return type === "audio" || type === "picture";
}

/** Most audio, in samples: a minute. */
const MOST_SAMPLES = 60 * 16_000;
/** Most texts. */
const MOST_TEXTS = 100;

/** What an activity must not begin with. */
const BEHIND_AUDIO: ReadonlySet<string> = new Set(["activity-text", "picture"]);

/** A bounded queue of sayings. The oldest audio and the oldest texts make room; markers of activities always stay. */
export class Backlog {
  #sayings: Saying[] = [];
  readonly #mostChunks: number;
  #samples = 0;
  #chunks = 0;
  #texts = 0;

  /** Holds nothing. */
  constructor({ mostChunks = Infinity }: BacklogLimits = {}) {
    this.#mostChunks = mostChunks;
  }

  /** All of it, first to last. */
  get all(): readonly Saying[] {
    return this.#sayings;
  }

  /** The next one. */
  get first(): Saying | undefined {
    return this.#sayings[0];
  }

  /** The latest one. */
  get last(): Saying | undefined {
    return this.#sayings.at(-1);
  }

  /**
   * Adds one behind all others.
   *
   * @param mostSamples Audio that there is room for; a minute if absent
   * @returns What had to make room for it
   */
  push(saying: Saying, mostSamples: number = MOST_SAMPLES): Saying[] {
    this.#sayings.push(saying);
    this.#measure(saying, 1);
    const dropped: Saying[] = [];
    while (this.#samples > mostSamples) {
      dropped.push(...this.#drop(({ type }) => type === "audio"));
    }
    while (this.#chunks > this.#mostChunks) dropped.push(...this.#drop(isChunk));
    while (this.#texts > MOST_TEXTS) dropped.push(...this.#drop(isText));
    return dropped;
  }

  /** Takes out the next one. */
  shift(): Saying | undefined {
    const first = this.#sayings.shift();
    if (first) this.#measure(first, -1);
    return first;
  }

  /** Takes out the latest one. */
  pop(): Saying | undefined {
    const last = this.#sayings.pop();
    if (last) this.#measure(last, -1);
    return last;
  }

  /** Forgets all that came before the activity that is open now; everything if none is. */
  keepOpenActivity(): void {
    const types = this.#sayings.map(({ type }) => type);
    const openedAt = types.lastIndexOf("open-activity");
    const isOpen = openedAt > types.lastIndexOf("close-activity");
    for (const gone of this.#sayings.splice(0, isOpen ? openedAt : types.length)) {
      this.#measure(gone, -1);
    }
  }

  /** Takes out the oldest of a kind; what is no audio goes too if it would be the first of an activity. */
  #drop(isOne: (saying: Saying) => boolean): Saying[] {
    const at = this.#sayings.findIndex(isOne);
    const dropped = at < 0 ? [] : this.#sayings.splice(at, 1);
    while (
      BEHIND_AUDIO.has(this.#sayings[at]?.type ?? "") &&
      this.#sayings[at - 1]?.type === "open-activity"
    ) {
      dropped.push(...this.#sayings.splice(at, 1));
    }
    for (const saying of dropped) this.#measure(saying, -1);
    return dropped;
  }

  #measure(saying: Saying, sign: 1 | -1): void {
    if (saying.type === "audio") this.#samples += sign * saying.pcm.length;
    if (isChunk(saying)) this.#chunks += sign;
    if (isText(saying)) this.#texts += sign;
  }
}

function isText({ type }: Saying): boolean {
  return type === "text" || type === "activity-text" || type === "content" ||
    type === "realtime-text";
}
