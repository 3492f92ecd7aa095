/**
 * Sees to it that whoever waits for the agent hears something: takes what comes of an answer, and does what is to be
 * done about one that does not come.
 *
 * @module
 */

import { levelDbfs } from "../../audio/level.ts";
import {
  NOTHING_OWED,
  type OwedFact,
  type OwedOrder,
  type OwedState,
} from "../turns/owed_facts.ts";
import { nextOwedMs, stepOwed } from "../turns/owed_speech.ts";
import type { AnswerWatchParts } from "./answer_watch_parts.ts";
import { Asking } from "./asking.ts";
import type { ModelState } from "./model.ts";

/** Audio below this can be heard by nobody. */
const AUDIBLE_DBFS = -60;

/** Watches over the answers of one call; its timer is `answer`. */
export class AnswerWatch {
  readonly #parts: AnswerWatchParts;
  #state: OwedState = NOTHING_OWED;
  readonly #asking: Asking;
  /** Words of which it is not known yet whether they are heard. */
  #words = "";
  #heldBack: Int16Array[] = [];
  /** Whether all that is on the line of this answer is near-silent. */
  #isUnheard = false;
  /** Whether some model was there before. */
  #wasReached = false;

  /** Begins with nothing asked. */
  constructor(parts: AnswerWatchParts) {
    this.#parts = parts;
    this.#asking = new Asking(parts);
  }

  /** Whether the caller waits for the agent. */
  get isAnswerOwed(): boolean {
    return this.#state.owed !== undefined;
  }

  /** Whether an answer was asked for again, and has not come. */
  get isAskedAgain(): boolean {
    const { owed } = this.#state;
    return owed?.isAskedAgain === true && !owed.isSounding;
  }

  /** The caller has said something, and the model knows. */
  askedByCaller(): void {
    this.#asking.askedByCaller();
    this.#asked();
  }

  /** Asks the model in writing; `isAsked`: that was done before there was a call. */
  ask(cue: string, options: { isAsked?: boolean } = {}): void {
    this.#asking.ask(cue, options);
    this.#asked();
  }

  /** The model has asked for functions whose result it will speak of; a caller who speaks does not wait for that. */
  toolsCalled(): void {
    if (this.#parts.voice.isMuted) return;
    this.#take({ type: "tools-called", nowMs: this.#nowMs, silentFromMs: this.#silentFromMs });
  }

  /** They are done: the model is to speak of them, unless the caller does. */
  toolsAnswered(): void {
    if (!this.#parts.voice.isMuted) this.#asked({ isTool: true });
  }

  /** The model has taken them back. If the caller had broken in, nothing is owed; else the answer is, without them. */
  toolsTakenBack(): void {
    if (this.#state.owed?.isToolPending) this.#asked({ isTool: true });
  }

  /** The model has chosen to say nothing, or nothing more. */
  silenceChosen(): void {
    this.#take({ type: "silence-chosen", nowMs: this.#nowMs });
  }

  /** The caller has the floor, or took it. */
  callerTookFloor(): void {
    this.#words = "";
    this.#heldBack = [];
    this.#take({ type: "caller-took-floor", nowMs: this.#nowMs });
  }

  /** Audio of an answer: samples at 24 kHz. */
  audio(pcm: Int16Array): void {
    if (this.#parts.voice.isMuted) return this.#parts.voice.audio(pcm);
    const isAudible = levelDbfs(pcm) > AUDIBLE_DBFS;
    this.#take({ type: "audio-arrived", nowMs: this.#nowMs, isAudible }, pcm);
  }

  /** Words of an answer; they share the lot of its audio. */
  words(text: string): void {
    this.#words += text;
  }

  /** The model wrote instead of speaking. */
  text(): void {
    this.#parts.faults.count("agent-text");
    this.#take({ type: "text-arrived", nowMs: this.#nowMs });
  }

  /** All of an answer was sent. */
  generationCompleted(): void {
    const wasHeard = !this.#state.isSettled;
    this.#take({ type: "generation-completed", nowMs: this.#nowMs });
    if (wasHeard && !this.isAnswerOwed) this.#tellWords();
    this.#words = "";
    this.#parts.voice.finished();
  }

  /** The model's turn is over, for a reason if it names one. */
  turnCompleted(reason: string | undefined): void {
    const isRejected = reason !== undefined;
    this.#take({ type: "turn-completed", nowMs: this.#nowMs, isRejected });
    this.#parts.voice.finished();
  }

  /** The service broke the answer off. */
  interrupted(): void {
    const wasCut = this.#parts.voice.runsDryAtMs === undefined;
    this.#take({ type: "interrupted", nowMs: this.#nowMs, wasCut });
  }

  /** The conversation with the model stands otherwise than before. */
  modelChanged(state: ModelState): void {
    const nowMs = this.#nowMs;
    if (state === "connected") {
      this.#take({ type: "model-reached", nowMs, isAnew: this.#wasReached });
      this.#wasReached = true;
    } else if (state !== "error") {
      this.#take({ type: "model-gone", nowMs });
      // What is here of an answer is heard, and no more of it comes.
      if (this.#state.owed?.hasBegun) this.#parts.voice.breakOff();
      else this.#parts.voice.finished();
    }
  }

  /** The conversation with the model is over for good. */
  modelLost(): void {
    this.#take({ type: "model-lost", nowMs: this.#nowMs });
    this.#parts.voice.finished();
  }

  /** The line has moved on, or time has. */
  look(): void {
    this.#take({ type: "time-passed", nowMs: this.#nowMs });
  }

  #asked({ isTool } = { isTool: false }): void {
    this.#isUnheard = false;
    this.#words = "";
    const silentFromMs = this.#silentFromMs;
    this.#take({ type: "asked", nowMs: this.#nowMs, isTool, silentFromMs });
  }

  /** From when on the caller hears nothing, as far as it is known. */
  get #silentFromMs(): number | undefined {
    const dryAtMs = this.#parts.voice.runsDryAtMs;
    return dryAtMs === undefined ? undefined : Math.max(dryAtMs, this.#nowMs);
  }

  #take(fact: OwedFact, pcm?: Int16Array): void {
    const { settings, voice, timers } = this.#parts;
    const [state, orders] = stepOwed(this.#state, fact, settings);
    this.#state = state;
    for (const order of orders) {
      this.#carryOut(order, pcm);
      // Silencing the agent may give the caller the floor, and then nothing else is wanted.
      if (this.#state !== state) return;
    }
    const { owed } = this.#state;
    const dryAtMs = owed?.silentFromMs === undefined ? voice.runsDryAtMs : undefined;
    if (owed && dryAtMs !== undefined) {
      const atMs = Math.max(dryAtMs, fact.nowMs);
      [this.#state] = stepOwed(
        this.#state,
        { type: "line-runs-dry", nowMs: fact.nowMs, atMs },
        settings,
      );
    }
    timers.set("answer", nextOwedMs(this.#state, settings));
  }

  #carryOut(order: OwedOrder, pcm: Int16Array | undefined): void {
    const { voice, faults, repairs } = this.#parts;
    switch (order.type) {
      case "play-audio":
        return this.#play(pcm);
      case "hold-back-audio":
        return void (pcm && this.#heldBack.push(pcm));
      case "drop-audio":
        this.#words = "";
        return faults.count("late-answer-audio");
      case "play-held-back":
        for (const held of this.#heldBack.splice(0)) this.#play(held);
        return;
      case "drop-held-back":
        this.#heldBack = [];
        this.#words = "";
        return faults.count("late-answer");
      case "clear-playout":
        return voice.silence();
      case "start-bridge":
        if (!order.isMidAnswer) this.#dropUnheard();
        repairs.count("bridge");
        return voice.bridge();
      case "repair":
        return this.#repair(order);
      case "go-on":
        repairs.count("go-on");
        return this.#asking.nudge(true);
      default:
        order satisfies never;
    }
  }

  #play(pcm: Int16Array | undefined): void {
    if (!pcm) return;
    this.#isUnheard = this.#state.owed?.isSounding === false;
    this.#tellWords();
    this.#parts.voice.audio(pcm);
  }

  #tellWords(): void {
    if (this.#words !== "") this.#parts.voice.words(this.#words);
    this.#words = "";
  }

  #dropUnheard(): void {
    if (this.#isUnheard) this.#parts.voice.disown();
    this.#isUnheard = false;
  }

  #repair({ repair, problem, hasBegun }: OwedOrder & { type: "repair" }): void {
    const { faults, repairs, link, voice, log, giveUp } = this.#parts;
    faults.count(`answer-${problem}`);
    repairs.count(repair);
    log.warn("answer-repaired", { repair, problem, hasBegun });
    this.#words = "";
    const state = this.#state;
    this.#dropUnheard();
    if (this.#state !== state) return;
    if (hasBegun) voice.breakOff();
    switch (repair) {
      case "nudge":
        return this.#asking.nudge(hasBegun);
      case "repeat-turn":
        return this.#asking.repeat();
      case "rotate":
        return link.rotate();
      case "second-model":
        return this.#goToSecondModel(hasBegun);
      case "give-up":
        return giveUp(problem);
      default:
        repair satisfies never;
    }
  }

  /** It knows what was said, but was not asked anything yet. */
  #goToSecondModel(hasBegun: boolean): void {
    this.#wasReached = false;
    this.#parts.openSecondModel();
    if (!this.isAnswerOwed) return;
    if (hasBegun) this.#asking.nudge(true);
    else this.#asking.repeat();
  }

  get #nowMs(): number {
    return this.#parts.clock.nowMs();
  }
}
