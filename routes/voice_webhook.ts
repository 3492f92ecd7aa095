/**
 * `POST /twilio/voice`: a call came in, or one that we placed was answered.
 *
 * @module
 */

import type { AgentConfig } from "../lib/agents/agent_config.ts";
import type { CallRegistry } from "../lib/call/call_registry.ts";
import type { Log } from "../lib/log.ts";
import type { StreamTokens } from "../lib/twilio/stream_token.ts";
import { connectStream, hangUp, sayGoodbye } from "../lib/twilio/twiml.ts";
import { twimlResponse } from "./answers.ts";
import { farewell } from "./farewells.ts";
import type { SignedForm } from "./guards/twilio_signature.ts";
import { readVoiceForm, type VoiceForm } from "./webhook_forms.ts";

/** What it takes to let a call in. */
export interface VoiceWebhookDeps {
  /** The public origin, without a slash at its end. */
  readonly origin: string;
  /** Who takes calls that cannot be served, if anybody does. */
  readonly fallbackNumber: string | undefined;
  /** How many calls there may be at once. */
  readonly maxCalls: number;
  /** Finds an agent by its name. */
  readonly agents: { get(name: string): AgentConfig | undefined };
  /** Which calls there are. */
  readonly calls: CallRegistry;
  /** Makes the stream's token. */
  readonly tokens: StreamTokens;
  /** Whether the server lets its calls end and takes no new ones. */
  readonly isDraining: () => boolean;
  /** Whether it is known that an agent's model cannot be had at the moment. */
  readonly isModelDown: (agent: AgentConfig) => boolean;
  /** Says what became of the call. */
  readonly log: Log;
}

const AGENT = "default";

/**
 * Answers a call with the way to its stream, or with a sentence if it cannot be served: never with silence. One CallSid
 * gets one token: a repeated request gets the same document while the stream may still come, and a hang-up after that.
 *
 * @throws {WebhookFormError} If the form has the wrong shape
 */
export function answerVoice(signedForm: SignedForm, deps: VoiceWebhookDeps): Response {
  const { calls, fallbackNumber, log } = deps;
  const form = readVoiceForm(signedForm);
  const callSid = form.CallSid;
  const standing = calls.standing(callSid);
  if (standing.phase === "admitted") return twimlResponse(standing.document);
  if (standing.phase !== "unknown") return twimlResponse(hangUp());

  const obstacle = obstacleTo(deps);
  if (obstacle) {
    log.warn("call-turned-away", { callSid, reason: obstacle });
    const reason = obstacle === "draining" || obstacle === "full" ? "busy" : "failed";
    return twimlResponse(sayGoodbye(farewell(reason, fallbackNumber)));
  }
  const document = connectDocument(form, deps);
  calls.admit(callSid, document);
  log.info("call-admitted", { callSid, agent: AGENT, pii: { from: form.From, to: form.To } });
  return twimlResponse(document);
}

function obstacleTo(
  deps: VoiceWebhookDeps,
): "draining" | "full" | "no-agent" | "no-model" | undefined {
  if (deps.isDraining()) return "draining";
  if (deps.calls.isFull(deps.maxCalls)) return "full";
  const agent = deps.agents.get(AGENT);
  if (!agent) return "no-agent";
  if (deps.isModelDown(agent)) return "no-model";
}

function connectDocument(form: VoiceForm, deps: VoiceWebhookDeps): string {
  const { origin, tokens, fallbackNumber } = deps;
  const token = tokens.issue({
    callSid: form.CallSid,
    from: form.From,
    to: form.To,
    direction: form.Direction.startsWith("outbound") ? "outbound" : "inbound",
    agent: AGENT,
  }, form.AccountSid);
  return connectStream({
    streamUrl: `${origin.replace(/^http/i, "ws")}/twilio/media`,
    actionUrl: `${origin}/twilio/stream-ended`,
    parameters: { token },
    otherwise: farewell("failed", fallbackNumber),
  });
}
