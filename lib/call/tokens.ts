/**
 * What a call has cost so far.
 *
 * @module
 */

import type { CallRecord } from "../records/call_record.ts";
import type { PriceTable } from "../agents/agent_config.ts";
import type { TokenKinds, Usage } from "./model.ts";

/** No tokens yet. */
export const NO_TOKENS: CallRecord["tokens"] = { prompt: 0, response: 0, total: 0 };

/**
 * What a turn has cost, in US dollars. The service says of most tokens what they stand for; the others are taken for
 * sound, which is the dearer.
 */
export function costOf(usage: Usage, prices: PriceTable): number {
  const { promptTokens, responseTokens, promptKinds, responseKinds } = usage;
  const { thoughtTokens = 0, toolTokens = 0 } = usage;
  const read = costOfKinds(promptTokens, promptKinds, [prices.audioIn, prices.textIn]);
  const said = costOfKinds(responseTokens, responseKinds, [prices.audioOut, prices.textOut]);
  const beside = thoughtTokens * prices.textOut + toolTokens * prices.textIn;
  return (read + said + beside) / 1_000_000;
}

function costOfKinds(
  tokens: number,
  { audio, text }: TokenKinds = { audio: 0, text: 0 },
  [ofAudio, ofText]: readonly [number, number],
): number {
  const rest = Math.max(0, tokens - audio - text);
  return (audio + rest) * ofAudio + text * ofText;
}

/** The tokens so far and those of one more turn. */
export function addTokens(soFar: CallRecord["tokens"], usage: Usage): CallRecord["tokens"] {
  return {
    prompt: soFar.prompt + usage.promptTokens,
    response: soFar.response + usage.responseTokens,
    total: soFar.total + usage.totalTokens,
  };
}
