/**
 * How long a pause in the caller's speech has lasted, and whether that ends the turn.
 *
 * How long it has lasted is told by clocks, and the one that reaches the hangover first decides:
 *
 * - The *silence clock* runs forwards in silence and backwards in speech, at a speed that falls from 1 to -1 as the
 *   probability rises. A detector's probability fades over 50 to 200 ms when speech stops, more in noise, and flickers
 *   later; a threshold turns either into chance, a clock averages over it. Two firm frames of speech set it to zero.
 * - The *sound clock* counts from the last frame with more sound in it than is usual without speech, in any band. Where
 *   the line is quiet it knows the end of a word to the frame; where it is not, it misses the soft end that noise
 *   swallows, as long as the silence clock is late. So what counts lies half way between the two, less a margin, and
 *   less an allowance for noise.
 * - The *pause clock* is a network's word for how long ago the caller spoke (`pause_clock.ts`). What counts is the mean of
 *   it, less a margin, and of what the two before say; but where an end is so sharp that all three agree on it, they are right.
 * - The *level clock* counts from the last frame that is both speech by the detector and clearly above the background.
 *   It ends turns in which the detector believes without end. Noise swallows the soft part of speech, so it is given
 *   an allowance for each dB that speech stands less than 34 dB above it.
 * - In a crowd the silence clock stands still and the level clock is set back by other voices. There the *crowd clock*
 *   counts from the last frame as loud as the caller, whatever the detector says.
 *
 * A pause that is nearly as long as the hangover ends in a sound that the detector needs 50 ms to judge, and up to 200 ms
 * if it is soft. So at the hangover the end waits while the level stands far out of the pause or the detector is in
 * doubt, and a little while the level has risen at all.
 *
 * @module
 */

import type { EndpointSettings } from "./endpoint_settings.ts";
import { PAUSE_CLOCK_REACH_MS } from "./pause_clock.ts";

const FRAME_MS = 20;
/** How fast the loudest level of an utterance is forgotten. */
const LOUDNESS_FALL_DB = 0.02;

/** A frame beside its background; levels in dBFS, `likeness` is how much the background sounds like speech. */
export interface Sound {
  /** The detector's, 0 to 1. */
  readonly speechProbability: number;
  /** Of this frame. */
  readonly level: number;
  /** Averaged over a short syllable, in the telephone's band. */
  readonly smoothLevel: number;
  /** The background's. */
  readonly floor: number;
  /** 0 not at all, 1 like a crowd. */
  readonly likeness: number;
  /** How far it stands above what is usual without speech, in dB, as a mean over the bands. */
  readonly excessDb: number;
  /** How long ago the caller spoke, as the pause clock has it. */
  readonly sinceSpeechMs: number;
}

/** Judges how long the caller has been silent. */
export class Pause {
  readonly #settings: EndpointSettings;
  readonly #rise: Rise;
  readonly #sound = new QuietClock();
  readonly #level = new QuietClock();
  /** The loudest of the utterance, slowly forgotten. */
  #loudness: number;
  #silenceMs = 0;
  /** How far the mean with the pause clock is ahead. Where that clock cannot tell any more it stays, until there is speech. */
  #learntMs = 0;
  #crowdMs = 0;
  #firmFrames = 0;
  #heldMs = 0;

  /** A pause that may follow `sound`, in which somebody speaks. */
  constructor(settings: EndpointSettings, sound: Sound) {
    const { smoothLevel, level } = sound;
    this.#settings = settings;
    this.#loudness = smoothLevel;
    this.#rise = new Rise(level);
  }

  /** Returns the length of the pause once it ends the utterance. */
  hear(sound: Sound): number | undefined {
    const { speechProbability, smoothLevel, floor, excessDb } = sound;
    const { hangoverMs, soundDb, soundProbability } = this.#settings;
    this.#loudness = Math.max(smoothLevel, this.#loudness - LOUDNESS_FALL_DB);
    const range = this.#loudness - floor;
    this.#runSilenceClock(speechProbability);
    this.#sound.hear(excessDb >= soundDb && speechProbability >= soundProbability);
    this.#runLevelClock(sound, range);
    this.#runCrowdClock(sound, range);
    const riseDb = this.#rise.hear(sound.level, this.#level.ms);
    const pauseMs = this.#pauseMs(range, sound.sinceSpeechMs);
    if (pauseMs < hangoverMs) {
      this.#heldMs = 0;
      return undefined;
    }
    if (!this.#mayGoOn(riseDb, speechProbability)) return pauseMs;
    this.#heldMs += FRAME_MS;
    return undefined;
  }

  /** At the hangover: whether what is heard may be speech that goes on. */
  #mayGoOn(riseDb: number, speechProbability: number): boolean {
    const settings = this.#settings;
    if (this.#heldMs >= settings.longestHoldMs) return false;
    if (riseDb >= settings.strongRiseDb) return true;
    if (speechProbability >= settings.doubtProbability) return true;
    return riseDb >= settings.riseDb && this.#heldMs < settings.weakHoldMs;
  }

  /** How long the pause has lasted by the clock that is ahead, each less its allowance. */
  #pauseMs(range: number, sinceSpeechMs: number): number {
    const settings = this.#settings;
    const swallowedDb = Math.max(0, settings.clearRangeDb - range);
    const noiseMs = Math.min(settings.mostNoiseMs, settings.noiseMsPerDb * swallowedDb);
    const aheadMs = Math.min(settings.soundAheadMs, Math.max(0, this.#sound.ms - this.#silenceMs));
    const quietMs = this.#silenceMs + Math.max(0, aheadMs / 2 - settings.meanMarginMs) - noiseMs;
    this.#compare(quietMs, sinceSpeechMs);
    return Math.max(
      quietMs + this.#learntMs,
      this.#level.ms - settings.levelMarginMs - settings.swallowedMsPerDb * swallowedDb,
      this.#crowdMs - settings.crowdMarginMs,
    );
  }

  /** Puts the pause clock beside what the clocks of silence and sound say together. */
  #compare(quietMs: number, sinceSpeechMs: number): void {
    const { learntMarginMs, mostLearntMs, hangoverMs } = this.#settings;
    const silenceMs = this.#silenceMs;
    const isSharp = Math.abs(this.#sound.ms - silenceMs) <= FRAME_MS &&
      Math.abs(sinceSpeechMs - silenceMs) <= learntMarginMs;
    if (isSharp) this.#learntMs = 0;
    else if (sinceSpeechMs <= PAUSE_CLOCK_REACH_MS) {
      const mostMs = Math.min(mostLearntMs, hangoverMs / 2);
      const toMeanMs = (sinceSpeechMs - learntMarginMs - quietMs) / 2;
      this.#learntMs = Math.min(mostMs, Math.max(-mostMs, toMeanMs));
    } else if (silenceMs === 0) this.#learntMs = 0;
  }

  #runSilenceClock(speechProbability: number): void {
    const { silenceProbability: low, voiceProbability: high, firmProbability } = this.#settings;
    const voice = Math.min(1, Math.max(0, (speechProbability - low) / (high - low)));
    this.#firmFrames = speechProbability >= firmProbability ? this.#firmFrames + 1 : 0;
    this.#silenceMs = this.#firmFrames >= FIRM_FRAMES
      ? 0
      : Math.max(0, this.#silenceMs + FRAME_MS * (1 - 2 * voice));
  }

  #runLevelClock({ speechProbability, smoothLevel, floor, likeness }: Sound, range: number): void {
    const { loudDb, loudShare, crowdLoudShare, loudProbability } = this.#settings;
    const share = loudShare + (crowdLoudShare - loudShare) * likeness;
    const isLoud = smoothLevel >= floor + Math.min(loudDb, share * range);
    this.#level.hear(isLoud && speechProbability >= loudProbability);
  }

  #runCrowdClock({ smoothLevel, floor, likeness }: Sound, range: number): void {
    const { crowdLikeness, crowdLoudShare } = this.#settings;
    const isAsLoud = smoothLevel >= floor + crowdLoudShare * range;
    this.#crowdMs = likeness < crowdLikeness || isAsLoud ? 0 : this.#crowdMs + FRAME_MS;
  }
}

/** Frames in a row that end a pause. */
const FIRM_FRAMES = 2;

/** Time since the last voice; in a pause, one frame alone is no voice. */
class QuietClock {
  ms = 0;
  #firmFrames = 0;

  hear(isVoice: boolean): void {
    this.#firmFrames = isVoice ? this.#firmFrames + 1 : 0;
    const goesOn = isVoice && this.ms <= FIRM_FRAMES * FRAME_MS;
    this.ms = goesOn || this.#firmFrames >= FIRM_FRAMES ? 0 : this.ms + FRAME_MS;
  }
}

/** Weight of a new frame in the pause's own level: slow upwards, so that a rise shows, fast downwards. */
const RISING_WEIGHT = 0.06;
const FALLING_WEIGHT = 0.3;

/** Tells how far the level rises out of a pause. */
class Rise {
  #pauseLevel: number;
  #lastDb = 0;

  constructor(level: number) {
    this.#pauseLevel = level;
  }

  /** Hears a level `quietMs` into a pause; tells how far it, or the one before, stands out of the pause's own. */
  hear(level: number, quietMs: number): number {
    if (quietMs <= FIRM_FRAMES * FRAME_MS) {
      this.#pauseLevel = level;
      return this.#lastDb = 0;
    }
    const db = level - this.#pauseLevel;
    const highestDb = Math.max(db, this.#lastDb);
    this.#lastDb = db;
    const weight = db > 0 ? RISING_WEIGHT : FALLING_WEIGHT;
    this.#pauseLevel += weight * db;
    return highestDb;
  }
}
