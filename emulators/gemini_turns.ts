/**
 * How Gemini Live answers turns: one at a time, with function calls, interruptions, bills and handles.
 *
 * @module
 */

import type { Clock } from "../lib/clock.ts";
import { AnswerRun, wordPieces } from "./gemini_answer.ts";
import type { Conversation, GeminiMemory } from "./gemini_conversation.ts";
import type { Detected } from "./gemini_detection.ts";
import type { FaultPlan } from "./gemini_faults.ts";
import type { FunctionResponse } from "./gemini_messages.ts";
import type { SentAnswer, SessionRecord } from "./gemini_records.ts";
import { invalid } from "./gemini_refusal.ts";
import { type Family, isBlocking } from "./gemini_functions.ts";
import type { GeminiWire } from "./gemini_wire.ts";
import {
  type Answer,
  type Delivery,
  type ModelScript,
  type ModelTurn,
  PLAIN_DELIVERY,
} from "./model_script.ts";
import { recogniseCaller } from "./recogniser.ts";

/** What turn-taking needs of its session. */
export interface TurnWorld {
  /** Whose time it waits by. */
  readonly clock: Clock;
  /** What the model says and hears. */
  readonly script: ModelScript;
  /** Where it says it. */
  readonly wire: GeminiWire;
  /** What goes wrong. */
  readonly plan: FaultPlan;
  /** What it shares with other connections. */
  readonly memory: GeminiMemory;
  /** What is written down of it. */
  readonly record: SessionRecord;
  /** What the model is. */
  readonly family: Family;
  /** What it goes on with. */
  readonly conversation: Conversation;
}

/** What asks for an answer. */
export type TurnInput =
  | { readonly type: "written"; readonly text: string }
  | { readonly type: "spoken"; readonly pcm: Int16Array };

/** An answer under way, and what is written down of it. */
interface UnderWay {
  readonly run: AnswerRun;
  readonly sent: SentAnswer;
  readonly turnCompleteReason: string | undefined;
}

/** Takes the turns of one connection: at most one answer is under way. */
export class GeminiTurns {
  readonly #world: TurnWorld;
  readonly #delivery: Delivery;
  /** Function calls that died with an interrupted answer. */
  readonly #cancelled = new Set<string>();
  #underWay: UnderWay | undefined;
  #waiting: TurnInput | undefined;

  /**
   * No turn yet.
   *
   * @param world What it needs of its session
   */
  constructor(world: TurnWorld) {
    this.#world = world;
    this.#delivery = { ...PLAIN_DELIVERY, ...world.script.delivery };
  }

  /** Answers a turn; one that was spoken waits where it may not interrupt. */
  take(input: TurnInput): void {
    if (this.#underWay && input.type === "spoken" && !this.#mayInterrupt) {
      this.#waiting = input;
      return;
    }
    // One that waits is a part of what is answered now.
    if (this.#waiting?.type === "spoken") this.#world.conversation.hear(this.#waiting.pcm);
    this.#waiting = undefined;
    this.#underWay?.run.breakOff();
    const turn = this.#begin(input);
    const { script, wire } = this.#world;
    const answer = typeof script.answers === "function"
      ? script.answers(turn)
      : script.answers[turn.index];
    const callerWords = this.#wordsToTell(turn);
    if (answer) return this.#answer(answer, { turn: turn.index, callerWords });
    if (this.#delivery.inputTranscription === "never") return;
    for (const text of wordPieces(callerWords)) {
      wire.send({ serverContent: { inputTranscription: { text } } });
    }
  }

  /** The caller was detected to begin or end. */
  tellActivity({ type, atMs }: Detected): void {
    if (!this.#delivery.tellsActivity) return;
    const activity = type === "began" ? "ACTIVITY_START" : "ACTIVITY_END";
    const audioOffset = `${atMs / 1000}s`;
    this.#world.wire.send({ voiceActivity: { type: activity, audioOffset } });
  }

  /** The caller breaks in on what is under way. */
  interrupt(): void {
    if (this.#mayInterrupt) this.#underWay?.run.interrupt();
  }

  /**
   * A client answers function calls.
   *
   * @throws {Refusal} If a call is unknown or has its answer; one that was cancelled meanwhile is let pass
   */
  respond(responses: readonly FunctionResponse[]): void {
    for (const response of responses) {
      const { id, willContinue } = response;
      this.#world.record.toolResponses.push(response);
      if (this.#cancelled.has(id)) continue;
      const run = this.#underWay?.run;
      if (!run?.openCalls.includes(id)) throw invalid("no such function call is open");
      this.#world.conversation.read(JSON.stringify(response.response));
      if (!willContinue) run.closeCall(id);
    }
  }

  /** Whether it waits for a function and must hear nothing meanwhile, but for what was under way. */
  get isBlocked(): boolean {
    const { record: { setup }, family, clock } = this.#world;
    const { openFunctions: open = [], calledAtMs = 0 } = this.#underWay?.run ?? {};
    if (clock.nowMs() < calledAtMs + this.#delivery.underWayMs) return false;
    return setup !== undefined && open.some((name) => isBlocking(name, setup, family));
  }

  /** The connection is gone. */
  stop(): void {
    this.#underWay?.run.stop();
    this.#underWay = this.#waiting = undefined;
  }

  /** Gives out a handle to resume from here. */
  offerHandle(): void {
    const { memory, conversation, wire } = this.#world;
    const newHandle = memory.keep({
      conversation: conversation.copy(),
      isInUse: () => wire.isOpen,
    });
    wire.send({ sessionResumptionUpdate: { newHandle, resumable: true } });
  }

  get #mayInterrupt(): boolean {
    const { realtimeInputConfig } = this.#world.record.setup ?? {};
    return realtimeInputConfig?.activityHandling !== "NO_INTERRUPTION";
  }

  #begin(input: TurnInput): ModelTurn {
    const { conversation, script, plan, wire, record } = this.#world;
    const index = conversation.turns++;
    const { connection } = record;
    plan.reached(wire, "turn", index);
    if (input.type === "written") {
      conversation.read(input.text);
      return { type: "written", index, connection, words: input.text };
    }
    conversation.hear(input.pcm);
    const words = (script.hear ?? recogniseCaller)(input.pcm, index);
    return { type: "spoken", index, connection, words, pcm: input.pcm };
  }

  #wordsToTell(turn: ModelTurn): string {
    if (turn.type === "written") return this.#delivery.transcribesText ? turn.words : "";
    return this.#world.record.setup?.inputAudioTranscription ? turn.words : "";
  }

  #answer(answer: Answer, { turn, callerWords }: { turn: number; callerWords: string }): void {
    const { clock, wire, plan, record, memory } = this.#world;
    const sent: SentAnswer = {
      turn,
      text: answer.text,
      pcm: answer.pcm,
      textSent: "",
      samplesSent: 0,
      firstSentAtMs: undefined,
      outcome: "under-way",
    };
    record.sent.push(sent);
    const run = new AnswerRun(answer, {
      clock,
      callerWords,
      delivery: this.#delivery,
      distortion: plan.find("distort", turn)?.how,
      record: sent,
      nextCallId: () => memory.nextCallId(),
      send: (message) => wire.send(message),
      onAudio: () => plan.reached(wire, "answer", turn),
      onToolTurn: () => this.#complete(0),
      onEnd: () => this.#end(),
    });
    this.#underWay = { run, sent, turnCompleteReason: answer.turnCompleteReason };
    wire.send({ sessionResumptionUpdate: { resumable: false } });
    run.begin();
  }

  #end(): void {
    if (!this.#underWay) return;
    const { run, sent, turnCompleteReason } = this.#underWay;
    this.#underWay = undefined;
    if (sent.outcome === "interrupted") this.#announceInterruption(run.openCalls);
    this.#complete(sent.samplesSent, sent.outcome === "complete" ? turnCompleteReason : undefined);
    this.offerHandle();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.take(waiting);
  }

  #announceInterruption(ids: readonly string[]): void {
    const { wire } = this.#world;
    wire.send({ serverContent: { interrupted: true } });
    if (ids.length === 0) return;
    for (const id of ids) this.#cancelled.add(id);
    wire.send({ toolCallCancellation: { ids } });
  }

  #complete(samples24k: number, reason?: string): void {
    const { wire, conversation, record } = this.#world;
    const turnCompleteReason = reason === undefined ? {} : { turnCompleteReason: reason };
    wire.send({
      serverContent: { turnComplete: true, ...turnCompleteReason },
      usageMetadata: conversation.bill(samples24k, record.setup),
    });
  }
}
