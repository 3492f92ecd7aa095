/**
 * The document that sends a call to its stream, the first time and whenever it comes back.
 *
 * @module
 */

import type { Agents } from "../lib/agents/agent_store.ts";
import type { CallFacts } from "../lib/call/leg.ts";
import type { StreamTokens } from "../lib/twilio/stream_token.ts";
import { connectStream } from "../lib/twilio/twiml.ts";
import { farewell } from "./farewells.ts";
import type { VoiceForm } from "./webhook_forms.ts";

/** What it takes to make one. */
export interface ConnectDocumentDeps {
  /** The public origin, without a slash at its end. */
  readonly origin: string;
  /** Who takes calls that cannot be served, if anybody does. */
  readonly fallbackNumber: string | undefined;
  /** Makes the stream's token. */
  readonly tokens: StreamTokens;
}

/**
 * How often Twilio asks again how a call goes on: five times, whenever no good answer came. It reads this
 * off the URL and sends and signs the URL without it. Another instance may answer.
 *
 * @see https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
export const RETRIES = "#rc=5&rp=all&ct=2000&rt=5000";

/**
 * Where Twilio asks how a call goes on after its stream.
 *
 * @param again How often it was told to ask again; 0 unless given
 */
export function streamEndedUrl(origin: string, again = 0): string {
  return `${origin}/twilio/stream-ended${again > 0 ? `?again=${again}` : ""}${RETRIES}`;
}

/** What a webhook says of its call; the agent is that of our own number. */
export function factsOf(
  { CallSid, From, To, Direction }: VoiceForm,
  agents: Pick<Agents, "forNumber">,
): CallFacts {
  const isOutbound = Direction.startsWith("outbound");
  return {
    callSid: CallSid,
    from: From,
    to: To,
    direction: isOutbound ? "outbound" : "inbound",
    agent: agents.forNumber(isOutbound ? From : To)?.name ?? "default",
  };
}

/**
 * Makes the document.
 *
 * @param stream `term` is the admission that it is for, `accountSid` whose webhook it answers
 */
export function connectDocument(
  facts: CallFacts,
  stream: { term: number; accountSid: string },
  { origin, tokens, fallbackNumber }: ConnectDocumentDeps,
): string {
  return connectStream({
    streamUrl: `${origin.replace(/^http/i, "ws")}/twilio/media`,
    actionUrl: streamEndedUrl(origin),
    parameters: { token: tokens.issue(facts, stream) },
    otherwise: farewell("failed", fallbackNumber),
  });
}
