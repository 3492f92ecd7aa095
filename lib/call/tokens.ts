/**
 * What a call has cost so far.
 *
 * @module
 */

import type { CallRecord } from "../records/call_record.ts";
import type { Usage } from "./model.ts";

/** No tokens yet. */
export const NO_TOKENS: CallRecord["tokens"] = { prompt: 0, response: 0, total: 0 };

/** The tokens so far and those of one more turn. */
export function addTokens(soFar: CallRecord["tokens"], usage: Usage): CallRecord["tokens"] {
  return {
    prompt: soFar.prompt + usage.promptTokens,
    response: soFar.response + usage.responseTokens,
    total: soFar.total + usage.totalTokens,
  };
}
