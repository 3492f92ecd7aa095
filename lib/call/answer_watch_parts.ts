/**
 * What it takes to watch over the answers of a call.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { OwedSettings } from "../turns/owed_settings.ts";
import type { AgentVoice } from "./agent_voice.ts";
import type { Faults } from "./faults.ts";
import type { ModelLink } from "./model_link.ts";
import type { Timers } from "./timers.ts";
import type { Transcript } from "./transcript.ts";

/** What a watch needs. */
export interface AnswerWatchParts {
  /** The numbers that it goes by. */
  readonly settings: OwedSettings;
  /** What the caller hears. */
  readonly voice: AgentVoice;
  /** What was said. */
  readonly transcript: Transcript;
  /** Asks the model again. */
  readonly link: ModelLink;
  /** Counts of what was wrong with answers. */
  readonly faults: Faults;
  /** Counts of what was done about it. */
  readonly repairs: Faults;
  /** Whose time counts. */
  readonly clock: Clock;
  /** The timers of the call. */
  readonly timers: Timers;
  /** Where repairs are told of. */
  readonly log: Log;
  /** Goes on with the second model. */
  readonly openSecondModel: () => void;
  /** Ends the call: the model does not answer. */
  readonly giveUp: (problem: string) => void;
}
