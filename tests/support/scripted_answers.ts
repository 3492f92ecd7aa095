/**
 * Answers on a test's clock, by script.
 *
 * @module
 */

import type { DetectionNumbers } from "../../emulators/gemini_detection.ts";
import type { ModelEvent } from "../../lib/call/model.ts";
import type { Clock } from "../../lib/clock.ts";

/** One answer. */
export interface ScriptedAnswer {
  /** Samples at 24 kHz. */
  readonly pcm: Int16Array;
  readonly text: string;
  /** What is wrong with it; without audio and without a fault it is empty. */
  readonly fault?: "written" | "rejected" | "cut-short" | "stalled" | "interrupted";
  /** Functions that it asks for before it speaks. */
  readonly calls?: readonly {
    readonly name: string;
    readonly args: Readonly<Record<string, unknown>>;
  }[];
  /** Whether it speaks at once, and not only when they are answered. */
  readonly speaksMeanwhile?: boolean;
  /** Where it differs from the script. */
  readonly thinkMs?: number;
}

/** How the model behaves. */
export interface ModelScript {
  /** The first answers the greeting, the next the turns; undefined: says nothing. */
  readonly answers: (index: number) => ScriptedAnswer | undefined;
  /** From the end of a turn to the first audio. */
  readonly thinkMs?: number;
  /** How much faster than real time audio comes. */
  readonly pace?: number;
  /** How long the set-up takes. */
  readonly setupMs?: number;
  /** Audio that still comes after an answer was broken off. */
  readonly lateChunks?: number;
  /** It finds the turns itself, by these numbers. */
  readonly detection?: DetectionNumbers;
  /** It says when it hears the caller begin and end. */
  readonly tellsActivity?: boolean;
  /** An answer goes on although the model is asked something else in writing, or again. */
  readonly isStubborn?: boolean;
}

const CHUNK_SAMPLES = 960;
const CHUNK_MS = 40;

/** The answers of one model. */
export class ScriptedAnswers {
  /** When the first audio of each was handed over. */
  readonly firstAudioAtMs: number[] = [];
  /** Whether one is under way. */
  isGenerating = false;
  /** Whether nothing was heard since the model was asked last. */
  isUnanswered = false;
  readonly #clock: Clock;
  readonly #script: ModelScript;
  readonly #post: (event: ModelEvent) => void;
  /** Calls of functions without an answer. */
  readonly #open = new Set<string>();
  #calls = 0;
  #goOn: (() => void) | undefined;
  #answer = 0;
  #generation = 0;
  /** The first answer that was not broken off. */
  #oldest = 0;

  constructor(clock: Clock, script: ModelScript, post: (event: ModelEvent) => void) {
    this.#clock = clock;
    this.#script = script;
    this.#post = post;
  }

  /** Nothing more comes. */
  close(): void {
    this.#oldest = Infinity;
  }

  /** Drops every answer that was begun before, and gives the next its number. */
  breakOff(): number {
    this.isGenerating = false;
    this.#open.clear();
    this.#goOn = undefined;
    this.#generation++;
    this.#oldest = Math.max(this.#oldest, this.#generation);
    return this.#generation;
  }

  /** The caller breaks in. */
  interrupt(): void {
    const ids = [...this.#open];
    const generation = this.breakOff();
    if (ids.length > 0) this.#post({ type: "functions-cancelled", ids });
    const late = this.#script.lateChunks ?? 0;
    for (let n = 0; n < late; n++) this.#later(n + 1, generation, () => this.#say(loud()));
    this.#later(late + 1, generation, () => this.#postInterrupted());
  }

  /** Something else is asked while an answer may be under way. */
  askAgain(): void {
    if (this.#script.isStubborn) return this.reply();
    if (this.isGenerating) this.#postInterrupted();
    this.breakOff();
    this.reply();
  }

  /** Gives the next answer, if there is one. */
  reply(): void {
    const answer = this.#script.answers(this.#answer++);
    const generation = ++this.#generation;
    this.isUnanswered = true;
    if (!answer) return;
    this.isGenerating = true;
    const { calls = [], speaksMeanwhile = false } = answer;
    if (calls.length === 0) return this.#speak(answer, generation);
    this.#later(answer.thinkMs ?? this.#script.thinkMs ?? 200, generation, () => {
      const asked = calls.map((call) => ({ ...call, id: `fc_${++this.#calls}` }));
      for (const { id } of asked) this.#open.add(id);
      if (speaksMeanwhile) this.#speak(answer, generation);
      else this.#goOn = () => this.#speak(answer, generation);
      this.#post({ type: "functions-called", calls: asked });
    });
  }

  /** A function is done; says whether it was asked for, and goes on when all are. */
  functionAnswered(id: string): boolean {
    if (!this.#open.delete(id)) return false;
    if (this.#open.size > 0) return true;
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
    return true;
  }

  #speak(answer: ScriptedAnswer, generation: number): void {
    const pace = this.#script.pace ?? 3;
    const startMs = answer.thinkMs ?? this.#script.thinkMs ?? 200;
    const chunks = Math.ceil(answer.pcm.length / CHUNK_SAMPLES);
    for (let n = 0; n < chunks; n++) {
      this.#later(startMs + n * CHUNK_MS / pace, generation, () => {
        if (n === 0) {
          this.firstAudioAtMs.push(this.#clock.nowMs());
          this.#post({ type: "agent-words-received", text: answer.text });
        }
        this.isUnanswered = false;
        this.#say(answer.pcm.subarray(n * CHUNK_SAMPLES, (n + 1) * CHUNK_SAMPLES));
      });
    }
    const sentMs = startMs + chunks * CHUNK_MS / pace;
    this.#finish(answer, { sentMs, heardMs: startMs + chunks * CHUNK_MS, generation });
  }

  #finish(
    { fault, text }: ScriptedAnswer,
    times: { sentMs: number; heardMs: number; generation: number },
  ): void {
    const { sentMs, heardMs, generation } = times;
    const complete = (reason?: string) => () => {
      this.isGenerating = false;
      this.#post({ type: "model-turn-completed", reason });
    };
    switch (fault) {
      case "stalled":
        return;
      case "interrupted":
        return this.#later(sentMs, generation, () => {
          this.isGenerating = false;
          this.#postInterrupted();
        });
      case "cut-short":
        return this.#later(sentMs, generation, complete());
      case "rejected":
        return this.#later(sentMs, generation, complete("RESPONSE_REJECTED"));
      case "written":
        this.#later(sentMs, generation, () => this.#post({ type: "agent-text-received", text }));
    }
    this.#later(sentMs, generation, () => this.#post({ type: "generation-completed" }));
    this.#later(heardMs, generation, complete());
  }

  #postInterrupted(): void {
    this.#post({ type: "generation-interrupted" });
    this.#post({ type: "model-turn-completed", reason: undefined });
  }

  #say(pcm: Int16Array): void {
    this.#post({ type: "agent-audio-received", pcm });
  }

  #later(ms: number, generation: number, act: () => void): void {
    this.#clock.at(this.#clock.nowMs() + ms, () => {
      if (generation >= this.#oldest) act();
    });
  }
}

/** Audio that must never be heard: full scale. */
function loud(): Int16Array {
  return new Int16Array(CHUNK_SAMPLES).fill(32_000);
}
