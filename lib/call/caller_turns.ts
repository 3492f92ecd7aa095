/**
 * The caller's turns in the record of a call: who found them, and what is noted of them.
 *
 * @module
 */

import type { TurnLatency } from "../records/call_record.ts";
import type { Transcript } from "./transcript.ts";
import type { TurnLatencies } from "./turn_latency.ts";

/** Notes the caller's turns. */
export interface CallerTurns {
  /** The caller has the floor since `startMs`, in milliseconds since the call was answered. */
  began(startMs: number): void;
  /** A frame was scored. */
  heard(speechProbability: number): void;
  /** The caller was found to have finished, and has no longer the floor. */
  ended(times: Pick<TurnLatency, "speechEndedMs" | "decidedMs" | "activityEndSentMs">): void;
  /** The service says that it hears the caller begin or end. */
  activity(type: "caller-activity-started" | "caller-activity-ended"): void;
  /** Words of the caller, as the service heard them. */
  words(text: string): void;
  /** The agent was told to speak: no answer to the caller comes next. */
  agentPrompted(): void;
  /** An answer begins. */
  answerBegan(): void;
}

/** Where turns are noted. */
export interface TurnNotes {
  /** Who said what. */
  readonly transcript: Transcript;
  /** Where the time of each turn went. */
  readonly latencies: TurnLatencies;
  /** Milliseconds since the call was answered. */
  readonly callMs: () => number;
}

/** Turns that are found here: they begin with the floor, and what else is heard of them says nothing new. */
export class OwnTurns implements CallerTurns {
  readonly #notes: TurnNotes;

  /** Notes who spoke, and where the time went. */
  constructor(notes: TurnNotes) {
    this.#notes = notes;
  }

  /** A turn of its own each time. */
  began(startMs: number): void {
    this.#notes.transcript.callerBegan(startMs);
  }

  /** The model was told so, and owes an answer. */
  ended(times: Parameters<CallerTurns["ended"]>[0]): void {
    this.#notes.latencies.turnEnded(times);
  }

  /** Words of the turn that was begun last. */
  words(text: string): void {
    this.#notes.transcript.callerWords(text);
  }

  /** Says nothing new. */
  heard(): void {}

  /** Says nothing new. */
  activity(): void {}

  /** Says nothing new. */
  agentPrompted(): void {}

  /** Says nothing new. */
  answerBegan(): void {}
}

/** A frame of at least this probability is the caller's voice. */
const VOICE_PROBABILITY = 0.5;

/**
 * Turns that the service finds. It does not say where one began, and not every model where it ended. What it does say is
 * the caller's words, sometimes that it hears the caller, and its answer. So a turn is one when the service has shown
 * that it took it for one; when it began and ended is what was heard here.
 */
export class AutomaticTurns implements CallerTurns {
  readonly #notes: TurnNotes;
  /** Since when the caller was heard here and the service has shown nothing. */
  #onsetMs: number | undefined;
  #lastVoiceMs: number | undefined;
  /** When the service said that the turn was over. */
  #endedMs: number | undefined;
  #turn: "none" | "open" | "answered" = "none";

  /** Notes who spoke, and where the time went. */
  constructor(notes: TurnNotes) {
    this.#notes = notes;
  }

  /** Kept until the service shows that it heard it too. */
  began(startMs: number): void {
    this.#onsetMs ??= startMs;
    if (this.#turn === "answered") this.#turn = "none";
  }

  /** The last of the voice is where the turn ended. */
  heard(speechProbability: number): void {
    if (speechProbability >= VOICE_PROBABILITY) this.#lastVoiceMs = this.#notes.callMs();
  }

  /** When the turn ends is for the service to say. */
  ended(): void {}

  /** The best that a service says of a turn. */
  activity(type: "caller-activity-started" | "caller-activity-ended"): void {
    if (type === "caller-activity-ended") {
      this.#endedMs = this.#notes.callMs();
      return;
    }
    if (this.#turn === "answered") this.#turn = "none";
    this.#begin();
  }

  /** Words that come behind the answer still belong to the turn that was answered. */
  words(text: string): void {
    this.#begin();
    this.#notes.transcript.callerWords(text);
  }

  /** What was heard before was no turn. */
  agentPrompted(): void {
    this.#onsetMs = undefined;
  }

  /** It answers the turn, if there was one. */
  answerBegan(): void {
    if (this.#onsetMs !== undefined) this.#begin();
    if (this.#turn !== "open") return;
    this.#turn = "answered";
    const decidedMs = this.#endedMs ?? this.#notes.callMs();
    const speechEndedMs = Math.min(this.#lastVoiceMs ?? decidedMs, decidedMs);
    this.#notes.latencies.turnEnded({ speechEndedMs, decidedMs, activityEndSentMs: decidedMs });
    this.#endedMs = undefined;
  }

  #begin(): void {
    if (this.#turn !== "none") return;
    this.#turn = "open";
    this.#notes.transcript.callerBegan(this.#onsetMs ?? this.#notes.callMs());
    this.#onsetMs = undefined;
  }
}
