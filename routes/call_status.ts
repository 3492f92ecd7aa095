/**
 * `POST /twilio/status`: a call has changed its status; `POST /twilio/amd`: it is known who answered one.
 *
 * @module
 */

import type { CallRegistry } from "../lib/admission/call_registry.ts";
import type { SignedForm } from "./guards/twilio_signature.ts";
import { isFinal } from "../lib/twilio/call_status.ts";
import type { OutboundDesk } from "./outbound_desk.ts";
import { keepUnanswered, type UnansweredParts } from "./unanswered_calls.ts";
import { readCallStatusForm, readMachineDetectionForm } from "./webhook_forms.ts";

/**
 * Ends a call that the network says is over, in case its stream never said so. Reports may come doubled and out of
 * order; only final ones count, and they change nothing twice.
 *
 * @throws {WebhookFormError} If the form has the wrong shape
 */
export async function answerCallStatus(
  form: SignedForm,
  deps: UnansweredParts & { calls: CallRegistry; outbound?: OutboundDesk | undefined },
): Promise<Response> {
  const status = readCallStatusForm(form);
  const { CallSid, CallStatus } = status;
  deps.outbound?.progressed(CallSid, CallStatus);
  if (isFinal(CallStatus)) await deps.calls.ended(CallSid);
  await keepUnanswered(status, deps);
  return new Response(null, { status: 204 });
}

/**
 * `POST /twilio/amd`: the network has found out who answered a call that we placed.
 *
 * @throws {WebhookFormError} If the form has the wrong shape
 */
export function answerMachineDetection(
  form: SignedForm,
  outbound: OutboundDesk | undefined,
): Response {
  const { CallSid, AnsweredBy } = readMachineDetectionForm(form);
  outbound?.detected(CallSid, AnsweredBy);
  return new Response(null, { status: 204 });
}
