/**
 * What a caller hears when no agent can talk to them.
 *
 * @module
 */

import type { Farewell } from "../lib/twilio/twiml.ts";

/** Why no agent can talk: there is no room for the call, or something failed. */
export type FarewellReason = "busy" | "failed";

const ALONE: Record<FarewellReason, string> = {
  busy: "All our lines are busy at the moment. Please call again a little later. Goodbye.",
  failed: "Sorry, something went wrong on our side. Please call again a little later. Goodbye.",
};
const HANDED_OVER: Record<FarewellReason, string> = {
  busy: "All our lines are busy at the moment. Please hold on, we will connect you.",
  failed: "Sorry, something went wrong on our side. Please hold on, we will connect you.",
};

/**
 * Words for a caller, and where the call goes after them.
 *
 * @param fallbackNumber Who takes calls that cannot be served, if anybody does
 */
export function farewell(reason: FarewellReason, fallbackNumber: string | undefined): Farewell {
  if (!fallbackNumber) return { sentence: ALONE[reason] };
  return { sentence: HANDED_OVER[reason], dial: fallbackNumber };
}
