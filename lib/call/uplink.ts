/**
 * The way from the caller to the model: decodes and resamples the line's frames, has them scored, and then sends them
 * on while the caller has the floor. Between turns they wait in the pre-roll, so that the model hears a turn from before
 * its first sound. No frame goes anywhere before its score, so a turn ends with the frame that ended it, however many
 * have come in one burst. A service that finds the turns itself is sent every frame.
 *
 * @module
 */

import { decodeMulaw } from "../../audio/mulaw.ts";
import { Preroll } from "../../audio/preroll.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES, MODEL_INPUT_FRAME_SAMPLES } from "../../audio/rates.ts";
import { Upsampler2x } from "../../audio/resample.ts";
import type { Vad } from "../../audio/vad.ts";
import type { AutomaticDetection, TurnSettings } from "../turns/turn_settings.ts";
import type { CallEvent } from "./call_events.ts";
import type { ModelLink } from "./model_link.ts";

/** How much is kept between turns: pre-roll, and what is said before it becomes a turn or is set aside. */
const KEPT_FRAMES = 10_000 / FRAME_MS;

/**
 * The service's detector counts audio, not time, and some models ignore that the stream has ended: this much silence,
 * beyond the pause that the agent asks for, ends a turn in any case.
 */
const SILENCE_AT_STOP_MS = 1_000;

/** A frame from the line. */
export interface LineFrame {
  /** Media time at which it begins. */
  readonly streamMs: number;
  /** 160 samples at 8 kHz. */
  readonly line: Int16Array;
  /** What the line played meanwhile, mu-law; absent: nothing. */
  readonly played: Uint8Array | undefined;
}

/** The way from the caller to the model. */
export class Uplink {
  readonly #vad: Vad;
  readonly #prerollMs: number;
  readonly #link: ModelLink;
  readonly #post: (event: CallEvent) => void;
  readonly #upsampler = new Upsampler2x();
  /** Frames whose score is still to come, however late; each may turn out to be speech. */
  readonly #unscored: (LineFrame & { readonly pcm: Int16Array })[] = [];
  readonly #preroll = new Preroll({
    frames: KEPT_FRAMES,
    frameSamples: MODEL_INPUT_FRAME_SAMPLES,
  });
  /** What the caller said without taking the floor. */
  readonly #aside: Int16Array[] = [];
  readonly #automatic: AutomaticDetection | undefined;
  #isOpen: boolean;

  /** Has frames scored by `vad`, posts the scores as facts, and sends the caller's turns to `link`. */
  constructor(
    options: {
      vad: Vad;
      turns: TurnSettings;
      link: ModelLink;
      post: (event: CallEvent) => void;
    },
  ) {
    this.#vad = options.vad;
    this.#prerollMs = options.turns.prerollMs;
    this.#automatic = options.turns.automatic;
    this.#isOpen = this.#automatic !== undefined;
    this.#link = options.link;
    this.#post = options.post;
  }

  /** Takes a 20-ms frame that begins at `streamMs`, and what the line `played` meanwhile. */
  receive(mulaw: Uint8Array, streamMs: number, played: Uint8Array | undefined): void {
    const line = new Int16Array(LINE_FRAME_SAMPLES);
    decodeMulaw(mulaw, line);
    const pcm = this.#upsampler.push(line).slice();
    this.#unscored.push({ line, played, pcm, streamMs });
    const endMs = streamMs + FRAME_MS;
    this.#vad.score(pcm).then(
      (speechProbability) => this.#post({ type: "frame-scored", endMs, speechProbability }),
      (error: unknown) => this.#post({ type: "scoring-failed", endMs, error }),
    );
  }

  /** The score of the oldest frame is here: it goes to the model or into the pre-roll, and is given for hearing. */
  takeScored(): LineFrame | undefined {
    const frame = this.#unscored.shift();
    if (!frame) return undefined;
    if (this.#isOpen) this.#link.sendAudio(frame.pcm);
    else this.#preroll.push(frame.pcm, frame.streamMs);
    return frame;
  }

  /** Opens the caller's turn with what was said from `fromMs` on, and the pre-roll before that. */
  open(fromMs: number): void {
    this.#isOpen = true;
    this.#link.openActivity();
    this.#sendAside();
    for (const pcm of this.#preroll.takeFrom(fromMs - this.#prerollMs)) this.#link.sendAudio(pcm);
  }

  /** Closes the caller's turn. */
  close(): void {
    this.#isOpen = this.#automatic !== undefined;
    this.#link.closeActivity();
  }

  /** Frames have stopped: a service that finds the turns itself hears silence, and that no more comes. */
  framesStopped(): void {
    if (!this.#automatic) return;
    const silenceMs = SILENCE_AT_STOP_MS + this.#automatic.silenceDurationMs;
    for (let ms = 0; ms < silenceMs; ms += FRAME_MS) {
      this.#link.sendAudio(new Int16Array(MODEL_INPUT_FRAME_SAMPLES));
    }
    this.#link.endAudio();
  }

  /** Keeps what was said from `fromMs` until now, and the pre-roll before that, for later. */
  setAside(fromMs: number): void {
    this.#aside.push(...this.#preroll.takeFrom(fromMs - this.#prerollMs));
    this.#aside.splice(0, this.#aside.length - KEPT_FRAMES);
  }

  /** Sends what was set aside as a turn of its own. */
  sendAside(): void {
    this.#link.openActivity();
    this.#sendAside();
    this.#link.closeActivity();
  }

  #sendAside(): void {
    for (const pcm of this.#aside.splice(0)) this.#link.sendAudio(pcm);
  }
}
