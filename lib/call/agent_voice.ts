/**
 * What the agent says, from the model until the caller has heard it: the way down, and what it does to the floor.
 *
 * @module
 */

import type { AgentConfig } from "../agents/agent_config.ts";
import type { Clock } from "../clock.ts";
import type { CallerTurns } from "./caller_turns.ts";
import type { Downlink } from "./downlink.ts";
import type { Floor } from "./floor.ts";
import type { Hearing } from "./hearing.ts";
import type { Timers } from "./timers.ts";
import type { TurnLatencies } from "./turn_latency.ts";

/** An echo of the agent's last sound comes back no later than this. */
const ECHO_TAIL_MS = 300;

/** What a voice needs. */
export interface AgentVoiceParts {
  /** The way to the caller. */
  readonly downlink: Downlink;
  /** Whose turn it is. */
  readonly floor: Floor;
  /** What the caller's frames mean. */
  readonly hearing: Hearing;
  /** Where the time of each turn goes. */
  readonly latencies: TurnLatencies;
  /** Told when an answer begins. */
  readonly callerTurns: CallerTurns;
  /** Who answers. */
  readonly agent: AgentConfig;
  /** Whose time counts. */
  readonly clock: Clock;
  /** The timers of the call. */
  readonly timers: Timers;
  /** Milliseconds since the call was answered. */
  readonly callMs: () => number;
}

/** What the agent says. */
export class AgentVoice {
  readonly #parts: AgentVoiceParts;

  /** Begins in silence. */
  constructor(parts: AgentVoiceParts) {
    this.#parts = parts;
  }

  /** Whether what comes belongs to an answer that the caller broke off. */
  get isMuted(): boolean {
    return this.#parts.downlink.isMuted;
  }

  /** When everything that is here will have been heard; absent: not before more was sent. */
  get runsDryAtMs(): number | undefined {
    return this.#parts.downlink.runsDryAtMs;
  }

  /** Audio of an answer. */
  audio(pcm: Int16Array): void {
    const { downlink, latencies, callMs, floor } = this.#parts;
    const wasBusy = downlink.isBusy;
    const wasSent = downlink.audio(pcm, { nowMs: this.#nowMs, callMs: callMs() });
    if (!downlink.isBusy) return;
    if (!wasBusy) this.#began();
    latencies.reached("firstModelAudioMs", callMs());
    if (wasSent) latencies.reached("firstMediaSentMs", callMs());
    floor.schedule();
  }

  /** Words of an answer. */
  words(text: string): void {
    this.#parts.downlink.words(text, this.#parts.callMs());
  }

  /** All of an answer is here. */
  finished(): void {
    this.#parts.floor.answerEnded();
    this.#parts.downlink.complete(this.#nowMs);
    this.#parts.floor.schedule();
  }

  /** No more of an answer comes although there should be; what is here is still heard. */
  breakOff(): void {
    this.#parts.downlink.breakOff(this.#nowMs);
    this.#parts.floor.schedule();
  }

  /** Drops an answer of which nobody could hear anything. */
  disown(): void {
    this.#parts.downlink.disown(this.#nowMs);
    this.#ended();
    this.#parts.floor.schedule();
  }

  /** Drops whatever the agent says: the service, or the end of the call, broke it off. */
  silence(): void {
    this.#parts.downlink.clear(this.#nowMs);
    this.#ended();
    this.#parts.floor.schedule();
  }

  /** Fills the silence with a tone, until the agent sounds or the caller has the floor. */
  bridge(): void {
    this.#parts.downlink.startBridge(this.#nowMs);
    this.#parts.floor.schedule();
  }

  /** A mark came back. */
  markReached(name: string): void {
    const { downlink, latencies, callMs } = this.#parts;
    if (downlink.markReached(name)) latencies.reached("firstHeardMs", callMs());
    this.playoutDue();
  }

  /** The line is due more audio, or an answer is due to be over. */
  playoutDue(): void {
    const { downlink, floor } = this.#parts;
    const wasBusy = downlink.isBusy;
    downlink.tick(this.#nowMs);
    if (wasBusy && !downlink.isBusy) this.#fellSilent();
    floor.schedule();
  }

  /** The echo of the agent's last sound is over. */
  echoEnded(): void {
    const { downlink, floor, hearing } = this.#parts;
    if (downlink.isBusy) return;
    // What speaks on begins anew: it is a turn, and no echo any more.
    if (floor.phase === "agent-turn") hearing.forgetSpeech();
    this.#ended();
  }

  #began(): void {
    const { timers, hearing, floor, callerTurns } = this.#parts;
    callerTurns.answerBegan();
    timers.set("echo-tail", undefined);
    hearing.answerBegan();
    floor.advance({ type: "playout-started", streamMs: floor.streamMs });
  }

  /** Where sounds are judged, the agent's turn lasts until its echo is over. */
  #fellSilent(): void {
    const { agent, timers } = this.#parts;
    if (agent.bargeIn.mode === "decide") timers.set("echo-tail", this.#nowMs + ECHO_TAIL_MS);
    else this.#ended();
  }

  /** A sound that is no speech by then has nothing left to stop, and takes no floor: nothing would end its turn. */
  #ended(): void {
    const { floor, hearing } = this.#parts;
    const { streamMs } = floor;
    if (floor.phase === "held" && !hearing.isSpeech) {
      floor.advance({ type: "voice-dismissed", streamMs, isWordLike: false });
    }
    floor.advance({ type: "playout-finished", streamMs });
  }

  get #nowMs(): number {
    return this.#parts.clock.nowMs();
  }
}
