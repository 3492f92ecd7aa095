/**
 * What functions gave, as a model takes it.
 *
 * @module
 */

import { modelFamily } from "../agents/model_family.ts";
import type { FunctionAnswer } from "../call/model.ts";
import type { FunctionResult } from "./live_content.ts";

const SCHEDULINGS = {
  "when-idle": "WHEN_IDLE",
  silent: "SILENT",
  interrupt: "INTERRUPT",
} as const;

/** Answers in the words of the API; a model that refuses to be told when is not told. */
export function resultsOf(answers: readonly FunctionAnswer[], model: string): FunctionResult[] {
  const { takesScheduling } = modelFamily(model);
  return answers.map(({ id, name, response, scheduling }) => ({
    id,
    name,
    response: { ...response },
    ...(takesScheduling && scheduling ? { scheduling: SCHEDULINGS[scheduling] } : {}),
  }));
}
