/**
 * Who has the floor: asks the turn machine, and carries out what it orders on both ways.
 *
 * @module
 */

import type { AgentConfig } from "../agents/agent_config.ts";
import type { Clock } from "../clock.ts";
import type { BargeInOrder } from "../turns/barge_in.ts";
import {
  NOBODYS_TURN,
  step,
  type TurnEvent,
  type TurnOrder,
  type TurnState,
} from "../turns/turn_machine.ts";
import type { CallerTurns } from "./caller_turns.ts";
import type { CallObserver } from "./call_observer.ts";
import { cutCue } from "./cues.ts";
import type { Downlink } from "./downlink.ts";
import type { Faults } from "./faults.ts";
import type { ModelLink } from "./model_link.ts";
import type { Timers } from "./timers.ts";
import type { Transcript } from "./transcript.ts";
import type { Uplink } from "./uplink.ts";

/** What the floor is carried out on. */
export interface FloorParts {
  /** Who answers. */
  readonly agent: AgentConfig;
  /** The way to the model. */
  readonly uplink: Uplink;
  /** The way to the caller. */
  readonly downlink: Downlink;
  /** Who said what. */
  readonly transcript: Transcript;
  /** Looks on, if anybody does. */
  readonly observer?: CallObserver | undefined;
  /** Counts of answers that were held, resumed and cut. */
  readonly bargeIns: Faults;
  /** Told where an answer was cut. */
  readonly link: ModelLink;
  /** Whose time counts. */
  readonly clock: Clock;
  /** The timers of the call. */
  readonly timers: Timers;
  /** Milliseconds since the call was answered. */
  readonly callMs: () => number;
  /** Told when the caller began. */
  readonly callerTurns: CallerTurns;
  /** Told when the model has heard all of a turn. */
  readonly asked: () => void;
  /** Told when the caller gets the floor. */
  readonly callerTookFloor: () => void;
}

/** Who has the floor. */
export class Floor {
  readonly #parts: FloorParts;
  #turn: TurnState = NOBODYS_TURN;
  #streamMs = 0;
  #lastFrameAtMs = 0;
  #areFramesWatched = false;

  /** Begins with nobody. */
  constructor(parts: FloorParts) {
    this.#parts = parts;
  }

  /** Whose turn it is. */
  get phase(): TurnState["phase"] {
    return this.#turn.phase;
  }

  /** Media time of the last event. */
  get streamMs(): number {
    return this.#streamMs;
  }

  /** A frame has come from the line. */
  frameArrived(): void {
    this.#lastFrameAtMs = this.#parts.clock.nowMs();
    if (this.#isAutomatic && !this.#areFramesWatched) this.#watchFrames();
  }

  /**
   * The time has come to see whether frames still arrive while the caller has the floor, or may get it; a service that
   * finds the turns itself may have given it to them at any time.
   *
   * @returns Whether they have stopped; if not, it is looked again
   */
  haveFramesStopped(): boolean {
    this.#areFramesWatched = false;
    const isCallers = this.#turn.phase === "caller-turn" || this.#turn.phase === "held";
    if (!isCallers && !this.#isAutomatic) return false;
    const { agent, clock } = this.#parts;
    if (clock.nowMs() - this.#lastFrameAtMs >= agent.turns.framesStoppedMs) return true;
    this.#watchFrames();
    return false;
  }

  /**
   * Takes a fact and carries out what follows.
   *
   * @returns The names of the orders
   */
  advance(event: TurnEvent): TurnOrder["type"][] {
    const { turns, bargeIn } = this.#parts.agent;
    this.#streamMs = event.streamMs;
    const [turn, orders] = step(this.#turn, event, { ...turns, bargeIn: bargeIn.mode });
    this.#turn = turn;
    for (const order of orders) this.#carryOut(order);
    return orders.map((order) => order.type);
  }

  /** The service has broken the answer off; one that finds the turns itself, because the caller speaks: another is owed. */
  answerBrokenOff(): void {
    if (!this.#isAutomatic) return;
    this.#hush();
    this.answerEnded();
    this.#parts.asked();
  }

  /** Nothing more comes of the answer; where the service finds the turns itself, what comes next is for the caller's ears. */
  answerEnded(): void {
    if (this.#isAutomatic) this.#parts.downlink.unmute();
  }

  /** A sound during an answer was judged; `wasWordLike`: it may have been a word although it did not stop the answer. */
  judged(order: BargeInOrder, heard: { streamMs: number; wasWordLike: boolean }): void {
    const { streamMs, wasWordLike } = heard;
    switch (order.type) {
      case "hold":
        return void this.advance({ type: "voice-suspected", streamMs, onsetMs: order.onsetMs });
      case "interrupt":
        return void this.advance({ type: "voice-confirmed", streamMs });
      case "resume": {
        const isWordLike = order.heard === "voice" && wasWordLike;
        return void this.advance({ type: "voice-dismissed", streamMs, isWordLike });
      }
      default:
        order satisfies never;
    }
  }

  /** Waits until the line is due more. */
  schedule(): void {
    this.#parts.timers.set("playout", this.#parts.downlink.nextTickMs);
  }

  #carryOut(order: TurnOrder): void {
    const { uplink, downlink, clock, callMs, callerTurns, bargeIns } = this.#parts;
    this.#parts.observer?.ordered(order.type);
    switch (order.type) {
      case "hold-playout":
        bargeIns.count("held");
        downlink.hold(clock.nowMs());
        this.#watchFrames();
        return this.schedule();
      case "resume-playout":
        bargeIns.count("resumed");
        downlink.resume(clock.nowMs());
        return this.schedule();
      case "clear-playout":
        return this.#hush();
      case "open-activity":
        this.#hush();
        this.#parts.callerTookFloor();
        callerTurns.began(callMs() - (this.#streamMs - order.fromMs));
        uplink.open(order.fromMs);
        return this.#watchFrames();
      case "close-activity":
        uplink.close();
        // Where the service finds the turns itself, only it can say that the dead answer has ended.
        if (!this.#isAutomatic) downlink.unmute();
        return this.#parts.asked();
      case "set-aside":
        return uplink.setAside(order.fromMs);
      case "send-set-aside":
        callerTurns.began(callMs());
        uplink.sendAside();
        // A service that finds the turns itself has heard it before, and may not have taken it for a turn.
        return this.#isAutomatic ? undefined : this.#parts.asked();
      default:
        order satisfies never;
    }
  }

  get #isAutomatic(): boolean {
    return this.#parts.agent.turns.automatic !== undefined;
  }

  /** The caller has the floor: what sounds is dropped, and what still comes of it; the model is told where it was cut. */
  #hush(): void {
    const { agent, downlink, link, transcript, clock, bargeIns } = this.#parts;
    const mayMoreCome = !this.#isAutomatic || downlink.isAnswerOpen;
    const isCut = downlink.clear(clock.nowMs());
    if (mayMoreCome) downlink.mute();
    this.schedule();
    if (isCut) bargeIns.count("cut");
    if (!isCut || agent.cutNote === "") return;
    link.sendText(cutCue(agent.cutNote, transcript.lastHeard), { reply: false });
  }

  #watchFrames(): void {
    const { timers, agent } = this.#parts;
    this.#areFramesWatched = true;
    timers.set("frames-stopped", this.#lastFrameAtMs + agent.turns.framesStoppedMs);
  }
}
