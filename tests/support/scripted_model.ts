/**
 * A model on a test's clock that answers by script and keeps the rules of manual activity, or finds turns itself.
 *
 * @module
 */

import { ActivityDetector, type DetectionNumbers } from "../../emulators/gemini_detection.ts";
import type { Clock, Timer } from "../../lib/clock.ts";
import type { Model, ModelEvent, ModelState, OpenModel } from "../../lib/call/model.ts";

/** One answer. */
export interface ScriptedAnswer {
  /** Samples at 24 kHz. */
  readonly pcm: Int16Array;
  readonly text: string;
}

/** A turn of the caller as the model got it. */
export interface HeardTurn {
  readonly openedAtMs: number;
  closedAtMs?: number;
  readonly chunks: Int16Array[];
  /** What was written within the turn. */
  readonly texts: string[];
  /** How much had been written before it, in all. */
  readonly textsBefore: number;
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
}

const CHUNK_SAMPLES = 960;
const CHUNK_MS = 40;

/** A model that answers by script. */
export class ScriptedModel implements Model {
  readonly faults: Map<string, number> = new Map();
  readonly turns: HeardTurn[] = [];
  readonly texts: string[] = [];
  /** What broke the rules of the protocol. */
  readonly violations: string[] = [];
  /** When the first audio of each answer was handed over. */
  readonly firstAudioAtMs: number[] = [];
  state: ModelState = "connecting";
  /** What it was opened with. */
  handle: string | undefined;
  /** How often it was told to move to another connection. */
  rotations = 0;
  /** How often it was told to say the caller's last turn again. */
  repeats = 0;
  /** All audio, and when the last of it came. */
  readonly audio: Int16Array[] = [];
  lastAudioAtMs = -Infinity;
  /** When it was told that no audio comes for a while. */
  readonly audioEndedAtMs: number[] = [];
  /** Whether a turn that it finds itself breaks an answer off. */
  isInterruptible = true;
  isClosed = false;
  post: (event: ModelEvent) => void = () => {};
  readonly #clock: Clock;
  readonly #script: ModelScript;
  readonly #detector: ActivityDetector | undefined;
  #answer = 0;
  #generation = 0;
  #isGenerating = false;
  readonly #waiting: (() => void)[] = [];
  #setupTimer: Timer | undefined;

  constructor(clock: Clock, script: ModelScript) {
    this.#clock = clock;
    this.#script = script;
    this.#detector = script.detection && new ActivityDetector(script.detection);
  }

  /** Opens this model; what it is told before its set-up time is over waits. */
  readonly open: OpenModel = (post, { handle }) => {
    this.post = post;
    this.handle = handle;
    this.#setupTimer = this.#clock.at(
      this.#clock.nowMs() + (this.#script.setupMs ?? 100),
      () => {
        this.state = "connected";
        this.post({ type: "model-state-changed", state: this.state });
        for (const say of this.#waiting.splice(0)) say();
      },
    );
    return this;
  };

  openActivity(): void {
    this.#take(() => this.#openActivity());
  }

  sendAudio(pcm: Int16Array): void {
    this.#take(() => this.#sendAudio(pcm));
  }

  endAudio(): void {
    this.#take(() => this.#endAudio());
  }

  sendActivityText(text: string): void {
    this.#take(() => this.#sendActivityText(text));
  }

  closeActivity(): void {
    this.#take(() => this.#closeActivity());
  }

  sendText(text: string, options: { reply: boolean }): void {
    this.#take(() => this.#sendText(text, options));
  }

  rotate(): void {
    this.rotations++;
  }

  /** Answers the last turn anew. */
  repeatTurn(): boolean {
    if (this.turns.length === 0 || this.#openTurn) return false;
    this.repeats++;
    this.#reply();
    return true;
  }

  #take(say: () => void): void {
    if (this.state === "connecting") this.#waiting.push(say);
    else say();
  }

  #openActivity(): void {
    if (this.#detector) this.violations.push("activity opened in automatic mode");
    if (this.#openTurn) this.violations.push("activity opened twice");
    this.#begin();
  }

  #sendAudio(pcm: Int16Array): void {
    this.audio.push(pcm.slice());
    this.lastAudioAtMs = this.#clock.nowMs();
    if (this.#detector) this.#detect(this.#detector, pcm);
    else if (this.#openTurn) this.#openTurn.chunks.push(pcm.slice());
    else this.violations.push("audio outside an activity");
  }

  #endAudio(): void {
    if (!this.#detector) this.violations.push("audio ended in manual mode");
    this.audioEndedAtMs.push(this.#clock.nowMs());
  }

  #sendActivityText(text: string): void {
    const turn = this.#openTurn;
    if (!turn || turn.chunks.length === 0) this.violations.push("text before audio in an activity");
    this.texts.push(text);
    turn?.texts.push(text);
  }

  #closeActivity(): void {
    const turn = this.#openTurn;
    if (!turn) return void this.violations.push("activity closed twice");
    if (turn.chunks.length === 0) this.violations.push("empty activity");
    this.#end(turn);
  }

  #sendText(text: string, options: { reply: boolean }): void {
    this.texts.push(text);
    if (!options.reply) return;
    if (this.#detector && this.#isGenerating) this.#breakOff();
    this.#reply();
  }

  #begin(): void {
    this.turns.push({
      openedAtMs: this.#clock.nowMs(),
      chunks: [],
      texts: [],
      textsBefore: this.texts.length,
    });
    if (this.#isGenerating && this.isInterruptible) this.#interrupt();
  }

  #end(turn: HeardTurn): void {
    turn.closedAtMs = this.#clock.nowMs();
    this.post({ type: "caller-words-received", text: ` turn ${this.turns.length}` });
    this.#reply();
  }

  #detect(detector: ActivityDetector, pcm: Int16Array): void {
    for (const found of detector.hear(pcm)) {
      if (found.type === "began") {
        if (this.#script.tellsActivity) this.post({ type: "caller-activity-started" });
        this.#begin();
        continue;
      }
      if (this.#script.tellsActivity) this.post({ type: "caller-activity-ended" });
      const turn = this.#openTurn;
      turn?.chunks.push(found.pcm);
      if (turn) this.#end(turn);
    }
  }

  close(): void {
    this.#setupTimer?.cancel();
    this.isClosed = true;
    this.#generation++;
  }

  /** Everything that was heard in a turn. */
  heardIn(turn: number): Int16Array {
    const chunks = this.turns[turn]?.chunks ?? [];
    const pcm = new Int16Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      pcm.set(chunk, at);
      at += chunk.length;
    }
    return pcm;
  }

  get #openTurn(): HeardTurn | undefined {
    const last = this.turns.at(-1);
    return last?.closedAtMs === undefined ? last : undefined;
  }

  #interrupt(): void {
    const generation = ++this.#generation;
    this.#isGenerating = false;
    const late = this.#script.lateChunks ?? 0;
    for (let n = 0; n < late; n++) this.#later(n + 1, generation, () => this.#say(loud()));
    this.#later(late + 1, generation, () => this.#breakOff());
  }

  #breakOff(): void {
    this.post({ type: "generation-interrupted" });
    this.post({ type: "model-turn-completed", reason: undefined });
  }

  #reply(): void {
    const answer = this.#script.answers(this.#answer++);
    const generation = ++this.#generation;
    if (!answer) return;
    this.#isGenerating = true;
    const pace = this.#script.pace ?? 3;
    const startMs = this.#script.thinkMs ?? 200;
    const chunks = Math.ceil(answer.pcm.length / CHUNK_SAMPLES);
    for (let n = 0; n < chunks; n++) {
      this.#later(startMs + n * CHUNK_MS / pace, generation, () => {
        if (n === 0) {
          this.firstAudioAtMs.push(this.#clock.nowMs());
          this.post({ type: "agent-words-received", text: answer.text });
        }
        this.#say(answer.pcm.subarray(n * CHUNK_SAMPLES, (n + 1) * CHUNK_SAMPLES));
      });
    }
    const sentMs = startMs + chunks * CHUNK_MS / pace;
    this.#later(sentMs, generation, () => this.post({ type: "generation-completed" }));
    this.#later(startMs + chunks * CHUNK_MS, generation, () => {
      this.#isGenerating = false;
      this.post({ type: "model-turn-completed", reason: undefined });
    });
  }

  #say(pcm: Int16Array): void {
    this.post({ type: "agent-audio-received", pcm });
  }

  #later(ms: number, generation: number, act: () => void): void {
    this.#clock.at(this.#clock.nowMs() + ms, () => {
      if (this.#generation === generation && !this.isClosed) act();
    });
  }
}

/** Audio that must never be heard: full scale. */
function loud(): Int16Array {
  return new Int16Array(CHUNK_SAMPLES).fill(32_000);
}
