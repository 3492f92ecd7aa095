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
  /** Present: the service finds the caller's turns, and what is found here moves the agent's side alone. */
  readonly automatic?: AutomaticDetection | undefined;
}

/** How readily something is taken to happen. */
export type Sensitivity = "high" | "medium" | "low";

/** How the service finds the caller's turns. */
export interface AutomaticDetection {
  /** How readily it takes sound for speech. */
  readonly startSensitivity: Sensitivity;
  /** How readily it takes a pause for the end. */
  readonly endSensitivity: Sensitivity;
  /** Speech it needs before it believes in a beginning. */
  readonly prefixPaddingMs: number;
  /** Pause after which the caller has finished. */
  readonly silenceDurationMs: number;
}

/** The same by preset; what an agent says in numbers comes before it. */
export const AUTOMATIC_DETECTIONS: Record<Sensitivity, AutomaticDetection> = {
  high: {
    startSensitivity: "high",
    endSensitivity: "high",
    prefixPaddingMs: 10,
    silenceDurationMs: 50,
  },
  medium: {
    startSensitivity: "medium",
    endSensitivity: "medium",
    prefixPaddingMs: 20,
    silenceDurationMs: 100,
  },
  low: {
    startSensitivity: "low",
    endSensitivity: "low",
    prefixPaddingMs: 50,
    silenceDurationMs: 200,
  },
};

/** How readily a turn is taken to begin and to end; what an agent says in numbers comes before it. */
export const SENSITIVITIES: Record<Sensitivity, Partial<TurnSettings>> = {
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
