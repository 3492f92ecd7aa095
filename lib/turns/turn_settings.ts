/**
 * The numbers by which turns are taken.
 *
 * @module
 */

/** The numbers by which turns are taken; times are media time. */
export interface TurnSettings {
  /** A frame of at least this probability is speech while nobody is believed to speak. */
  readonly speechProbability: number;
  /** A frame below this is a pause while somebody is believed to speak. */
  readonly pauseProbability: number;
  /** Speech needed to believe in speech. */
  readonly onsetMs: number;
  /** Pause after which the caller has finished. */
  readonly hangoverMs: number;
  /** Audio from before the onset that the model hears too. */
  readonly prerollMs: number;
  /** Shortest time between the end of one activity and the start of the next. */
  readonly activityGapMs: number;
  /** Longest activity; then it is closed and may be opened again. */
  readonly longestActivityMs: number;
  /** Without any frame for this long (by the monotonic clock) a turn in progress is over. */
  readonly framesStoppedMs: number;
}

/** How an agent takes interruptions. */
export interface BargeInSettings {
  /** `decide`: hold, then judge. `immediate`: every speech sound takes the floor. `never`: nothing but keys does. */
  readonly mode: "decide" | "immediate" | "never";
  /** Speech needed before the agent falls silent. */
  readonly minSpeechMs: number;
  /** Longest sound of voice that may be a mere "mm-hmm". */
  readonly backchannelMaxMs: number;
}

/** What an agent has that says nothing else. */
export const DEFAULT_BARGE_IN: BargeInSettings = {
  mode: "decide",
  minSpeechMs: 40,
  backchannelMaxMs: 450,
};

/** What the turn machine goes by. */
export interface TurnRules extends TurnSettings {
  /** Whether sounds during an answer are judged, take the floor at once, or never. */
  readonly bargeIn: BargeInSettings["mode"];
}

/** What an agent has that says nothing else. */
export const DEFAULT_TURN_SETTINGS: TurnSettings = {
  speechProbability: 0.5,
  pauseProbability: 0.35,
  onsetMs: 60,
  hangoverMs: 500,
  prerollMs: 300,
  activityGapMs: 100,
  longestActivityMs: 60_000,
  framesStoppedMs: 800,
};
