/**
 * The way from the caller to the model: decodes and resamples the line's frames, has them scored, and sends them on
 * while the caller has the floor. Between turns they wait for their scores, which come late while the detector is being
 * loaded, and then in the pre-roll, so that the model hears a turn from before its first sound.
 *
 * @module
 */

import { decodeMulaw } from "../../audio/mulaw.ts";
import { Preroll } from "../../audio/preroll.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import { Upsampler2x } from "../../audio/resample.ts";
import type { Vad } from "../../audio/vad.ts";
import { hearFrame, QUIET, type SpeechEvent, type SpeechState } from "../turns/endpointing.ts";
import type { TurnSettings } from "../turns/turn_settings.ts";
import type { CallEvent } from "./call_events.ts";
import type { ModelLink } from "./model_link.ts";

/** The way from the caller to the model. */
export class Uplink {
  readonly #vad: Vad;
  readonly #settings: TurnSettings;
  readonly #link: ModelLink;
  readonly #post: (event: CallEvent) => void;
  readonly #upsampler = new Upsampler2x();
  readonly #linePcm = new Int16Array(LINE_FRAME_SAMPLES);
  /** Frames whose score is still to come, however late; each may turn out to be speech. */
  readonly #unscored: { readonly pcm: Int16Array; readonly streamMs: number }[] = [];
  readonly #preroll: Preroll;
  #speech: SpeechState = QUIET;
  #isOpen = false;

  /** Has frames scored by `vad`, posts the scores as facts, and sends the caller's turns to `link`. */
  constructor(
    options: {
      vad: Vad;
      settings: TurnSettings;
      link: ModelLink;
      post: (event: CallEvent) => void;
    },
  ) {
    this.#vad = options.vad;
    this.#settings = options.settings;
    this.#link = options.link;
    this.#post = options.post;
    const { prerollMs, onsetMs, activityGapMs } = options.settings;
    const keptMs = prerollMs + onsetMs + activityGapMs;
    this.#preroll = new Preroll(Math.ceil(keptMs / FRAME_MS));
  }

  /** Takes a 20-ms frame that begins at `streamMs`. */
  receive(mulaw: Uint8Array, streamMs: number): void {
    decodeMulaw(mulaw, this.#linePcm);
    const pcm = this.#upsampler.push(this.#linePcm).slice();
    if (this.#isOpen) this.#link.sendAudio(pcm);
    else this.#unscored.push({ pcm, streamMs });
    const endMs = streamMs + FRAME_MS;
    this.#vad.score(pcm).then(
      (speechProbability) => this.#post({ type: "frame-scored", endMs, speechProbability }),
      (error: unknown) => this.#post({ type: "scoring-failed", endMs, error }),
    );
  }

  /** Takes the score of the frame that ends at `endMs`, and tells if the caller began or ceased to speak with it. */
  scored(endMs: number, speechProbability: number): SpeechEvent | undefined {
    const [oldest] = this.#unscored;
    if (oldest && oldest.streamMs < endMs) {
      this.#preroll.push(oldest.pcm, oldest.streamMs);
      this.#unscored.shift();
    }
    const frame = { endMs, lengthMs: FRAME_MS, speechProbability };
    const [speech, event] = hearFrame(this.#speech, frame, this.#settings);
    this.#speech = speech;
    return event;
  }

  /** Nothing was heard for a while: whoever spoke is taken to have stopped. */
  forgetSpeech(): void {
    this.#speech = QUIET;
  }

  /** Opens the caller's turn with what was said from `fromMs` on, and the pre-roll before that. */
  open(fromMs: number): void {
    this.#isOpen = true;
    this.#link.openActivity();
    for (const pcm of this.#preroll.takeFrom(fromMs - this.#settings.prerollMs)) {
      this.#link.sendAudio(pcm);
    }
    for (const { pcm } of this.#unscored.splice(0)) this.#link.sendAudio(pcm);
  }

  /** Closes the caller's turn. */
  close(): void {
    this.#isOpen = false;
    this.#link.closeActivity();
  }
}
