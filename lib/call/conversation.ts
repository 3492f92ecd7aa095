/**
 * The two parties talking: carries out what the turn machine orders, on the way up to the model and down to the caller.
 *
 * @module
 */

import type { Vad } from "../../audio/vad.ts";
import type { Clock } from "../clock.ts";
import { NOBODYS_TURN, step, type TurnEvent, type TurnState } from "../turns/turn_machine.ts";
import type { TurnSettings } from "../turns/turn_settings.ts";
import type { CallEvent } from "./call_events.ts";
import { Downlink } from "./downlink.ts";
import type { Faults } from "./faults.ts";
import type { Leg } from "./leg.ts";
import type { ModelLink } from "./model_link.ts";
import type { Timers } from "./timers.ts";
import { Transcript } from "./transcript.ts";
import { TurnLatencies } from "./turn_latency.ts";
import { Uplink } from "./uplink.ts";

/** Frames in a row that may go unscored before the call is given up: two seconds. */
const MOST_UNSCORED_FRAMES = 100;

/** What a conversation is made of. */
export interface ConversationParts {
  /** The caller's side. */
  readonly leg: Leg;
  /** The model's side. */
  readonly link: ModelLink;
  /** Hears the caller. */
  readonly vad: Vad;
  /** The numbers by which turns are taken. */
  readonly settings: TurnSettings;
  /** Whose time counts. */
  readonly clock: Clock;
  /** The timers of the call. */
  readonly timers: Timers;
  /** Counts of what went wrong. */
  readonly faults: Faults;
  /** The inbox of the call. */
  readonly post: (event: CallEvent) => void;
}

/** The two parties talking. */
export class Conversation {
  /** Who said what. */
  readonly transcript = new Transcript();
  /** Where the time of each turn went. */
  readonly latencies = new TurnLatencies();
  readonly #parts: ConversationParts;
  readonly #answeredAtMs: number;
  readonly #uplink: Uplink;
  readonly #downlink: Downlink;
  #turn: TurnState = NOBODYS_TURN;
  /** Media time up to which frames were scored. */
  #heardMs = 0;
  #lastFrameAtMs = 0;
  #unscored = 0;

  /** Begins now: the call is taken to be answered at this moment. */
  constructor(parts: ConversationParts) {
    const { leg, link, vad, settings, clock, faults, post } = parts;
    this.#parts = parts;
    this.#answeredAtMs = clock.nowMs();
    this.#uplink = new Uplink({ vad, settings, link, post });
    this.#downlink = new Downlink({ leg, faults, transcript: this.transcript });
  }

  /** Milliseconds since the call was answered. */
  get callMs(): number {
    return inCall(this.#parts.clock.nowMs() - this.#answeredAtMs);
  }

  /** Whether the caller has the floor. */
  get isCallerSpeaking(): boolean {
    return this.#turn.phase === "caller-turn";
  }

  /** Whether the agent sounds, or has something to say. */
  get isAgentSpeaking(): boolean {
    return this.#downlink.isBusy;
  }

  /** A frame has come from the line. */
  frameReceived(mulaw: Uint8Array, streamMs: number): void {
    this.#lastFrameAtMs = this.#parts.clock.nowMs();
    this.#uplink.receive(mulaw, streamMs);
  }

  /** A frame was scored. */
  frameScored(endMs: number, speechProbability: number): void {
    this.#unscored = 0;
    this.#heardMs = endMs;
    this.#advance({ type: "frame-heard", streamMs: endMs });
    const change = this.#uplink.scored(endMs, speechProbability);
    if (change?.type === "speech-started") {
      this.#advance({ type: "speech-started", streamMs: endMs, onsetMs: change.onsetMs });
    } else if (change?.type === "speech-ended") {
      this.#endTurn({ type: "speech-ended", streamMs: endMs }, change.lastSpeechMs);
    }
  }

  /**
   * A frame could not be scored; it counts as one without speech.
   *
   * @throws {Error} If none was for too long: the agent is deaf
   */
  scoringFailed(endMs: number, cause: unknown): void {
    this.#parts.faults.count("frame-unscored");
    const unscored = this.#unscored + 1;
    if (unscored > MOST_UNSCORED_FRAMES) {
      throw new Error("Cannot hear the caller: the detector fails", { cause });
    }
    this.frameScored(endMs, 0);
    this.#unscored = unscored;
  }

  /** The time has come to see whether frames still arrive. */
  checkFrames(): void {
    if (!this.isCallerSpeaking) return;
    const { clock, settings, faults } = this.#parts;
    if (clock.nowMs() - this.#lastFrameAtMs < settings.framesStoppedMs) return this.#watchFrames();
    faults.count("frames-stopped-in-turn");
    this.#uplink.forgetSpeech();
    this.#endTurn({ type: "frames-stopped", streamMs: this.#heardMs }, this.#heardMs);
  }

  /** Audio of an answer. */
  agentAudio(pcm: Int16Array): void {
    const wasBusy = this.#downlink.isBusy;
    const wasSent = this.#downlink.audio(pcm, this.#times());
    if (!this.#downlink.isBusy) return;
    if (!wasBusy) this.#advance({ type: "playout-started", streamMs: this.#heardMs });
    this.latencies.reached("firstModelAudioMs", this.callMs);
    if (wasSent) this.latencies.reached("firstMediaSentMs", this.callMs);
    this.#schedule();
  }

  /** Words of an answer. */
  agentWords(text: string): void {
    this.#downlink.words(text, this.callMs);
  }

  /** All of an answer is here. */
  agentFinished(): void {
    this.#downlink.complete(this.#times().nowMs);
    this.#schedule();
  }

  /** Drops whatever the agent says: the service, or the end of the call, broke it off. */
  silenceAgent(): void {
    this.#downlink.clear(this.#times().nowMs);
    this.#advance({ type: "playout-finished", streamMs: this.#heardMs });
    this.#schedule();
  }

  /** A mark came back. */
  markReached(name: string): void {
    if (this.#downlink.markReached(name)) {
      this.latencies.reached("firstHeardMs", this.callMs);
    }
    this.playoutDue();
  }

  /** The line is due more audio, or an answer is due to be over. */
  playoutDue(): void {
    const wasBusy = this.#downlink.isBusy;
    this.#downlink.tick(this.#times().nowMs);
    if (wasBusy && !this.#downlink.isBusy) {
      this.#advance({ type: "playout-finished", streamMs: this.#heardMs });
    }
    this.#schedule();
  }

  #endTurn(event: TurnEvent, lastSpeechMs: number): void {
    const decidedMs = this.callMs;
    if (!this.#advance(event).includes("close-activity")) return;
    this.latencies.turnEnded({
      speechEndedMs: decidedMs - (this.#heardMs - lastSpeechMs),
      decidedMs,
      activityEndSentMs: this.callMs,
    });
  }

  /** Advances the turn machine and carries out its orders, whose names it gives back. */
  #advance(event: TurnEvent): string[] {
    const [turn, orders] = step(this.#turn, event, this.#parts.settings);
    this.#turn = turn;
    for (const order of orders) {
      switch (order.type) {
        case "clear-playout":
          this.#hush();
          break;
        case "open-activity":
          this.#hush();
          this.transcript.callerBegan(this.callMs - (this.#heardMs - order.fromMs));
          this.#uplink.open(order.fromMs);
          this.#watchFrames();
          break;
        case "close-activity":
          this.#uplink.close();
          this.#downlink.unmute();
          break;
        default:
          order satisfies never;
      }
    }
    return orders.map((order) => order.type);
  }

  /** The caller has the floor: what sounds is dropped, and what still comes of it. */
  #hush(): void {
    this.#downlink.clear(this.#times().nowMs);
    this.#downlink.mute();
    this.#schedule();
  }

  #watchFrames(): void {
    const { timers, settings } = this.#parts;
    timers.set("frames-stopped", this.#lastFrameAtMs + settings.framesStoppedMs);
  }

  #schedule(): void {
    this.#parts.timers.set("playout", this.#downlink.nextTickMs);
  }

  #times(): { nowMs: number; callMs: number } {
    const nowMs = this.#parts.clock.nowMs();
    return { nowMs, callMs: inCall(nowMs - this.#answeredAtMs) };
  }
}

/** Times in a call are told to a tenth of a millisecond. */
function inCall(ms: number): number {
  return Math.round(ms * 10) / 10;
}
