/**
 * What bears on speech that is owed: facts, orders, and the state between them.
 *
 * @module
 */

import type { Repair } from "./owed_settings.ts";

/** Facts that bear on whether the agent is heard; `nowMs` never runs backwards. */
export type OwedFact =
  /** The model was asked for an answer; `silentFromMs`: when all that came before will have been heard, if known. */
  | { type: "asked"; nowMs: number; isTool: boolean; silentFromMs: number | undefined }
  /** The model has asked for functions whose result it will speak of: the answer waits for them. */
  | { type: "tools-called"; nowMs: number; silentFromMs: number | undefined }
  /** The model has chosen to say nothing. */
  | { type: "silence-chosen"; nowMs: number }
  /** Audio has come. */
  | { type: "audio-arrived"; nowMs: number; isAudible: boolean }
  /** The model wrote instead of speaking. */
  | { type: "text-arrived"; nowMs: number }
  /** The service says that all of the answer was sent. */
  | { type: "generation-completed"; nowMs: number }
  /** The model's turn is over; `isRejected`: for a reason that it names. */
  | { type: "turn-completed"; nowMs: number; isRejected: boolean }
  /** The service broke the answer off; `wasCut`: some of it has not gone to the line. */
  | { type: "interrupted"; nowMs: number; wasCut: boolean }
  /** Everything that came will have been heard at `atMs`. */
  | { type: "line-runs-dry"; nowMs: number; atMs: number }
  /** The caller speaks, or presses keys. */
  | { type: "caller-took-floor"; nowMs: number }
  /** There is no connection to the model. */
  | { type: "model-gone"; nowMs: number }
  /** There will never be one again. */
  | { type: "model-lost"; nowMs: number }
  /** There is one, for the first time or again (`isAnew`): it is asked anew what has no answer, but goes on with none. */
  | { type: "model-reached"; nowMs: number; isAnew: boolean }
  /** Time has passed. */
  | { type: "time-passed"; nowMs: number };

/** What is wrong with an answer. */
export type Problem =
  /** Nothing came. */
  | "absent"
  /** It ceased in the middle. */
  | "stalled"
  /** It is complete, and there is nothing in it. */
  | "empty"
  /** It was written. */
  | "text-only"
  /** Nobody can hear it. */
  | "near-silent"
  /** The model refuses to give it. */
  | "rejected"
  /** The service broke it off. */
  | "cut-short"
  /** There is nobody to give it. */
  | "unreachable";

/** What must be done, first to last. `hasBegun`: a part of the answer was heard, and the rest is wanted. */
export type OwedOrder =
  /** What becomes of the audio that has just arrived: one of these for each. */
  | { type: "play-audio" | "hold-back-audio" | "drop-audio" }
  /** What becomes of all that was held back. */
  | { type: "play-held-back" | "drop-held-back" }
  /** Drop what the line has not played. */
  | { type: "clear-playout" }
  /** Fill the silence; `isMidAnswer`: the answer on the line is to be gone on with, else it is not to be heard. */
  | { type: "start-bridge"; isMidAnswer: boolean }
  /** Try this. */
  | { type: "repair"; repair: Repair; problem: Problem; hasBegun: boolean }
  /** Have the rest said, on another connection. */
  | { type: "go-on" };

/** Speech that the caller waits for. */
export interface Owed {
  /** Whether it follows the result of a function. */
  readonly isTool: boolean;
  /** Whether that function still runs: silence is bridged then, and nothing is wrong. */
  readonly isToolPending: boolean;
  /** Since when the caller hears nothing, or from when on; absent while more waits to be heard. */
  readonly silentFromMs: number | undefined;
  /** Whether a tone fills the silence. */
  readonly isBridged: boolean;
  /** Whether any of the answer was audible. */
  readonly hasBegun: boolean;
  /** The same since it was last asked for. */
  readonly isSounding: boolean;
  /** What else has come since then. */
  readonly cameInstead: "nothing" | "text" | "near-silence";
  /** Whether it was asked for more than once. */
  readonly isAskedAgain: boolean;
  /** Until when audio may belong to an answer that was replaced. */
  readonly uncertainUntilMs: number;
  /** Whether such audio waits. */
  readonly isHoldingBack: boolean;
  /** Whether it was sounding when its connection was lost: nobody asks for the rest by itself. */
  readonly isRestLost: boolean;
  /** When the next repair is due if the silence lasts. */
  readonly repairAtMs: number;
}

/** Whether speech is owed, and what was done for it. */
export interface OwedState {
  /** What the caller waits for; absent: nothing. */
  readonly owed: Owed | undefined;
  /** How many of the repairs are behind us since an answer was heard. */
  readonly rung: number;
  /** Whether what comes now is late: its question was asked again and answered, or given up. */
  readonly isSettled: boolean;
  /** Whether the turn of an answer that was completed or broken off is still to end. */
  readonly awaitsTurnEnd: boolean;
  /** Whether there is a connection to the model. */
  readonly isReachable: boolean;
}

/** The call begins: nothing was asked and nobody is there. */
export const NOTHING_OWED: OwedState = {
  owed: undefined,
  rung: 0,
  isSettled: false,
  awaitsTurnEnd: false,
  isReachable: false,
};
