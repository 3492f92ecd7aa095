/**
 * `POST /twilio/stream-ended`: the stream of a call is closed and the caller is still on the line.
 *
 * @module
 */

import type { Agents } from "../lib/agents/agent_store.ts";
import type { CallRegistry } from "../lib/admission/call_registry.ts";
import type { CallFacts } from "../lib/call/leg.ts";
import { type CallEnding, type CallOutcome, MAY_GO_ON } from "../lib/call/outcome.ts";
import type { Log } from "../lib/log.ts";
import type { CallSnapshot } from "../lib/records/call_snapshot.ts";
import type { SnapshotStore } from "../lib/records/snapshot_store.ts";
import { askAgain, hangUp, sayGoodbye } from "../lib/twilio/twiml.ts";
import { twimlResponse } from "./answers.ts";
import {
  connectDocument,
  type ConnectDocumentDeps,
  factsOf,
  streamEndedUrl,
} from "./connect_document.ts";
import { farewell } from "./farewells.ts";
import type { SignedForm } from "./guards/twilio_signature.ts";
import { type TransferDeps, transferDocument } from "./transfer.ts";
import { readVoiceForm, type VoiceForm } from "./webhook_forms.ts";

/** What it takes to say how a call goes on after its stream. */
export interface StreamEndedDeps extends ConnectDocumentDeps {
  /** Knows how the call ended, and lets it in again. */
  readonly calls: CallRegistry;
  /** Knows what is needed to go on with it. */
  readonly snapshots: TransferDeps["snapshots"] & Pick<SnapshotStore, "isAway">;
  /** Finds agents. */
  readonly agents: Agents;
  /** Whether this server hands its calls over to others. */
  readonly isStopping: () => boolean;
  /** Begins to prepare for a call that was let in; does not throw. */
  readonly prepare: (facts: CallFacts, resumed: CallSnapshot | undefined) => void;
  /** Says what became of the call. */
  readonly log: Log;
}

/** After these nothing is left to say. */
const SETTLED: ReadonlySet<CallEnding> = new Set<CallEnding>([
  "agent-hung-up",
  "caller-hung-up",
  "console-hung-up",
  "time-limit-reached",
]);

/** Long enough for a load balancer to have found another server. */
const ASK_AGAIN_SECONDS = 1;
/** How often a caller waits for a store that does not answer. */
const MOST_AGAIN = 3;

/**
 * Hangs up after a call that came to its end. One that came apart goes on: a new stream on whichever instance is asked,
 * which may never have heard of the call. While the store that may know it does not answer, Twilio is told to ask again.
 * Any other caller hears an apology, and the fallback number takes over.
 *
 * @param query `again` says how often Twilio was told so; absent: never
 * @throws {WebhookFormError} If the form has the wrong shape
 */
export async function answerStreamEnded(
  form: SignedForm,
  deps: StreamEndedDeps,
  { again }: { readonly again?: string } = {},
): Promise<Response> {
  const voice = readVoiceForm(form);
  const { calls, snapshots, origin } = deps;
  const { CallSid: callSid } = voice;
  const outcome = await calls.streamEnded(callSid);
  if (outcome && SETTLED.has(outcome.ending)) return twimlResponse(hangUp());
  // Who asks what comes next has not hung up, and a lost line was not theirs.
  const isBroken = !outcome || MAY_GO_ON.has(outcome.ending);
  if (!isBroken) return await apologise(callSid, outcome, deps);
  const snapshot = await snapshots.latest(callSid);
  const document = transfer(snapshot, deps) ?? await goOn({ voice, snapshot }, deps);
  if (document) return twimlResponse(document);
  const times = Number(again ?? 0) + 1;
  const mayKnowLater = snapshots.isAway && times <= MOST_AGAIN;
  if (!mayKnowLater) return await apologise(callSid, outcome, deps);
  const url = streamEndedUrl(origin, times);
  return twimlResponse(askAgain(url, { afterSeconds: ASK_AGAIN_SECONDS }));
}

/** A caller who could not be put through goes on with the agent. */
export async function comeBack(form: SignedForm, deps: StreamEndedDeps): Promise<Response> {
  const voice = readVoiceForm(form);
  const snapshot = await deps.snapshots.latest(voice.CallSid);
  const document = await goOn({ voice, snapshot }, deps);
  return document ? twimlResponse(document) : await apologise(voice.CallSid, undefined, deps);
}

/** Twilio says that the stream is over: whatever is still known of it here is too. */
async function apologise(
  callSid: string,
  outcome: CallOutcome | undefined,
  { calls, fallbackNumber, log }: StreamEndedDeps,
): Promise<Response> {
  await calls.ended(callSid);
  log.warn("caller-owed-apology", { callSid, ending: outcome?.ending ?? "unknown" });
  return twimlResponse(sayGoodbye(farewell("failed", fallbackNumber)));
}

/** Has the caller put through, if that is what the stream was closed for. */
function transfer(snapshot: CallSnapshot | undefined, deps: StreamEndedDeps): string | undefined {
  return snapshot?.transfer === undefined ? undefined : transferDocument(snapshot, deps);
}

/** How a call goes on, from the beginning if it has hardly begun; nothing if it is not known. */
async function goOn(
  { voice, snapshot }: { voice: VoiceForm; snapshot: CallSnapshot | undefined },
  deps: StreamEndedDeps,
): Promise<string | undefined> {
  const { calls, log, origin, fallbackNumber } = deps;
  const { CallSid: callSid, AccountSid: accountSid } = voice;
  if (snapshot?.isLeaving) {
    await calls.ended(callSid);
    return hangUp();
  }
  if (snapshot && deps.isStopping()) {
    return askAgain(streamEndedUrl(origin), { afterSeconds: ASK_AGAIN_SECONDS });
  }
  const facts = {
    ...factsOf(voice, deps.agents),
    ...(snapshot ? { agent: snapshot.record.agent } : {}),
  };
  const admission = await calls.readmit(
    callSid,
    (term) => connectDocument(facts, { term, accountSid }, deps),
  );
  if (admission.type === "too-often") {
    log.warn("call-broke-too-often", { callSid });
    return sayGoodbye(farewell("too-often", fallbackNumber));
  }
  if (admission.type === "refused" && admission.phase === "unknown") return undefined;
  if (admission.type !== "admitted") return hangUp();
  log.info("call-goes-on", { callSid, term: admission.entry.term, isNew: !snapshot });
  deps.prepare(facts, snapshot);
  return admission.entry.document;
}
