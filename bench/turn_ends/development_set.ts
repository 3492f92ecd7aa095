/**
 * The development set of the end of turn.
 *
 * @module
 */

import { findTalkers } from "../prompt_packages.ts";
import { makeTurnCalls, type TurnCall } from "./calls.ts";

const SEED = "turn-ends-dev-1";

/** Makes it; nothing where the prompts are missing. */
export function makeDevelopmentSet(): TurnCall[] | undefined {
  const callers = findTalkers(["asterisk-core-sounds-en-wav", "asterisk-core-sounds-es-wav"]);
  const others = callers && findTalkers(["asterisk-prompt-it-menardi-wav"]);
  return others && makeTurnCalls({ seed: SEED, callers, others });
}
