/**
 * A caller is put through to somebody: `POST /twilio/whisper/:agent/:destination` says what that one hears first, and
 * `POST /twilio/transfer-ended` brings the caller back if nobody answers.
 *
 * @module
 */

import type { CallRegistry } from "../lib/admission/call_registry.ts";
import type { Agents } from "../lib/agents/agent_store.ts";
import { partiesOf } from "../lib/call/leg.ts";
import type { Log } from "../lib/log.ts";
import type { CallSnapshot, FailedTransfer } from "../lib/records/call_snapshot.ts";
import { hangUp, putThrough, whisper } from "../lib/twilio/twiml.ts";
import { twimlResponse } from "./answers.ts";
import { RETRIES } from "./connect_document.ts";
import type { SignedForm } from "./guards/twilio_signature.ts";
import { readDialForm } from "./webhook_forms.ts";

/** What it takes to put callers through. */
export interface TransferDeps {
  /** The public origin, without a slash at its end. */
  readonly origin: string;
  /** Finds an agent by its name. */
  readonly agents: Pick<Agents, "get">;
  /** Where calls stand. */
  readonly calls: CallRegistry;
  /** What is needed to go on with them. */
  readonly snapshots: {
    latest(callSid: string): Promise<CallSnapshot | undefined>;
    save(snapshot: CallSnapshot): void;
  };
  /** Says what became of it. */
  readonly log: Log;
}

const E164 = /^\+[1-9]\d{6,14}$/;

/** The other side was reached, or the caller hung up meanwhile: there is nobody to come back to. */
const REACHED: ReadonlySet<string> = new Set(["completed", "answered", "canceled"]);

/** Dials whom the agent chose; nothing if that one is not in its file any more. */
export function transferDocument(
  snapshot: CallSnapshot,
  { origin, agents, log }: TransferDeps,
): string | undefined {
  const { transfer: name = "", record } = snapshot;
  const { agent, callSid } = record;
  const destinations = agents.get(agent)?.destinations ?? {};
  const destination = Object.hasOwn(destinations, name) ? destinations[name] : undefined;
  if (!destination) return undefined;
  const { ours } = partiesOf(record);
  const { number, ringSeconds, whisper: words } = destination;
  log.info("call-put-through", { callSid, destination: name });
  const path = [agent, name].map(encodeURIComponent).join("/");
  return putThrough({
    number,
    ringSeconds,
    callerId: E164.test(ours) ? ours : undefined,
    actionUrl: `${origin}/twilio/transfer-ended${RETRIES}`,
    whisperUrl: words === "" ? undefined : `${origin}/twilio/whisper/${path}`,
  });
}

/** What the one who is called hears first. */
export function answerWhisper(
  { agent, destination }: { agent: string; destination: string },
  { agents }: Pick<TransferDeps, "agents">,
): Response {
  const destinations = agents.get(agent)?.destinations ?? {};
  const found = Object.hasOwn(destinations, destination) ? destinations[destination] : undefined;
  return twimlResponse(whisper(found?.whisper ?? ""));
}

/**
 * Ends a call whose caller was put through, or has it go on with the agent, who knows why.
 *
 * @param goOn Answers with the way to a new stream
 * @throws {WebhookFormError} If the form has the wrong shape
 */
export async function answerTransferEnded(
  form: SignedForm,
  { calls, snapshots, log }: TransferDeps,
  goOn: () => Promise<Response>,
): Promise<Response> {
  const { CallSid: callSid, DialCallStatus: status } = readDialForm(form);
  log.info("transfer-ended", { callSid, status });
  const snapshot = await snapshots.latest(callSid);
  if (REACHED.has(status) || !snapshot) {
    await calls.ended(callSid);
    return twimlResponse(hangUp());
  }
  const { transfer, ...rest } = snapshot;
  // It may be asked twice.
  const destination = transfer ?? snapshot.failedTransfer?.destination ?? "";
  const reason = reasonOf(status);
  snapshots.save({ ...rest, isAnswerOpen: false, failedTransfer: { destination, reason } });
  return await goOn();
}

function reasonOf(status: string): FailedTransfer["reason"] {
  return status === "busy" || status === "no-answer" ? status : "failed";
}
