/**
 * Where the caller's speech begins and ends.
 *
 * It begins when enough frames of speech have come, each weighed by its probability. Only frames with sound in them
 * count, because the detector still believes in speech for some frames after a short tone; and where the background
 * itself sounds like speech, only frames that stand out of it.
 *
 * It ends when a pause has lasted for the hangover. How long the pause has lasted is told by clocks, and the one
 * that reaches the hangover first decides:
 *
 * - The *silence clock* runs forwards in silence and backwards in speech, at a speed that falls from 1 to -1 as the
 *   probability rises. A detector's probability fades over 50 to 200 ms when speech stops, more in noise, and flickers
 *   later; a threshold turns either into chance, a clock averages over it. Two firm frames of speech set it to zero.
 * - The *level clock* counts from the last frame that is both speech by the detector and clearly above the background.
 *   Above a quiet background this is where speech ended, nearly to the frame. Noise swallows the last, soft part of
 *   speech, so this clock is given an allowance for each dB that speech stands less than 34 dB above it.
 *
 * In a crowd the silence clock stands still and the level clock is set back by other voices. There a third, the
 * *crowd clock*, counts from the last frame as loud as the caller, whatever the detector says.
 *
 * A pause that is nearly as long as the hangover ends in a sound that the detector needs 50 ms to judge, and up to 200 ms
 * if it is soft. So at the hangover the end waits a little while the level rises or the detector is in doubt.
 *
 * @module
 */

import { Background } from "./background.ts";
import type { EndpointSettings } from "./endpoint_settings.ts";

/** One heard frame of 20 ms. */
export interface HeardFrame {
  /** Media time at which the frame ends. */
  readonly endMs: number;
  /** Probability that it is speech, 0 to 1. */
  readonly speechProbability: number;
  /** Its level without any constant offset of the line; silence may be `-Infinity`. */
  readonly levelDbfs: number;
}

/** A change of belief. */
export type SpeechEvent =
  /** The caller has begun to speak; `onsetMs` is where. */
  | { type: "speech-started"; onsetMs: number }
  /** The caller has stopped; `lastSpeechMs` is where. */
  | { type: "speech-ended"; lastSpeechMs: number };

const FRAME_MS = 20;
/** What lies below is silence: the telephone's code has no smaller steps. */
const SILENCE_DBFS = -70;
/** A frame this far below the loudest of the last moment is the silence after a sound. */
const FALLEN_DB = 25;
/** How fast the loudest level is forgotten: while waiting for speech, and within an utterance. */
const PEAK_FALL_DB = 0.5;
const LOUDNESS_FALL_DB = 0.02;
/** Weight of a new frame in the smoothed power: an average over about 60 ms, a short syllable. */
const SMOOTHING = 0.3;

/** Finds the beginnings and ends of one caller's speech. Nothing here waits or measures. */
export class Endpointer {
  readonly #settings: EndpointSettings;
  readonly #background = new Background();
  #smoothPower = 0;
  #onset: Onset;
  #pause: Pause | undefined;
  /** The frame heard last. */
  #sound: Sound = {
    speechProbability: 0,
    level: SILENCE_DBFS,
    smoothLevel: SILENCE_DBFS,
    floor: SILENCE_DBFS,
    likeness: 0,
  };

  /** Works by `settings`. */
  constructor(settings: EndpointSettings) {
    this.#settings = settings;
    this.#onset = new Onset(settings);
  }

  /** Hears the next frame; returns the change of belief if there is one. */
  hear({ endMs, speechProbability, levelDbfs }: HeardFrame): SpeechEvent | undefined {
    const level = Math.max(levelDbfs, SILENCE_DBFS);
    const power = 10 ** (level / 10);
    this.#smoothPower += SMOOTHING * (power - this.#smoothPower);
    this.#background.hear(power, speechProbability);
    const sound: Sound = {
      speechProbability,
      level,
      smoothLevel: Math.max(10 * Math.log10(this.#smoothPower), SILENCE_DBFS),
      floor: this.#background.floorDbfs,
      likeness: this.#background.speechLikeness,
    };
    this.#sound = sound;
    if (this.#pause === undefined) {
      const evidenceMs = this.#onset.hear(sound);
      if (evidenceMs === undefined) return undefined;
      this.#pause = new Pause(this.#settings, sound);
      return { type: "speech-started", onsetMs: endMs - evidenceMs };
    }
    const pauseMs = this.#pause.hear(sound);
    if (pauseMs === undefined) return undefined;
    this.forget();
    return { type: "speech-ended", lastSpeechMs: endMs - pauseMs };
  }

  /** Whether the caller is believed to be speaking. */
  get isSpeech(): boolean {
    return this.#pause !== undefined;
  }

  /** The caller is known to be speaking, whatever the evidence. */
  believe(): void {
    this.#pause ??= new Pause(this.#settings, this.#sound);
  }

  /** Whoever spoke is taken to have stopped; what is known of the background stays. */
  forget(): void {
    this.#pause = undefined;
    this.#onset = new Onset(this.#settings);
  }
}

/** A frame beside its background; levels in dBFS, `likeness` is how much the background sounds like speech. */
interface Sound {
  readonly speechProbability: number;
  readonly level: number;
  readonly smoothLevel: number;
  readonly floor: number;
  readonly likeness: number;
}

/** Gathers evidence that speech has begun. */
class Onset {
  readonly #settings: EndpointSettings;
  #peak = SILENCE_DBFS;
  #evidenceMs = 0;
  #runMs = 0;

  constructor(settings: EndpointSettings) {
    this.#settings = settings;
  }

  /** Returns how long ago speech began, once there is enough evidence for it. */
  hear({ speechProbability, level, smoothLevel, floor, likeness }: Sound): number | undefined {
    const { speechProbability: least, onsetEvidenceMs, crowdMarginDb } = this.#settings;
    this.#peak = Math.max(level, this.#peak - PEAK_FALL_DB);
    if (speechProbability < least) {
      this.#evidenceMs = this.#runMs = 0;
      return undefined;
    }
    this.#runMs += FRAME_MS;
    const isSound = level >= this.#peak - FALLEN_DB;
    const standsOut = smoothLevel >= floor + crowdMarginDb * likeness;
    if (isSound && standsOut) this.#evidenceMs += FRAME_MS * speechProbability;
    return this.#evidenceMs >= onsetEvidenceMs ? this.#runMs : undefined;
  }
}

/** Judges how long the caller has been silent. */
class Pause {
  readonly #settings: EndpointSettings;
  readonly #rise: Rise;
  /** The loudest of the utterance, slowly forgotten. */
  #loudness: number;
  #silenceMs = 0;
  #quietMs = 0;
  #crowdMs = 0;
  #firmFrames = 0;
  #firmLoudFrames = 0;
  #heldMs = 0;

  constructor(settings: EndpointSettings, { smoothLevel, level }: Sound) {
    this.#settings = settings;
    this.#loudness = smoothLevel;
    this.#rise = new Rise(level, settings.riseDb);
  }

  /** Returns the length of the pause once it ends the utterance. */
  hear(sound: Sound): number | undefined {
    const { speechProbability, smoothLevel, floor } = sound;
    const { hangoverMs, longestHoldMs, doubtProbability } = this.#settings;
    this.#loudness = Math.max(smoothLevel, this.#loudness - LOUDNESS_FALL_DB);
    const range = this.#loudness - floor;
    this.#runSilenceClock(speechProbability);
    this.#runLevelClock(sound, range);
    this.#runCrowdClock(sound, range);
    const isRising = this.#rise.hear(sound.level, this.#quietMs);
    const pauseMs = this.#pauseMs(range);
    if (pauseMs < hangoverMs) {
      this.#heldMs = 0;
      return undefined;
    }
    const isOpen = isRising || speechProbability >= doubtProbability;
    if (!isOpen || this.#heldMs >= longestHoldMs) return pauseMs;
    this.#heldMs += FRAME_MS;
    return undefined;
  }

  /** How long the pause has lasted by the clock that is ahead, each less its allowance. */
  #pauseMs(range: number): number {
    const settings = this.#settings;
    const swallowedDb = Math.max(0, settings.clearRangeDb - range);
    return Math.max(
      this.#silenceMs,
      this.#quietMs - settings.levelMarginMs - settings.swallowedMsPerDb * swallowedDb,
      this.#crowdMs - settings.crowdMarginMs,
    );
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
    const isVoice = isLoud && speechProbability >= loudProbability;
    this.#firmLoudFrames = isVoice ? this.#firmLoudFrames + 1 : 0;
    const goesOn = isVoice && this.#quietMs <= FIRM_FRAMES * FRAME_MS;
    this.#quietMs = goesOn || this.#firmLoudFrames >= FIRM_FRAMES ? 0 : this.#quietMs + FRAME_MS;
  }

  #runCrowdClock({ smoothLevel, floor, likeness }: Sound, range: number): void {
    const { crowdLikeness, crowdLoudShare } = this.#settings;
    const isAsLoud = smoothLevel >= floor + crowdLoudShare * range;
    this.#crowdMs = likeness < crowdLikeness || isAsLoud ? 0 : this.#crowdMs + FRAME_MS;
  }
}

/** Frames in a row that end a pause. */
const FIRM_FRAMES = 2;
/** Weight of a new frame in the pause's own level: slow upwards, so that a rise shows, fast downwards. */
const RISING_WEIGHT = 0.06;
const FALLING_WEIGHT = 0.3;

/** Tells if the level rises out of a pause. */
class Rise {
  readonly #riseDb: number;
  #pauseLevel: number;
  #roseBefore = false;

  constructor(level: number, riseDb: number) {
    this.#pauseLevel = level;
    this.#riseDb = riseDb;
  }

  /** Hears a level `quietMs` into a pause; tells if it, or the one before, stands out of the pause's own. */
  hear(level: number, quietMs: number): boolean {
    if (quietMs <= FIRM_FRAMES * FRAME_MS) {
      this.#pauseLevel = level;
      return this.#roseBefore = false;
    }
    const rises = level >= this.#pauseLevel + this.#riseDb;
    const isRising = rises || this.#roseBefore;
    this.#roseBefore = rises;
    const weight = level > this.#pauseLevel ? RISING_WEIGHT : FALLING_WEIGHT;
    this.#pauseLevel += weight * (level - this.#pauseLevel);
    return isRising;
  }
}
