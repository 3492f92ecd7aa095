/**
 * The fields of an agent file by which turns are taken, and what becomes of them.
 *
 * @module
 */

import { z } from "zod";
import {
  AUTOMATIC_DETECTIONS,
  type AutomaticDetection,
  DEFAULT_BARGE_IN,
  DEFAULT_TURN_SETTINGS,
  SENSITIVITIES,
  type Sensitivity,
  type TurnSettings,
} from "../turns/turn_settings.ts";
import { choice, number, section, sentence, text, wholeNumber } from "./file_fields.ts";

/** Fields that may be left out. */
export type Given<Fields> = { readonly [Field in keyof Fields]?: Fields[Field] | undefined };

/** What a file may say of turns. */
export type GivenTurns =
  & { readonly detection: "own" | "automatic"; readonly sensitivity: Sensitivity }
  & { readonly automatic?: Given<AutomaticDetection> | undefined }
  & Given<Omit<TurnSettings, "automatic">>;

const sensitivity = () => choice("high", "medium", "low");

const turns = section({
  detection: choice("own", "automatic").default("own")
    .describe("Who finds the caller's turns: Offhook, or the model's service by itself"),
  sensitivity: sensitivity().default("medium")
    .describe("How soon a pause ends the turn: 420, 600 or 850 ms; the numbers below come first"),
  automatic: section({
    startSensitivity: sensitivity().optional()
      .describe("How readily the service takes sound for speech; medium leaves it to the service"),
    endSensitivity: sensitivity().optional()
      .describe("How readily it takes a pause for the end; medium leaves it to the service"),
    prefixPaddingMs: wholeNumber(0, 5_000).optional()
      .describe("Speech it needs before it believes in a beginning"),
    silenceDurationMs: wholeNumber(0, 10_000).optional()
      .describe("Pause after which it takes the caller to have finished"),
  }).optional().describe("Where automatic detection differs from the preset of the sensitivity"),
  speechProbability: number(0.05, 0.95).optional()
    .describe("A frame of at least this probability is evidence of speech"),
  onsetMs: number(20, 500).optional()
    .describe("Speech needed to believe in speech, each frame weighed by its probability"),
  hangoverMs: number(100, 5_000).optional()
    .describe("Pause after which the caller has finished"),
  prerollMs: number(0, 1_000).optional()
    .describe("Audio from before the onset that the model hears too"),
  activityGapMs: number(0, 1_000).optional()
    .describe("Shortest time between two activities"),
  longestActivityMs: number(1_000, 300_000).optional()
    .describe("Longest activity; then it is closed and may be opened again"),
  framesStoppedMs: number(100, 5_000).optional()
    .describe("Without any audio for this long a turn in progress is over"),
}).superRefine(({ detection, automatic }, context) => {
  if (detection === "automatic" || automatic === undefined) return;
  context.addIssue({
    code: "custom",
    path: ["automatic"],
    message: 'expected only beside "detection": "automatic"',
  });
});

const bargeIn = section({
  mode: choice("decide", "immediate", "never").default(DEFAULT_BARGE_IN.mode)
    .describe("Whether a sound during an answer is judged first, takes the floor, or never does"),
  minSpeechMs: number(20, 500).default(DEFAULT_BARGE_IN.minSpeechMs)
    .describe("Speech needed before the agent falls silent"),
  backchannelMaxMs: number(100, 2_000).default(DEFAULT_BARGE_IN.backchannelMaxMs)
    .describe('Longest sound of voice that may be a mere "mm-hmm"'),
});

const deadAir = section({
  askAfterMs: wholeNumber(2_000, 120_000).default(8_000)
    .describe("Silence before the caller is asked, and before each further step"),
  asks: z.array(sentence(), "expected a list of sentences").max(5, "expected at most 5")
    .default(["Are you still there?", "I cannot hear you. Are you there?"])
    .describe("What the agent asks, one after the other"),
  goodbye: sentence().default("It seems that you cannot hear me. Please call again. Goodbye.")
    .describe("What it says at last, before it hangs up"),
  longestHoldMs: wholeNumber(0, 3_600_000).default(300_000)
    .describe("Longest time on hold; after that silence counts although the line sounds"),
});

const digits = section({
  policy: choice("interrupt", "wait", "ignore").default("interrupt")
    .describe("Whether keys take the floor, wait for it, or do nothing"),
  endKey: text(/^[0-9*#]?$/, "one of 0 to 9, * and #, or nothing").default("#")
    .describe("The key that ends an entry and does not belong to it"),
  timeoutMs: wholeNumber(500, 30_000).default(2_500)
    .describe("Time without a further key after which an entry is complete"),
  mostDigits: wholeNumber(1, 64).default(32).describe("Keys that complete an entry by number"),
});

/**
 * The fields.
 *
 * @internal
 */
export const TURN_FIELDS = {
  turns: turns.prefault({}).describe("The numbers by which turns are taken"),
  bargeIn: bargeIn.prefault({}).describe("How interruptions are taken"),
  deadAir: deadAir.nullable().prefault({})
    .describe("What a caller who says nothing hears; null: nothing, the agent waits"),
  digits: digits.prefault({}).describe("What becomes of keys that the caller presses"),
  cutNote: z.string("expected a text").max(1_000, "expected at most 1000 characters")
    .default('(The caller broke in. Of your last answer they heard only: "{{heard}}")')
    .describe("What the model is told when the caller broke in; {{heard}} is what they heard"),
};

/** How turns are taken: the numbers that a file gives come before those of its preset, these before the usual ones. */
export function turnSettings(
  { detection, sensitivity, automatic = {}, ...given }: GivenTurns,
): TurnSettings {
  return {
    ...DEFAULT_TURN_SETTINGS,
    ...SENSITIVITIES[sensitivity],
    ...defined(given),
    ...(detection === "automatic"
      ? { automatic: { ...AUTOMATIC_DETECTIONS[sensitivity], ...defined(automatic) } }
      : {}),
  };
}

function defined(given: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
