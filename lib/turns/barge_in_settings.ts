/**
 * The numbers by which a sound during the agent's answer is judged.
 *
 * @module
 */

/** The numbers behind the judgement; not for agents to set. */
export interface BargeInTuning {
  /** A frame of at least this probability may be speech. */
  readonly holdProbability: number;
  /** A sound stands this far above the noise. */
  readonly soundAboveFloorDb: number;
  /** A softer sound is no talker at a phone. */
  readonly quietestDb: number;
  /** Harmonics that agree with the played ones at least this well are the echo's. */
  readonly echoLikeness: number;
  /** Unless the frame is this far louder than the echo can be. */
  readonly echoExcessDb: number;
  /** A frame that is less than this above a known echo is the echo's whatever it looks like. */
  readonly echoMarginDb: number;
  /** From onset to the decision, at most. */
  readonly decideMs: number;
  /** No decision for the caller is made on less sound than this. */
  readonly earliestMs: number;
  /** Silence after which a sound is over. */
  readonly endSilenceMs: number;
  /** Word-likeness that takes the floor at once, in dB. */
  readonly surely: number;
  /** Word-likeness that takes the floor once the sound is over or the time is up: the one that trades words for hums. */
  readonly probably: number;
  /** Below this a sound that is over is let go at once; between the two the rest of the time is waited for. */
  readonly hardly: number;
  /** Voice needed, whatever the shape: coughs and clicks have less. */
  readonly leastVoiceMs: number;
  /** And the part of the sound that it must be. */
  readonly leastVoicedPart: number;
  /** While it is not known if there is an echo: speech needed before the agent falls silent. */
  readonly waryMinSpeechMs: number;
  /** And sound needed before the caller gets the floor: an echo ends sooner, because the agent has fallen silent. */
  readonly waryEarliestMs: number;
  /** And an agreement from which on the sound may be an echo. */
  readonly waryLikeness: number;
  /** How long a sound that was let go counts towards the next. */
  readonly memoryMs: number;
}

/** Found on the development set of `tasks/make_barge_in_set.ts`. */
export const DEFAULT_BARGE_IN_TUNING: BargeInTuning = {
  holdProbability: 0.35,
  soundAboveFloorDb: 6,
  quietestDb: -52,
  echoLikeness: 0.35,
  echoExcessDb: 8,
  echoMarginDb: 4,
  decideMs: 600,
  earliestMs: 180,
  endSilenceMs: 120,
  surely: 3.3,
  probably: 2.6,
  hardly: 2,
  leastVoiceMs: 100,
  leastVoicedPart: 0.5,
  waryMinSpeechMs: 100,
  waryEarliestMs: 360,
  waryLikeness: 0.22,
  memoryMs: 800,
};
