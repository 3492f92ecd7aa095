/**
 * The numbers by which beginnings and ends of speech are found.
 *
 * @module
 */

/** The numbers by which beginnings and ends of speech are found; the first three are for everyone, the rest for tuning. */
export interface EndpointSettings {
  /** A pause of this length, counted from where speech ended, ends the utterance. */
  readonly hangoverMs: number;
  /** Speech needed to believe in speech, each frame weighed by its probability. */
  readonly onsetEvidenceMs: number;
  /** A frame of at least this probability is evidence of speech. */
  readonly speechProbability: number;
  /** Up to this probability the silence clock runs at full speed. */
  readonly silenceProbability: number;
  /** From this probability on it runs backwards at full speed. */
  readonly voiceProbability: number;
  /** Two frames of this probability end a pause. */
  readonly firmProbability: number;
  /** A frame that stands this far above what is usual without speech, as a mean over the bands, has a sound in it. */
  readonly soundDb: number;
  /** Which is the caller's from this probability on. */
  readonly soundProbability: number;
  /** How far the sound clock may be ahead of the silence clock before more of it counts no more. */
  readonly soundAheadMs: number;
  /** Half of what it is ahead counts, less this. */
  readonly meanMarginMs: number;
  /** Taken off for each dB that speech stands less above the background than it should to be heard to its end. */
  readonly noiseMsPerDb: number;
  /** But no more than this. */
  readonly mostNoiseMs: number;
  /** Taken off what the pause clock says, before its mean with the others is taken. */
  readonly learntMarginMs: number;
  /** How far that mean may lie from what the others say; half of the hangover where that is less. */
  readonly mostLearntMs: number;
  /** A loud frame of at least this probability is the caller's voice. */
  readonly loudProbability: number;
  /** A level this far above the background is loud. */
  readonly loudDb: number;
  /** Where speech stands out less, a level this far up from the background to the loudest is loud: share of 1. */
  readonly loudShare: number;
  /** The same where the background sounds like speech. */
  readonly crowdLoudShare: number;
  /** How much longer than the hangover the level clock must run, at any noise. */
  readonly levelMarginMs: number;
  /** Speech that stands this far above the background is heard to its end. */
  readonly clearRangeDb: number;
  /** How much longer the level clock must run for each dB that is missing. */
  readonly swallowedMsPerDb: number;
  /** A background this much like speech is a crowd: share of 1. */
  readonly crowdLikeness: number;
  /** How much longer than the hangover the clock of a crowd must run. */
  readonly crowdMarginMs: number;
  /** How far a voice must stand out of a background that sounds like speech to begin an utterance. */
  readonly crowdMarginDb: number;
  /** A frame this far above the level of the pause may be speech that begins. */
  readonly riseDb: number;
  /** This far above, it is a sound for certain. */
  readonly strongRiseDb: number;
  /** A frame of at least this probability may be speech, too. */
  readonly doubtProbability: number;
  /** Longest wait for what such a frame becomes. */
  readonly longestHoldMs: number;
  /** Longest wait where the level has risen a little and nothing else speaks for speech. */
  readonly weakHoldMs: number;
}

/** What an agent has that says nothing else. */
export const DEFAULT_ENDPOINT_SETTINGS: EndpointSettings = {
  hangoverMs: 600,
  onsetEvidenceMs: 45,
  speechProbability: 0.5,
  silenceProbability: 0.25,
  voiceProbability: 0.6,
  firmProbability: 0.4,
  soundDb: 0.6,
  soundProbability: 0.2,
  soundAheadMs: 250,
  meanMarginMs: 28,
  noiseMsPerDb: 4,
  mostNoiseMs: 50,
  learntMarginMs: 65,
  mostLearntMs: 200,
  loudProbability: 0.35,
  loudDb: 8.5,
  loudShare: 0.38,
  crowdLoudShare: 0.75,
  levelMarginMs: 25,
  clearRangeDb: 34,
  swallowedMsPerDb: 24,
  crowdLikeness: 0.8,
  crowdMarginMs: 240,
  crowdMarginDb: 8.5,
  riseDb: 2,
  strongRiseDb: 8,
  doubtProbability: 0.55,
  longestHoldMs: 180,
  weakHoldMs: 80,
};
