/**
 * Where the caller's speech begins and ends.
 *
 * It begins when enough frames of speech have come, each weighed by its probability. Only frames with sound in them
 * count, because the detector still believes in speech for some frames after a short tone; and where the background
 * itself sounds like speech, only frames that stand out of it.
 *
 * It ends when a pause has lasted for the hangover: `pause.ts`.
 *
 * @module
 */

import { CallerSound } from "./caller_sound.ts";
import type { EndpointSettings } from "./endpoint_settings.ts";
import { PauseClock } from "./pause_clock.ts";
import { Pause, type Sound } from "./pause.ts";

/** One heard frame of 20 ms. */
export interface HeardFrame {
  /** Media time at which the frame ends. */
  readonly endMs: number;
  /** Probability that it is speech, 0 to 1. */
  readonly speechProbability: number;
  /** Its level without any constant offset of the line; silence may be `-Infinity`. */
  readonly levelDbfs: number;
  /** Its level in each of ten bands, lowest first. */
  readonly bandsDb: ArrayLike<number>;
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
/** How fast the loudest level is forgotten while waiting for speech. */
const PEAK_FALL_DB = 0.5;
/** Weight of a new frame in the smoothed power: an average over about 60 ms, a short syllable. */
const SMOOTHING = 0.3;

/** Finds the beginnings and ends of one caller's speech. Nothing here waits or measures. */
export class Endpointer {
  readonly #settings: EndpointSettings;
  readonly #caller = new CallerSound();
  readonly #clock = new PauseClock();
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
    excessDb: 0,
    sinceSpeechMs: 0,
  };

  /** Works by `settings`. */
  constructor(settings: EndpointSettings) {
    this.#settings = settings;
    this.#onset = new Onset(settings);
  }

  /** Hears the next frame; returns the change of belief if there is one. */
  hear({ endMs, speechProbability, levelDbfs, bandsDb }: HeardFrame): SpeechEvent | undefined {
    const level = Math.max(levelDbfs, SILENCE_DBFS);
    const caller = this.#caller;
    caller.hear(speechProbability, bandsDb, this.#pause !== undefined);
    this.#clock.hear(caller);
    this.#smoothPower += SMOOTHING * (caller.bands.power - this.#smoothPower);
    const sound: Sound = {
      speechProbability,
      level,
      smoothLevel: Math.max(10 * Math.log10(this.#smoothPower), SILENCE_DBFS),
      floor: caller.floorDbfs,
      likeness: caller.background.speechLikeness,
      excessDb: caller.bands.excessDb,
      sinceSpeechMs: this.#clock.ms,
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
