/**
 * How a call begins that we placed: who answered speaks first, or nobody does; or it is a machine.
 *
 * @module
 */

import { BeepDetector } from "../../audio/beep_detector.ts";
import { decodeMulaw } from "../../audio/mulaw.ts";
import type { VoicemailConfig } from "../agents/agent_config.ts";
import type { Clock } from "../clock.ts";
import type { Conversation } from "./conversation.ts";
import { greetingCue, voicemailCue } from "./cues.ts";
import type { CallParts } from "./call_parts.ts";
import type { ModelEvent } from "./model.ts";
import type { MutableLeg } from "./mutable_leg.ts";
import type { Timers } from "./timers.ts";

/** Who answered is given so long to say something. */
const CALLEE_FIRST_MS = 2_000;
/** A beep that has not come by then will not; the message is said all the same. */
const BEEP_MS = 30_000;
/** A model that says no message within that says none; sooner than it is given up, or a machine would record our apology. */
const MESSAGE_MS = 8_000;

/** The beginning of a call, if we placed it and it has not come back. */
export function calleeAnswer(
  { outbound, agent, continuity }: CallParts,
  parts: Omit<CalleeAnswerParts, "greeting" | "voicemail">,
): CalleeAnswer | undefined {
  if (!outbound || continuity.resumed) return undefined;
  return new CalleeAnswer({ ...parts, greeting: agent.greeting, voicemail: outbound.voicemail });
}

/** What it takes. */
export interface CalleeAnswerParts {
  /** What the agent says first; variables are filled in. */
  readonly greeting: string;
  /** What is done when a machine answers. */
  readonly voicemail: VoicemailConfig;
  /** The callee's side; muted while a machine speaks. */
  readonly leg: MutableLeg;
  /** The two parties. */
  readonly conversation: Conversation;
  /** The timers of the call; `callee` is its own. */
  readonly timers: Timers;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Ends the call once what is being said was heard. */
  readonly hangUp: () => void;
}

/**
 * Where it stands: it is waited for the callee to speak, they talk, it is waited for the beep, the model is asked for the
 * message, it is being said, it is over.
 */
type Phase = "callee-first" | "talking" | "beep" | "message-asked" | "message" | "over";

/** The beginning of one call that we placed. */
export class CalleeAnswer {
  readonly #parts: CalleeAnswerParts;
  readonly #beeps = new BeepDetector();
  #phase: Phase = "callee-first";
  /** Whether an answer is under way that was not asked for as the message. */
  #isOldAnswer = false;

  /** The callee has just picked up. */
  constructor(parts: CalleeAnswerParts) {
    this.#parts = parts;
    this.#wait(CALLEE_FIRST_MS);
  }

  /** Whether a machine is at the other end: it is not heard as a caller, and its beep is listened for. */
  get isMachine(): boolean {
    return this.#phase !== "callee-first" && this.#phase !== "talking";
  }

  /** Whether what the model says now is the rest of an older answer, and no part of the message. */
  get isAnswerStale(): boolean {
    return this.#phase === "message-asked" && this.#isOldAnswer;
  }

  /** The time is over that was waited. */
  due(): void {
    switch (this.#phase) {
      case "callee-first":
        this.#phase = "talking";
        if (this.#parts.conversation.isQuiet) {
          this.#parts.conversation.say(greetingCue(this.#parts.greeting));
        }
        return;
      case "beep":
        return this.#say();
      case "message-asked":
        return this.#leave();
      default:
    }
  }

  /** A machine answered: whatever the agent says is broken off. */
  machineAnswered(): void {
    if (this.isMachine) return;
    const { voicemail, conversation } = this.#parts;
    this.#isOldAnswer = conversation.isAgentSpeaking || conversation.isAnswerOwed;
    conversation.silenceAgent();
    this.#parts.leg.isMuted = true;
    if (voicemail === "hang-up") return this.#leave();
    this.#phase = "beep";
    this.#wait(BEEP_MS);
  }

  /** A frame of the machine. */
  hear(mulaw: Uint8Array): void {
    if (this.#phase !== "beep") return;
    const pcm = new Int16Array(mulaw.length);
    decodeMulaw(mulaw, pcm);
    if (this.#beeps.hear(pcm)) this.#say();
  }

  /** Takes what the model does. */
  take(event: ModelEvent): void {
    if (event.type === "agent-audio-received") this.#answered();
    const isEnd = event.type === "generation-interrupted" || event.type === "model-turn-completed";
    if (isEnd) this.#answerEnded();
  }

  #answered(): void {
    if (this.#phase === "beep") this.#isOldAnswer = true;
    if (this.#phase === "message-asked" && !this.#isOldAnswer) this.#phase = "message";
  }

  /** After the message the call is over, once it was heard. */
  #answerEnded(): void {
    const wasMessage = this.#phase === "message" && !this.#isOldAnswer;
    this.#isOldAnswer = false;
    if (wasMessage) this.#leave();
  }

  #say(): void {
    const { voicemail, conversation } = this.#parts;
    if (voicemail === "hang-up") return;
    this.#phase = "message-asked";
    conversation.silenceAgent();
    this.#parts.leg.isMuted = false;
    conversation.say(voicemailCue(voicemail.message));
    this.#wait(MESSAGE_MS);
  }

  #leave(): void {
    this.#phase = "over";
    this.#parts.hangUp();
  }

  #wait(ms: number): void {
    const { timers, clock } = this.#parts;
    timers.set("callee", clock.nowMs() + ms);
  }
}
