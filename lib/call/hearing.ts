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
import { FRAME_MS, LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import { BargeInJudge, type BargeInOrder, wordLikeness } from "../turns/barge_in.ts";
import { DEFAULT_BARGE_IN_TUNING } from "../turns/barge_in_settings.ts";
import { hearFrame, QUIET, type SpeechEvent, type SpeechState } from "../turns/endpointing.ts";
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
  readonly #settings: TurnSettings;
  readonly #shapes = new FrameShapes();
  readonly #echo = new EchoMatch();
  readonly #hold = new HoldMusic();
  readonly #judge: BargeInJudge;
  readonly #played = new Int16Array(LINE_FRAME_SAMPLES);
  #speech: SpeechState = QUIET;

  /** Hears by the numbers of an agent. */
  constructor(settings: TurnSettings, bargeIn: BargeInSettings) {
    this.#settings = settings;
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
    const heard = { endMs, lengthMs: FRAME_MS, speechProbability };
    const [speech, change] = hearFrame(this.#speech, heard, this.#settings);
    this.#speech = speech;
    return { speech: change, bargeIn };
  }

  /** Whether the caller is believed to be speaking. */
  get isSpeech(): boolean {
    return this.#speech.phase === "speech";
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
    this.#speech = QUIET;
  }

  /** The caller is known to be speaking, up to `nowMs`. */
  believeInSpeech(nowMs: number): void {
    if (!this.isSpeech) this.#speech = { phase: "speech", lastSpeechMs: nowMs };
  }

  /** The agent has begun a new answer. */
  answerBegan(): void {
    this.#judge.answerBegan();
  }
}
