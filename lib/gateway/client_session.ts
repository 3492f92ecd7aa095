/**
 * One conversation of a client with the model. It outlives the client's sockets for a while, and the model's connections.
 *
 * Its steps, each told in a `system` message: the model is being connected, it is connected, what was chosen is applied,
 * messages flow, either side closes. The model takes its setup only with a connection, so a config that comes later
 * begins another conversation with the model, which is told what was said so far.
 *
 * @module
 */

import type { ModelError, ModelEvent, SeeingModel } from "../call/model.ts";
import { Rotation } from "../call/rotation.ts";
import { ClientAnswers } from "./client_answers.ts";
import type { Choice } from "./client_choice.ts";
import { type ClientEnding, CLOSE_CODES, TAKEN_OVER } from "./client_ending.ts";
import { ClientInput } from "./client_input.ts";
import { type ClientLine, ClientMailbox } from "./client_mailbox.ts";
import type { ClientMessage } from "./client_messages.ts";
import type { ConversationParts } from "./client_parts.ts";
import { ClientTimers } from "./client_timers.ts";
import { ClientTools } from "./client_tools.ts";
import { ClientTranscript } from "./client_transcript.ts";
import { ClientTurns } from "./client_turns.ts";
import type { ClientErrorCode, SystemState } from "./server_messages.ts";

/** How long a client may be away. */
export const AWAY_SECONDS = 60;
/** How long a client may say nothing. */
const IDLE_MS = 10 * 60_000;

/** What a conversation needs. */
export interface ClientSessionParts extends ConversationParts {
  /** A token by which the client may come back; the one before is good no more. */
  readonly newToken: () => string;
  /** The conversation is over; comes once. */
  readonly ended: (ending: ClientEnding) => void;
}

/** The model that is spoken to, and all that ends with it. */
interface Dialogue {
  readonly model: SeeingModel;
  readonly answers: ClientAnswers;
  readonly turns: ClientTurns;
  readonly input: ClientInput;
  readonly tools: ClientTools;
}

/** A conversation with a client. */
export class ClientSession {
  readonly #parts: ClientSessionParts;
  readonly #mailbox = new ClientMailbox();
  readonly #transcript = new ClientTranscript();
  readonly #timers: ClientTimers;
  readonly #beganMs: number;
  #choice: Choice;
  #wasAsked: boolean;
  #dialogue: Dialogue;
  #rotation = new Rotation();
  #isReady = false;
  #isOver = false;
  /** The agent has said goodbye. */
  #isLeaving = false;
  #tokens = 0;

  /**
   * Begins.
   *
   * @param begin What was chosen, whether the client has asked for it, and its socket
   */
  constructor(
    parts: ClientSessionParts,
    begin: { choice: Choice; wasAsked: boolean; line: ClientLine },
  ) {
    this.#parts = parts;
    this.#choice = begin.choice;
    this.#wasAsked = begin.wasAsked;
    this.#beganMs = parts.clock.nowMs();
    this.#mailbox.attach(begin.line);
    this.#timers = new ClientTimers(parts.clock);
    this.#dialogue = this.#open();
    this.#timers.set("time-limit", parts.maxSeconds * 1_000, () => this.#expire("time-limit"));
    this.#touch();
  }

  /** Begins anew with other choices; what was said is told to the model. */
  configure(choice: Choice): void {
    this.#touch();
    this.#leaveModel();
    this.#choice = choice;
    this.#wasAsked = true;
    this.#isReady = false;
    this.#rotation = new Rotation();
    this.#dialogue = this.#open();
  }

  /** Takes what the client says. */
  take(message: Exclude<ClientMessage, { type: "config" }>): void {
    this.#touch();
    // A config that comes meanwhile does not change who was spoken to.
    const { input, turns, answers } = this.#dialogue;
    const isTaken = message.type === "audio"
      ? input.audio(message.pcm, message.hz)
      : input.afterwards(() => {
        if (message.type === "image") return turns.show(message);
        this.#transcript.add("caller", message.text);
        turns.write(message.text);
        answers.floorGiven();
      });
    if (!isTaken) this.#error("input-overflow", "Cannot take message: too much waits to be heard");
  }

  /** The client has come back by another socket. */
  attach(line: ClientLine): void {
    this.#mailbox.attach(line)?.close(TAKEN_OVER);
    this.#timers.cancel("away");
    this.#touch();
    this.#system("resumed", "The conversation goes on", this.#resumption());
    this.#mailbox.deliver();
  }

  /** A socket of the client's is gone; `isFinal`: it said goodbye. */
  detach(line: ClientLine, isFinal: boolean): void {
    if (this.#isOver || !this.#mailbox.detach(line)) return;
    if (isFinal) return this.close("client-closed");
    this.#timers.set("away", AWAY_SECONDS * 1_000, () => this.close("client-gone"));
  }

  /** Ends it; once is enough, more does no harm. */
  close(ending: ClientEnding): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { clock, log, ended } = this.#parts;
    this.#system("closing", "The conversation is over");
    this.#timers.cancelAll();
    this.#leaveModel();
    this.#mailbox.close(CLOSE_CODES[ending]);
    const durationMs = Math.round(clock.nowMs() - this.#beganMs);
    const faults = Object.fromEntries(this.#dialogue.model.faults);
    log.info("client-session-ended", { ending, durationMs, tokens: this.#tokens, faults });
    ended(ending);
  }

  #leaveModel(): void {
    this.#dialogue.input.close();
    this.#dialogue.tools.close();
    this.#dialogue.model.close();
  }

  #open(): Dialogue {
    const { openModel, toolsFor, detector, clock, log } = this.#parts;
    const { agent, applied } = this.#choice;
    log.info("client-session-began", { agent: applied.agent, model: applied.model });
    this.#system("model-connecting", `Connecting to ${applied.model}`);
    const model = openModel(this.#choice, log)(
      (event) => model === this.#dialogue.model ? this.#takeFromModel(event) : undefined,
      { recap: () => this.#transcript.recap },
    );
    const answers = new ClientAnswers({
      mailbox: this.#mailbox,
      transcript: this.#transcript,
      withAudio: applied.modalities.includes("AUDIO"),
    });
    const turns = new ClientTurns({
      settings: agent.turns,
      model,
      tell: (what) => this.#floorChanged(what, answers),
    });
    const input = new ClientInput({
      vad: detector(),
      clock,
      hear: (pcm, speechProbability) => {
        turns.hear(pcm, speechProbability);
        this.#watchFrames();
        this.#rotateIfQuiet();
      },
      failed: (error) => log.error("client-input-failed", { error }),
    });
    const tools = new ClientTools({
      tools: toolsFor(this.#choice, () => this.#isLeaving = true),
      agent: agent.name,
      model,
      clock,
      log,
    });
    return { model, answers, turns, input, tools };
  }

  #takeFromModel(event: ModelEvent): void {
    if (this.#isOver) return;
    this.#rotation.take(event);
    this.#dialogue.answers.take(event);
    this.#dialogue.tools.take(event);
    switch (event.type) {
      case "caller-words-received":
        this.#transcript.add("caller", event.text);
        return this.#system("heard", "Heard the client say this", { text: event.text });
      case "generation-interrupted":
        return this.#system("interrupted", "The answer was broken off: stop playing it");
      case "model-turn-completed":
        this.#system("turn-complete", "The answer is complete");
        return this.#isLeaving ? this.close("agent-hung-up") : this.#rotateIfQuiet();
      case "resumption-updated":
        return this.#rotateIfQuiet();
      case "model-state-changed":
        if (event.state === "connected" && !this.#isReady) this.#ready();
        if (event.state === "disconnected") {
          this.#system("model-reconnecting", "The connection to Gemini Live is being made again");
        }
        return;
      case "model-reconnected":
        return this.#system("model-reconnected", `Connected to Gemini Live again, ${event.how}`);
      case "model-lost":
        return this.#modelLost(event.error);
      case "usage-reported":
        this.#tokens += event.usage.totalTokens;
        return this.#parts.used(this.#choice, event.usage);
      default:
    }
  }

  /** The model has taken its setup: what was chosen holds. */
  #ready(): void {
    const { applied } = this.#choice;
    this.#isReady = true;
    this.#system("model-connected", "Connected to Gemini Live");
    if (this.#wasAsked) {
      this.#mailbox.send({ type: "config_success", message: "Configuration applied" });
    }
    this.#system("configured", this.#wasAsked ? "As configured" : "As the defaults are", {
      applied,
      ...this.#resumption(),
    });
    this.#system("flowing", "Ready: send message, text, audio or image");
  }

  #modelLost({ kind, message }: ModelError): void {
    this.#error(kind === "model-not-found" ? kind : `model-${kind}`, message);
    this.close("model-failed");
  }

  #floorChanged(what: "speech-started" | "speech-ended", answers: ClientAnswers): void {
    const isBegun = what === "speech-started";
    if (isBegun) answers.floorTaken();
    else answers.floorGiven();
    this.#system(what, isBegun ? "Listening: stop playing" : "Heard all of it");
  }

  #rotateIfQuiet(): void {
    const { model, turns, answers, input, tools } = this.#dialogue;
    const isQuiet = !turns.isOpen && !answers.isUnderWay && input.isIdle && !tools.isBusy;
    if (this.#rotation.isTime(isQuiet)) model.rotate();
  }

  /** Who sends no more audio has finished, also without silence behind it. */
  #watchFrames(): void {
    const { turns, input } = this.#dialogue;
    if (!turns.isOpen) return this.#timers.cancel("frames-stopped");
    this.#timers.set("frames-stopped", this.#choice.agent.turns.framesStoppedMs, () => {
      if (input.isIdle) turns.framesStopped();
      else this.#watchFrames();
    });
  }

  #touch(): void {
    this.#timers.set("idle", IDLE_MS, () => this.#expire("idle"));
  }

  #expire(why: "idle" | "time-limit"): void {
    const what = why === "idle" ? "nothing was said for too long" : "its time is over";
    this.#error(why, `Cannot go on with the conversation: ${what}`);
    this.close(why);
  }

  #resumption(): { resumeToken: string; resumeSeconds: number } {
    return { resumeToken: this.#parts.newToken(), resumeSeconds: AWAY_SECONDS };
  }

  #system(state: SystemState, message: string, more: object = {}): void {
    this.#mailbox.send({ type: "system", state, message, ...more });
  }

  #error(code: ClientErrorCode, message: string): void {
    this.#mailbox.send({ type: "error", code, message });
  }
}
