/**
 * `POST /twilio/voice`: a call came in, or one that we placed was answered.
 *
 * @module
 */

import type { Admission } from "../lib/admission/books.ts";
import type { CallRegistry } from "../lib/admission/call_registry.ts";
import type { AgentConfig } from "../lib/agents/agent_config.ts";
import type { Agents } from "../lib/agents/agent_store.ts";
import type { CallFacts } from "../lib/call/leg.ts";
import type { Log } from "../lib/log.ts";
import { hangUp, rejectBusy, sayGoodbye } from "../lib/twilio/twiml.ts";
import { twimlResponse } from "./answers.ts";
import { connectDocument, type ConnectDocumentDeps, factsOf } from "./connect_document.ts";
import type { CallerObstacle, CallerRules } from "./caller_rules.ts";
import { farewell, type FullHouse, fullHouse } from "./farewells.ts";
import type { OutboundDesk } from "./outbound_desk.ts";
import type { SignedForm } from "./guards/twilio_signature.ts";
import { readVoiceForm } from "./webhook_forms.ts";

/** What it takes to let a call in. */
export interface VoiceWebhookDeps extends ConnectDocumentDeps {
  /** What becomes of a call for which there is no room. */
  readonly fullHouse: FullHouse;
  /** Finds agents. */
  readonly agents: Agents;
  /** Which calls there are. */
  readonly calls: CallRegistry;
  /** Judges callers, and what calls have cost. */
  readonly callerRules: Pick<CallerRules, "obstacle">;
  /** Why no new call is taken now, if none is. */
  readonly obstacle: () => "draining" | "overloaded" | undefined;
  /** Begins to prepare for a call that was let in; does not throw. */
  readonly prepare: (facts: CallFacts) => void;
  /** Whether it is known that an agent's model cannot be had at the moment. */
  readonly isModelDown: (agent: AgentConfig) => boolean;
  /** Knows the calls that we placed; absent where none can be. */
  readonly outbound?: OutboundDesk | undefined;
  /** What the URL says of a call that we placed. */
  readonly order?: string | undefined;
  /** Says what became of the call. */
  readonly log: Log;
}

/** These callers hear the busy tone, which costs nothing. */
const CALLERS: ReadonlySet<string> = new Set<CallerObstacle>([
  "caller-denied",
  "caller-not-allowed",
  "caller-too-often",
]);

/**
 * Answers a call with the way to its stream, or with a sentence if it cannot be served: never with silence. One CallSid
 * gets one token: a repeated request gets the same document while the stream may still come, and a hang-up after that,
 * from whichever instance is asked.
 *
 * @throws {WebhookFormError} If the form has the wrong shape
 */
export async function answerVoice(
  signedForm: SignedForm,
  deps: VoiceWebhookDeps,
): Promise<Response> {
  const form = readVoiceForm(signedForm);
  const facts = orderedFacts(factsOf(form, deps.agents), deps);
  const { callSid } = facts;
  const obstacle = await obstacleTo(facts, deps);
  const admission = await deps.calls.admit({
    callSid,
    caller: facts.direction === "outbound" ? facts.to : facts.from,
    isOpen: obstacle === undefined,
    document: (term) => connectDocument(facts, { term, accountSid: form.AccountSid }, deps),
  });
  if (admission.type === "admitted") return admitted(facts, admission, deps);
  if (admission.type !== "turned-away") return twimlResponse(hangUp());
  const reason = obstacle ?? admission.reason;
  deps.log.warn("call-turned-away", { callSid, reason });
  const isFailure = reason === "no-agent" || reason === "no-model";
  if (CALLERS.has(reason)) return twimlResponse(rejectBusy());
  if (!isFailure) return twimlResponse(fullHouse(deps));
  return twimlResponse(sayGoodbye(farewell("failed", deps.fallbackNumber)));
}

/** A call that we placed is for the agent that it was ordered for. */
function orderedFacts(facts: CallFacts, { outbound, order }: VoiceWebhookDeps): CallFacts {
  const ordered = order === undefined ? undefined : outbound?.answered(facts.callSid, order);
  return ordered ? { ...facts, agent: ordered.agent } : facts;
}

async function obstacleTo(
  facts: CallFacts,
  { agents, obstacle, isModelDown, callerRules }: VoiceWebhookDeps,
): Promise<CallerObstacle | "no-agent" | "draining" | "overloaded" | "no-model" | undefined> {
  const agent = agents.get(facts.agent);
  if (!agent) return "no-agent";
  const ours = obstacle() ?? (isModelDown(agent) ? "no-model" : undefined);
  return ours ?? await callerRules.obstacle(agent, facts);
}

function admitted(
  facts: CallFacts,
  { entry, isNew }: Extract<Admission, { type: "admitted" }>,
  { log, prepare }: VoiceWebhookDeps,
): Response {
  if (isNew) {
    const { callSid, agent, from, to } = facts;
    log.info("call-admitted", { callSid, agent, pii: { from, to } });
    prepare(facts);
  }
  return twimlResponse(entry.document ?? hangUp());
}
