/**
 * The numbers by which turns are taken.
 *
 * @module
 */

/** The numbers by which turns are taken; times are media time. */
export interface TurnSettings {
  /** A frame of at least this probability is evidence of speech. */
  readonly speechProbability: number;
  /** Speech needed to believe in speech, each frame weighed by its probability. */
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

/** How readily a turn is taken to begin and to end; what an agent says in numbers comes before it. */
export const SENSITIVITIES: Record<"high" | "medium" | "low", Partial<TurnSettings>> = {
  high: { hangoverMs: 420 },
  medium: {},
  low: { hangoverMs: 850, onsetMs: 60 },
};

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
  onsetMs: 45,
  hangoverMs: 600,
  prerollMs: 300,
  activityGapMs: 100,
  longestActivityMs: 60_000,
  framesStoppedMs: 800,
};
