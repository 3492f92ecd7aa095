/**
 * A model on a test's clock that answers by script and keeps the rules of manual activity, or finds turns itself.
 *
 * @module
 */

import { ActivityDetector } from "../../emulators/gemini_detection.ts";
import type { Clock, Timer } from "../../lib/clock.ts";
import type {
  FunctionAnswer,
  Model,
  ModelEvent,
  ModelState,
  OpenModel,
} from "../../lib/call/model.ts";
import { type ModelScript, ScriptedAnswers } from "./scripted_answers.ts";

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

/** A model that answers by script. */
export class ScriptedModel implements Model {
  readonly faults: Map<string, number> = new Map();
  readonly turns: HeardTurn[] = [];
  readonly texts: string[] = [];
  /** What broke the rules of the protocol. */
  readonly violations: string[] = [];
  state: ModelState = "connecting";
  /** What it was opened with. */
  handle: string | undefined;
  /** What became of the functions that it asked for. */
  readonly functionAnswers: FunctionAnswer[] = [];
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
  readonly #answers: ScriptedAnswers;
  readonly #waiting: (() => void)[] = [];
  #setupTimer: Timer | undefined;

  constructor(clock: Clock, script: ModelScript) {
    this.#clock = clock;
    this.#script = script;
    this.#answers = new ScriptedAnswers(clock, script, (event) => this.post(event));
    this.#detector = script.detection && new ActivityDetector(script.detection);
  }

  /** Opens this model; what it is told before its set-up time is over waits. */
  readonly open: OpenModel = (post, { handle }) => {
    this.post = post;
    this.handle = handle;
    this.#connect();
    return this;
  };

  #connect(): void {
    this.#setupTimer = this.#clock.at(
      this.#clock.nowMs() + (this.#script.setupMs ?? 100),
      () => {
        this.state = "connected";
        this.post({ type: "model-state-changed", state: this.state });
        for (const say of this.#waiting.splice(0)) say();
      },
    );
  }

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

  answerFunctions(answers: readonly FunctionAnswer[]): void {
    for (const answer of answers) {
      this.functionAnswers.push(answer);
      if (!this.#answers.functionAnswered(answer.id)) {
        this.violations.push(`no such function call is open: ${answer.id}`);
      }
    }
  }

  rotate(): void {
    this.rotations++;
    this.loseConnection();
  }

  /** The connection is gone for its set-up time; what has no answer is asked again on the next one. */
  loseConnection(): void {
    this.#answers.breakOff();
    this.state = "connecting";
    this.post({ type: "model-state-changed", state: "disconnected" });
    this.#connect();
    if (this.#answers.isUnanswered) this.#waiting.unshift(() => this.#answers.reply());
  }

  /** Answers the last turn anew. */
  repeatTurn(): boolean {
    if (this.turns.length === 0 || this.#openTurn) return false;
    this.repeats++;
    this.#answers.askAgain();
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
    this.post({ type: "activity-end-sent" });
    this.#end(turn);
  }

  #sendText(text: string, options: { reply: boolean }): void {
    this.texts.push(text);
    if (options.reply) this.#answers.askAgain();
  }

  #begin(): void {
    this.turns.push({
      openedAtMs: this.#clock.nowMs(),
      chunks: [],
      texts: [],
      textsBefore: this.texts.length,
    });
    if (this.#answers.isGenerating && this.isInterruptible) this.#answers.interrupt();
  }

  #end(turn: HeardTurn): void {
    turn.closedAtMs = this.#clock.nowMs();
    this.post({ type: "caller-words-received", text: ` turn ${this.turns.length}` });
    this.#answers.reply();
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
    this.#answers.close();
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

  /** When the first audio of each answer was handed over. */
  get firstAudioAtMs(): readonly number[] {
    return this.#answers.firstAudioAtMs;
  }

  get #openTurn(): HeardTurn | undefined {
    const last = this.turns.at(-1);
    return last?.closedAtMs === undefined ? last : undefined;
  }
}
