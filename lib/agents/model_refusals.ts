/**
 * What a model refuses of an agent, or would close the connection for: told when the file is read, not on the first call.
 *
 * @module
 */

import type { AgentConfig } from "./agent_config.ts";
import { type ModelFamily, modelFamily } from "./model_family.ts";

/** Ids that cannot answer a telephone. */
const NO_VOICES: readonly (readonly [RegExp, string])[] = [
  [
    /^gemini-(live-2\.5-flash-preview|2\.0-flash-live-001|2\.0-flash-exp|2\.5-flash)$/,
    "was shut down or is not a Live model; expected one such as gemini-3.8-live",
  ],
  [/-transcribe-live/, "cannot speak; expected one such as gemini-3.8-live"],
  [/-live-translate/, "translates and does not answer; expected one such as gemini-3.8-live"],
  [/^gemini-robotics-/, "is not made for voice; expected one such as gemini-3.8-live"],
];

/** Ids that can answer a telephone, and had better not. */
const POOR_CHOICES: readonly (readonly [RegExp, string])[] = [
  [/^gemini-3\.8-live-extended-thinking/, "thinks for long; it is not made for telephone calls"],
  [/^gemini-2\.5-flash-native-audio/, "is deprecated, and not to be had with every key"],
  [/^gemini-(live-2\.5-flash$|live-2\.5-flash-preview-|2\.0-flash-live-)/, "is out of date"],
];

/** What is allowed of a model and yet looks like a mistake, a line each. */
export function modelOddities(
  model: string | undefined,
  field: "model" | "fallbackModel" = "model",
): string[] {
  const id = model?.replace(/^.*\//, "") ?? "";
  return POOR_CHOICES.filter(([pattern]) => pattern.test(id))
    .map(([, why]) => `${field}: ${id} ${why}`);
}

/**
 * What a model refuses of an agent, a line each.
 *
 * @param model Id of the model that the agent will have; absent: nothing is known of it
 * @param field Where it is named
 */
export function modelRefusals(
  agent: AgentConfig,
  model: string | undefined,
  field: "model" | "fallbackModel" = "model",
): string[] {
  if (model === undefined) return [];
  const id = model.replace(/^.*\//, "");
  const family = modelFamily(id);
  const voiceless = NO_VOICES.filter(([pattern]) => pattern.test(id))
    .map(([, why]) => `${field}: ${id} ${why}`);
  if (voiceless.length > 0) return voiceless;
  // The one that goes on in need is told no more than it takes.
  const tools = field === "model" ? ofTools(agent, family) : [];
  return [...ofSpeech(agent, family), ...tools]
    .map(([where, why]) => `${where}: ${id} ${why}`);
}

type Refusal = readonly [field: string, why: string];

function ofSpeech({ language, generation }: AgentConfig, family: ModelFamily): Refusal[] {
  const refusals: Refusal[] = [];
  const { thinking, proactive } = generation;
  if (language !== undefined && family.refusesLanguage) {
    refusals.push(["language", "refuses a language; name it in the instructions instead"]);
  }
  const wanted = thinking?.budget === undefined ? "level" : "budget";
  if (thinking && family.thinking !== wanted) {
    const instead = family.thinking === "none" ? "nothing" : family.thinking;
    refusals.push([`generation.thinking.${wanted}`, `refuses it; expected ${instead}`]);
  } else if (thinking?.level !== undefined && family.refusedLevels.includes(thinking.level)) {
    refusals.push(["generation.thinking.level", "refuses it; expected low, medium or high"]);
  }
  if (proactive === false && family.proactivity === "always") {
    refusals.push(["generation.proactive", "is so always; expected true, or nothing"]);
  }
  if (proactive !== undefined && family.proactivity === "none") {
    refusals.push(["generation.proactive", "does not know it; expected nothing"]);
  }
  return refusals;
}

function ofTools({ tools }: AgentConfig, family: ModelFamily): Refusal[] {
  return tools.flatMap(({ blocking, scheduling }, index) => {
    const refusals: Refusal[] = [];
    if (blocking === false && family.tools === "blocking") {
      refusals.push([`tools.${index}.blocking`, "waits for every tool; expected true, or nothing"]);
    }
    if (blocking === true && family.tools === "non-blocking") {
      refusals.push([`tools.${index}.blocking`, "waits for no tool; expected false, or nothing"]);
    }
    if (scheduling !== undefined && !family.takesScheduling) {
      refusals.push([`tools.${index}.scheduling`, "refuses it; expected nothing"]);
    }
    return refusals;
  });
}
