/**
 * The bundled recordings, as steps of a caller and as answers of a model.
 *
 * @module
 */

import { MODEL_INPUT_HZ } from "../../audio/rates.ts";
import { type CallerStep, listenUntilAgentDone, say } from "../../emulators/caller_script.ts";
import type { Answer } from "../../emulators/model_script.ts";
import {
  agentLine,
  type AgentLineName,
  callerLine,
  type CallerLineName,
} from "../../emulators/speech.ts";

/** The caller says a line. */
export function says(name: CallerLineName): CallerStep {
  const { pcm16k, text } = callerLine(name);
  return say(pcm16k, { text, hz: MODEL_INPUT_HZ });
}

/** The caller hears the agent out; the pauses of the recordings are shorter than this takes for the end. */
export const hearsOut: CallerStep = listenUntilAgentDone({ silenceMs: 400, timeoutMs: 10_000 });

/** The model answers with lines, turn by turn. */
export function spoken(...names: readonly AgentLineName[]): Answer[] {
  return names.map((name) => {
    const { text, pcm24k } = agentLine(name);
    return { text, pcm: pcm24k };
  });
}
