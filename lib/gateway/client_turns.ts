/**
 * Where a client's turns begin and end, in wideband: the same detector, end-pointer and turn machine as on the telephone.
 *
 * It goes without what the telephone needs them for: nobody here knows what the client plays and when, so every speech
 * takes the floor at once, and no echo is looked for: clients cancel it.
 *
 * @module
 */

import { FrameShapes } from "../../audio/frame_shape.ts";
import { offsetFreeLevelDbfs } from "../../audio/level.ts";
import { Preroll } from "../../audio/preroll.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES, MODEL_INPUT_FRAME_SAMPLES } from "../../audio/rates.ts";
import type { SeeingModel } from "../call/model.ts";
import { DEFAULT_ENDPOINT_SETTINGS } from "../turns/endpoint_settings.ts";
import { Endpointer } from "../turns/endpointing.ts";
import { NOBODYS_TURN, step, type TurnEvent, type TurnState } from "../turns/turn_machine.ts";
import type { TurnRules, TurnSettings } from "../turns/turn_settings.ts";

const KEPT_FRAMES = 10_000 / FRAME_MS;
const NOTHING_PLAYED = new Int16Array(LINE_FRAME_SAMPLES);

/** A still picture, base64. */
export interface Picture {
  /** Its bytes. */
  readonly data: string;
  /** What they are. */
  readonly mimeType: string;
}

/** What turns need. */
export interface ClientTurnsParts {
  /** The numbers by which they are taken. */
  readonly settings: TurnSettings;
  /** Who is spoken to. */
  readonly model: SeeingModel;
  /** Told when speech takes the floor, and when it gives it back. */
  readonly tell: (what: "speech-started" | "speech-ended") => void;
}

/** The turns of one client; a new one for each model. */
export class ClientTurns {
  readonly #parts: ClientTurnsParts;
  readonly #rules: TurnRules;
  readonly #endpointer: Endpointer;
  readonly #preroll = new Preroll({
    frames: KEPT_FRAMES,
    frameSamples: MODEL_INPUT_FRAME_SAMPLES,
  });
  readonly #shapes = new FrameShapes();
  /** The frame at the line's rate, to be looked at and not to be heard: what folds over is loud all the same. */
  readonly #line = new Int16Array(LINE_FRAME_SAMPLES);
  #turn: TurnState = NOBODYS_TURN;
  #streamMs = 0;
  /** An activity opens with its first audio, so that none is empty. */
  #activity: "closed" | "wanted" | "open" = "closed";
  /** The latest picture that no turn has taken along yet. */
  #picture: Picture | undefined;

  /** Begins with nobody speaking. */
  constructor(parts: ClientTurnsParts) {
    const { speechProbability, hangoverMs, onsetMs } = parts.settings;
    this.#parts = parts;
    this.#rules = { ...parts.settings, bargeIn: "immediate" };
    this.#endpointer = new Endpointer({
      ...DEFAULT_ENDPOINT_SETTINGS,
      speechProbability,
      hangoverMs,
      onsetEvidenceMs: onsetMs,
    });
  }

  /** Whether the client has the floor. */
  get isOpen(): boolean {
    return this.#turn.phase === "caller-turn";
  }

  /** A frame of 20 ms at 16 kHz, with its score. */
  hear(pcm: Int16Array, speechProbability: number): void {
    if (this.isOpen) this.#send(pcm);
    else this.#preroll.push(pcm, this.#streamMs);
    this.#streamMs += FRAME_MS;
    const streamMs = this.#streamMs;
    const levelDbfs = offsetFreeLevelDbfs(pcm);
    for (let i = 0; i < LINE_FRAME_SAMPLES; i++) {
      this.#line[i] = ((pcm[2 * i] ?? 0) + (pcm[2 * i + 1] ?? 0)) / 2;
    }
    this.#shapes.push(this.#line, NOTHING_PLAYED);
    const { bandsDb } = this.#shapes.caller;
    const heard = { endMs: streamMs, speechProbability, levelDbfs, bandsDb };
    const speech = this.#endpointer.hear(heard);
    if (speech?.type === "speech-started") {
      this.#advance({ type: "speech-started", streamMs, onsetMs: speech.onsetMs });
    } else if (speech) {
      this.#advance({ type: "speech-ended", streamMs });
    }
    this.#advance({ type: "frame-heard", streamMs });
  }

  /** No frames come any more: whoever speaks has finished. */
  framesStopped(): void {
    this.#endpointer.forget();
    this.#advance({ type: "frames-stopped", streamMs: this.#streamMs });
  }

  /** Something written; it ends the turn, with what was spoken before it. */
  write(text: string): void {
    const { model } = this.#parts;
    if (this.#activity === "open") {
      model.sendActivityText(text);
      return this.framesStopped();
    }
    this.framesStopped();
    this.#showPicture();
    model.sendText(text, { reply: true });
  }

  /** A picture goes into the turn that is open behind its first audio, or else with the next one. */
  show(picture: Picture): void {
    this.#picture = picture;
    if (this.#activity === "open") this.#showPicture();
  }

  #advance(event: TurnEvent): void {
    const [turn, orders] = step(this.#turn, event, this.#rules);
    this.#turn = turn;
    for (const order of orders) {
      if (order.type === "open-activity") this.#open(order.fromMs);
      else if (order.type === "close-activity") this.#close();
    }
  }

  #open(fromMs: number): void {
    this.#activity = "wanted";
    this.#parts.tell("speech-started");
    const { prerollMs } = this.#rules;
    for (const pcm of this.#preroll.takeFrom(fromMs - prerollMs)) this.#send(pcm);
  }

  #close(): void {
    if (this.#activity === "open") this.#parts.model.closeActivity();
    this.#activity = "closed";
    this.#parts.tell("speech-ended");
  }

  #send(pcm: Int16Array): void {
    const { model } = this.#parts;
    if (this.#activity === "wanted") model.openActivity();
    this.#activity = "open";
    model.sendAudio(pcm);
    this.#showPicture();
  }

  /** While the model is away the latest picture waits here, and not all of them with the model. */
  #showPicture(): void {
    const picture = this.#picture;
    const { model } = this.#parts;
    if (!picture || model.state !== "connected" && this.#activity === "open") return;
    this.#picture = undefined;
    model.sendPicture(picture.data, picture.mimeType);
  }
}
