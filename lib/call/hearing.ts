/**
 * What the caller's frames mean: whether speech begins or ends, whether a sound during an answer is meant to stop it,
 * and whether the line is on hold.
 *
 * @module
 */

import { EchoMatch } from "../../audio/echo_match.ts";
import { BANDS, FrameShapes } from "../../audio/frame_shape.ts";
import { HoldMusic } from "../../audio/hold_music.ts";
import { decodeMulaw } from "../../audio/mulaw.ts";
import { offsetFreeLevelDbfs } from "../../audio/level.ts";
import { LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import { BargeInJudge, type BargeInOrder, wordLikeness } from "../turns/barge_in.ts";
import { DEFAULT_BARGE_IN_TUNING } from "../turns/barge_in_settings.ts";
import { DEFAULT_ENDPOINT_SETTINGS } from "../turns/endpoint_settings.ts";
import { Endpointer, type SpeechEvent } from "../turns/endpointing.ts";
import type { BargeInSettings, TurnSettings } from "../turns/turn_settings.ts";

/** A frame with its score. */
export interface ScoredFrame {
  /** What the caller sent, 160 samples at 8 kHz. */
  readonly line: Int16Array;
  /** What the line played to the caller meanwhile, mu-law; absent: nothing. */
  readonly played: Uint8Array | undefined;
  /** Media time at which it ends. */
  readonly endMs: number;
  /** Probability that it is speech, 0 to 1. */
  readonly speechProbability: number;
}

/** What a frame has shown. */
export interface Heard {
  /** The caller began or ceased to speak. */
  readonly speech: SpeechEvent | undefined;
  /** What is to be done about a sound during an answer. */
  readonly bargeIn: BargeInOrder | undefined;
}

/** From this far above the noise a frame sounds. */
const SOUNDING_DB = 8;

/** Hears the caller of one call. */
export class Hearing {
  readonly #shapes = new FrameShapes();
  readonly #echo = new EchoMatch();
  readonly #hold = new HoldMusic();
  readonly #judge: BargeInJudge;
  readonly #played = new Int16Array(LINE_FRAME_SAMPLES);
  readonly #endpointer: Endpointer;

  /** Hears by the numbers of an agent. */
  constructor(settings: TurnSettings, bargeIn: BargeInSettings) {
    const { speechProbability, onsetMs, hangoverMs } = settings;
    this.#endpointer = new Endpointer({
      ...DEFAULT_ENDPOINT_SETTINGS,
      speechProbability,
      hangoverMs,
      onsetEvidenceMs: onsetMs,
    });
    this.#judge = new BargeInJudge(BANDS, bargeIn);
  }

  /** Hears the next frame; `isJudged`: an answer plays, or is held, and sounds are judged. */
  hear(frame: ScoredFrame, isJudged: boolean): Heard {
    const { line, played, endMs, speechProbability } = frame;
    if (played) decodeMulaw(played, this.#played);
    else this.#played.fill(0);
    this.#shapes.push(line, this.#played);
    const { caller, voicing } = this.#shapes;
    const isSounding = caller.levelDb > this.#judge.noiseDb + SOUNDING_DB;
    this.#echo.push(caller, this.#shapes.played, isSounding);
    const { likeness, excessDb, isCertain } = this.#echo.view;
    this.#hold.hear(caller.levelDb, speechProbability);
    const bargeIn = this.#judge.hear({
      endMs,
      speechProbability,
      levelDb: caller.levelDb,
      bandsDb: caller.bandsDb,
      voicing,
      echoLikeness: likeness,
      echoExcessDb: excessDb,
      isEchoCertain: isCertain,
    }, isJudged);
    const levelDbfs = offsetFreeLevelDbfs(line);
    const { bandsDb } = caller;
    const speech = this.#endpointer.hear({ endMs, speechProbability, levelDbfs, bandsDb });
    return { speech, bargeIn };
  }

  /** Whether the caller is believed to be speaking. */
  get isSpeech(): boolean {
    return this.#endpointer.isSpeech;
  }

  /** Whether the last sound during an answer may have been a word although it did not stop it. */
  get wasWordLike(): boolean {
    return wordLikeness(this.#judge.evidence) >= DEFAULT_BARGE_IN_TUNING.hardly;
  }

  /** Whether most of the last seconds was sound without speech. */
  get isOnHold(): boolean {
    return this.#hold.isOnHold;
  }

  /** Whoever spoke is taken to have stopped. */
  forgetSpeech(): void {
    this.#endpointer.forget();
  }

  /** The caller is known to be speaking. */
  believeInSpeech(): void {
    this.#endpointer.believe();
  }

  /** The agent has begun a new answer. */
  answerBegan(): void {
    this.#judge.answerBegan();
  }
}
