/**
 * One connection to Gemini Live, from setup to close, with its rules for turns that the client marks, and for those that
 * it leaves to the service to detect.
 *
 * The rules are kept strictly, also where Google may be laxer: whoever passes here does nothing that is known to fail.
 *
 * @module
 */

import type { Timer } from "../lib/clock.ts";
import { Conversation } from "./gemini_conversation.ts";
import { type Detected, DetectedTurns } from "./gemini_detection.ts";
import { type ClientMessage, readClientMessage } from "./gemini_messages.ts";
import { invalid, outOfPlace, Refusal } from "./gemini_refusal.ts";
import type { Family } from "./gemini_functions.ts";
import { checkSetup, type Content, type Setup } from "./gemini_setup.ts";
import { GeminiTurns, type TurnWorld } from "./gemini_turns.ts";
import { ActivityWindows } from "./gemini_windows.ts";

/** What a session needs of its server. */
export interface SessionWorld extends Omit<TurnWorld, "conversation" | "family"> {
  /** API version of the path. */
  readonly version: string;
  /** Why the client is not let in, said when its setup has come. */
  readonly keyRefusal: Refusal | undefined;
}

/** What a session has once it is set up. */
interface Ready {
  readonly phase: "ready";
  readonly family: Family;
  readonly conversation: Conversation;
  readonly windows: ActivityWindows;
  /** Where the client leaves it to the service to find the turns. */
  readonly detection: DetectedTurns | undefined;
  readonly turns: GeminiTurns;
  /** Client content is history, not to be answered, until its turn is complete. */
  awaitsHistory: boolean;
}

type State = { readonly phase: "new" | "over" } | { readonly phase: "setting-up" } | Ready;

type RealtimeInput = Exclude<
  ClientMessage,
  { type: "setup" | "client-content" | "tool-response" | "context-update" }
>;

/** One connection. */
export class GeminiSession {
  readonly #world: SessionWorld;
  #state: State = { phase: "new" };
  #setupTimer: Timer | undefined;

  /**
   * A connection that was just opened.
   *
   * @param world What it needs of its server
   */
  constructor(world: SessionWorld) {
    this.#world = world;
  }

  /** Takes a frame from the client; a broken rule is written down and closes the socket. */
  receive(frame: string, isBinary: boolean): void {
    if (this.#state.phase === "over") return;
    try {
      this.#take(readClientMessage(frame, isBinary));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#world.record.violations.push(error.message);
      this.#world.wire.close(error.code, error.reason);
      this.stop();
    }
  }

  /** The socket is closed, or about to be. */
  stop(): void {
    if (this.#state.phase === "ready") this.#state.turns.stop();
    this.#setupTimer?.cancel();
    this.#world.plan.cancel();
    this.#state = { phase: "over" };
  }

  #take(message: ClientMessage): void {
    const state = this.#state;
    if (state.phase === "setting-up") throw outOfPlace("nothing may come before setupComplete");
    if (message.type === "setup") {
      if (state.phase !== "new") throw invalid("setup may come only once");
      return this.#setUp(message.setup);
    }
    if (state.phase !== "ready") throw invalid("setup must come first");
    switch (message.type) {
      case "client-content":
        return this.#takeContent(state, message);
      case "tool-response":
        if (state.family === "3.8-ET" && message.responses.some(({ scheduling }) => scheduling)) {
          const why = "Function response scheduling is not supported for this model";
          throw new Refusal(1007, why);
        }
        return state.turns.respond(message.responses);
      case "context-update":
        return void this.#world.record.contextUpdates.push(message.update);
      default:
        return this.#takeRealtime(state, message);
    }
  }

  #setUp(setup: Setup): void {
    const { clock, plan, record, wire, version, keyRefusal } = this.#world;
    record.setup = setup;
    if (keyRefusal) throw keyRefusal;
    const family = checkSetup(setup, version);
    const conversation = this.#resume(setup) ?? new Conversation();
    conversation.instruct(textOf([setup.systemInstruction ?? {}]));
    this.#state = { phase: "setting-up" };
    plan.reached(wire, "setup");
    const delayMs = plan.find("delay-setup")?.ms ?? 0;
    if (delayMs === 0) return this.#begin(family, conversation);
    this.#setupTimer = clock.at(clock.nowMs() + delayMs, () => this.#begin(family, conversation));
  }

  /** The conversation that a handle stands for, if the setup names one. */
  #resume({ sessionResumption }: Setup): Conversation | undefined {
    const handle = sessionResumption?.handle;
    if (handle === undefined) return undefined;
    const checkpoint = this.#world.memory.find(handle ?? "");
    if (!handle || !checkpoint) throw new Refusal(1007, "Invalid session handle");
    if (checkpoint.isInUse()) {
      const why = "the connection that got the handle is still open";
      throw new Refusal(1011, "Internal error encountered.", why);
    }
    this.#world.record.resumedFrom = handle;
    return checkpoint.conversation.copy();
  }

  #begin(family: Family, conversation: Conversation): void {
    const { wire, plan, clock, record } = this.#world;
    if (!wire.send({ setupComplete: {} })) return;
    record.readyAtMs = clock.nowMs();
    const loseStartWithinMs = plan.find("lose-start")?.withinMs ?? 0;
    const turns = new GeminiTurns({ ...this.#world, conversation, family });
    this.#state = {
      phase: "ready",
      family,
      conversation,
      windows: new ActivityWindows({ clock, record, loseStartWithinMs }),
      detection: DetectedTurns.wantedBy(record.setup)
        ? new DetectedTurns({ clock, record })
        : undefined,
      turns,
      awaitsHistory: record.setup?.historyConfig?.initialHistoryInClientContent === true,
    };
    turns.offerHandle();
    plan.reached(wire, "ready");
  }

  #takeContent(state: Ready, content: { turns: readonly Content[]; turnComplete: boolean }): void {
    const { turns, turnComplete } = content;
    if (turns.some(({ role }) => role !== "user" && role !== "model")) {
      throw invalid("the role of content is user or model");
    }
    const asksForAnswer = turnComplete && !state.awaitsHistory;
    if (asksForAnswer && turns.at(-1)?.role === "model") {
      throw invalid("content to be answered ends with the user");
    }
    const text = textOf(turns);
    this.#write({ by: "client-content", text, asksForAnswer });
    if (asksForAnswer) state.turns.take({ type: "written", text });
    else state.conversation.read(text);
    if (turnComplete) state.awaitsHistory = false;
  }

  #takeRealtime(state: Ready, input: RealtimeInput): void {
    const { windows, turns } = state;
    switch (input.type) {
      case "audio":
        if (turns.isBlocked) {
          const why = "audio came while a blocking function call was pending";
          throw new Refusal(1008, "Operation is not implemented, or supported, or enabled.", why);
        }
        if (!state.detection) return windows.hear(input.pcm);
        return this.#takeDetected(state, state.detection.hear(input.pcm));
      case "activity-start":
        if (windows.start()) turns.interrupt();
        return;
      case "activity-end": {
        const pcm = windows.end();
        if (pcm) turns.take({ type: "spoken", pcm });
        return;
      }
      case "text": {
        const asksForAnswer = !windows.admits("text");
        this.#write({ by: "realtime-input", text: input.text, asksForAnswer });
        if (asksForAnswer) turns.take({ type: "written", text: input.text });
        else state.conversation.read(input.text);
        return;
      }
      case "video": {
        const { mimeType, bytes } = input;
        this.#world.record.pictures.push({ mimeType, bytes, isInWindow: windows.admits("video") });
        return;
      }
      case "audio-stream-end":
        return this.#endAudioStream(state);
      case "media-chunks":
        return this.#refuseMediaChunks(state.family);
      default:
        return input satisfies never;
    }
  }

  #takeDetected({ turns }: Ready, found: readonly Detected[]): void {
    for (const detected of found) {
      turns.tellActivity(detected);
      if (detected.type === "began") turns.interrupt();
      else turns.take({ type: "spoken", pcm: detected.pcm });
    }
  }

  /** It ends a turn that was being heard, but not on 3.8, which ignores it. */
  #endAudioStream(state: Ready): void {
    const { record } = this.#world;
    record.audioStreamEnds++;
    if (!state.detection) record.violations.push("audioStreamEnd is ignored: turns are marked");
    else if (!state.family.startsWith("3.8")) this.#takeDetected(state, state.detection.end());
  }

  #write(text: { by: "client-content" | "realtime-input"; text: string; asksForAnswer: boolean }) {
    this.#world.record.texts.push({ ...text, atMs: this.#world.clock.nowMs() });
  }

  /** The old field of audio: 3.1 refuses it, 3.8 ignores it without a word. */
  #refuseMediaChunks(family: Family): void {
    const why = "realtime_input.media_chunks is deprecated. Use audio, video, or text instead.";
    if (family === "3.1") throw new Refusal(1007, why);
    this.#world.record.violations.push(why);
  }
}

function textOf(turns: readonly Content[]): string {
  return turns.map(({ parts = [] }) => parts.map(({ text = "" }) => text).join("")).join("\n");
}
