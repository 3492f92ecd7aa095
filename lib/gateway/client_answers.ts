/**
 * The answers of one model to a client: passed on, unless the client has taken the floor.
 *
 * Messages of the model name no answer. So from the beginning of speech nothing is passed on until the model says that
 * the old answer is over, or, where none was under way, until speech is over.
 *
 * @module
 */

import type { ModelEvent } from "../call/model.ts";
import type { ClientMailbox } from "./client_mailbox.ts";
import type { ClientTranscript } from "./client_transcript.ts";
import { audioMessage } from "./server_messages.ts";

/** What answers need. */
export interface ClientAnswersParts {
  /** The way to the client. */
  readonly mailbox: ClientMailbox;
  /** Who said what. */
  readonly transcript: ClientTranscript;
  /** Whether the client wants to hear them too. */
  readonly withAudio: boolean;
}

/** The answers of one model. */
export class ClientAnswers {
  readonly #parts: ClientAnswersParts;
  #isUnderWay = false;
  /** Whether what still comes belongs to an answer that the client has broken off. */
  #isDead = false;

  /** None has begun. */
  constructor(parts: ClientAnswersParts) {
    this.#parts = parts;
  }

  /** Whether one is being given. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Takes a fact of the model; one that is about no answer changes nothing. */
  take(event: ModelEvent): void {
    const { mailbox, transcript, withAudio } = this.#parts;
    switch (event.type) {
      case "agent-audio-received":
        this.#isUnderWay = true;
        if (withAudio && !this.#isDead) mailbox.send(audioMessage(event.pcm));
        return;
      case "agent-words-received":
      case "agent-text-received":
        if (this.#isDead) return;
        transcript.add("agent", event.text);
        return mailbox.send({ type: "response", text: event.text });
      case "generation-completed":
        this.#isUnderWay = false;
        return;
      case "generation-interrupted":
      case "model-turn-completed":
        this.#isUnderWay = this.#isDead = false;
        return;
      case "model-state-changed":
        if (event.state === "disconnected") this.#isUnderWay = this.#isDead = false;
        return;
      default:
    }
  }

  /** The client has begun to speak. */
  floorTaken(): void {
    this.#isDead = true;
  }

  /** The client has finished, or has written: what comes now is for its ears, once an older answer is over. */
  floorGiven(): void {
    this.#isDead = this.#isUnderWay;
  }
}
