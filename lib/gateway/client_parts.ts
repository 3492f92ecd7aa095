/**
 * What every conversation of a client is made of.
 *
 * @module
 */

import type { Vad } from "../../audio/vad.ts";
import type { OpenSeeingModel, Usage } from "../call/model.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Tool } from "../tools/tool.ts";
import type { Choice } from "./client_choice.ts";

/** What all conversations need. */
export interface ConversationParts {
  /** Opens the model that was chosen; variables of the agent are filled in. */
  readonly openModel: (choice: Choice, log: Log) => OpenSeeingModel;
  /** The tools of the agent that was chosen; `leave` is called when it ends the conversation. */
  readonly toolsFor: (choice: Choice, leave: () => void) => readonly Tool[];
  /** A turn has cost so much. */
  readonly used: (choice: Choice, usage: Usage) => void;
  /** A detector for one conversation. */
  readonly detector: () => Vad;
  /** Longest conversation. */
  readonly maxSeconds: number;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Where it is told of. */
  readonly log: Log;
}
