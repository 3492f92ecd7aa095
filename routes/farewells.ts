/**
 * What a caller hears when no agent can talk to them.
 *
 * @module
 */

import { type Farewell, rejectBusy, sayGoodbye } from "../lib/twilio/twiml.ts";

/** What becomes of a call for which there is no room: words, another number after them, or the busy tone. */
export type FullHouse = "say" | "dial" | "reject";

/** Why no agent can talk: there is no room for the call, something failed, or the line breaks again and again. */
export type FarewellReason = "busy" | "failed" | "too-often";

const ALONE: Record<FarewellReason, string> = {
  busy: "All our lines are busy at the moment. Please call again a little later. Goodbye.",
  failed: "Sorry, something went wrong on our side. Please call again a little later. Goodbye.",
  "too-often":
    "Sorry, the line keeps breaking on our side. Please call again a little later. Goodbye.",
};
const HANDED_OVER: Record<FarewellReason, string> = {
  busy: "All our lines are busy at the moment. Please hold on, we will connect you.",
  failed: "Sorry, something went wrong on our side. Please hold on, we will connect you.",
  "too-often": "Sorry, the line keeps breaking on our side. Please hold on, we will connect you.",
};

/**
 * What a call gets for which there is no room.
 *
 * @returns A TwiML document
 */
export function fullHouse(
  { fullHouse, fallbackNumber }: { fullHouse: FullHouse; fallbackNumber: string | undefined },
): string {
  if (fullHouse === "reject") return rejectBusy();
  return sayGoodbye(farewell("busy", fullHouse === "dial" ? fallbackNumber : undefined));
}

/**
 * Words for a caller, and where the call goes after them.
 *
 * @param fallbackNumber Who takes calls that cannot be served, if anybody does
 */
export function farewell(reason: FarewellReason, fallbackNumber: string | undefined): Farewell {
  if (!fallbackNumber) return { sentence: ALONE[reason] };
  return { sentence: HANDED_OVER[reason], dial: fallbackNumber };
}
