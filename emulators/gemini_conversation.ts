/**
 * What outlives a connection to Gemini Live: the conversation, its cost, and the handles it is resumed from.
 *
 * @module
 */

import { MODEL_INPUT_HZ, MODEL_OUTPUT_HZ } from "../audio/rates.ts";
import type { Setup } from "./gemini_setup.ts";

/** Audio costs this in both directions. */
const TOKENS_PER_SECOND = 25;
/** Tokens of the prompt that no detail accounts for, as seen on 3.8. */
const UNEXPLAINED_TOKENS = 25;
const CHARACTERS_PER_TOKEN = 4;

/** A conversation with the model: how far it is, and how much of it is billed again with each turn. */
export class Conversation {
  /** Turns so far, answered or not. */
  turns = 0;
  #instructionTokens = 0;
  #textTokens = 0;
  #audioTokens = 0;

  /** A second conversation that goes on from here. */
  copy(): Conversation {
    const copy = new Conversation();
    copy.turns = this.turns;
    copy.#textTokens = this.#textTokens;
    copy.#audioTokens = this.#audioTokens;
    return copy;
  }

  /** The model was told its task; a new connection tells it anew. */
  instruct(text: string): void {
    this.#instructionTokens = tokensOfText(text);
  }

  /** Text came into the context. */
  read(text: string): void {
    this.#textTokens += tokensOfText(text);
  }

  /** Caller's audio came into the context. */
  hear(pcm16k: Int16Array): void {
    this.#audioTokens += tokensOfAudio(pcm16k.length / MODEL_INPUT_HZ);
  }

  /**
   * Bills a turn: all of the context, and this answer, which is context from now on.
   *
   * @param samples24k Length of the answer
   * @param setup What says when the context is cut
   * @returns `usageMetadata`; its details do not add up to its totals, as Google's do not
   */
  bill(samples24k: number, setup: Setup | undefined): Readonly<Record<string, unknown>> {
    this.#compress(setup);
    const textTokens = this.#instructionTokens + this.#textTokens;
    const promptTokenCount = textTokens + this.#audioTokens + UNEXPLAINED_TOKENS;
    const responseTokenCount = tokensOfAudio(samples24k / MODEL_OUTPUT_HZ);
    const usage = {
      promptTokenCount,
      responseTokenCount,
      totalTokenCount: promptTokenCount + responseTokenCount,
      promptTokensDetails: [
        { modality: "TEXT", tokenCount: textTokens },
        { modality: "AUDIO", tokenCount: this.#audioTokens },
      ],
      responseTokensDetails: [{ modality: "AUDIO", tokenCount: responseTokenCount }],
    };
    this.#audioTokens += responseTokenCount;
    return usage;
  }

  /** Forgets the oldest audio once the context is too long; what is written stays. */
  #compress(setup: Setup | undefined): void {
    const { triggerTokens, slidingWindow } = setup?.contextWindowCompression ?? {};
    if (triggerTokens === undefined) return;
    const trigger = Number(triggerTokens);
    const textTokens = this.#instructionTokens + this.#textTokens;
    if (textTokens + this.#audioTokens <= trigger) return;
    const target = Number(slidingWindow?.targetTokens ?? trigger / 2);
    this.#audioTokens = Math.max(0, target - textTokens);
  }
}

function tokensOfText(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

function tokensOfAudio(seconds: number): number {
  return Math.round(seconds * TOKENS_PER_SECOND);
}

/** A conversation as it stood when a handle was given out. */
export interface Checkpoint {
  /** A copy of its own. */
  readonly conversation: Conversation;
  /** Whether the connection that got the handle still stands. */
  readonly isInUse: () => boolean;
}

/** What all connections to one emulator share. */
export class GeminiMemory {
  readonly #checkpoints = new Map<string, Checkpoint>();
  #calls = 0;

  /** Keeps a checkpoint and names it. */
  keep(checkpoint: Checkpoint): string {
    const handle = `handle-${this.#checkpoints.size + 1}`;
    this.#checkpoints.set(handle, checkpoint);
    return handle;
  }

  /** What a handle stands for. */
  find(handle: string): Checkpoint | undefined {
    return this.#checkpoints.get(handle);
  }

  /** A name for a function call that no other has. */
  nextCallId(): string {
    return `fc_${++this.#calls}`;
  }
}
