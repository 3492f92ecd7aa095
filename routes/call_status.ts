/**
 * `POST /twilio/status`: a call has changed its status.
 *
 * @module
 */

import type { CallRegistry } from "../lib/admission/call_registry.ts";
import type { SignedForm } from "./guards/twilio_signature.ts";
import { readCallStatusForm } from "./webhook_forms.ts";

/** A call in one of these is over for good (twilio.com/docs/voice/api/call-resource). */
const FINAL: ReadonlySet<string> = new Set([
  "completed",
  "busy",
  "failed",
  "no-answer",
  "canceled",
]);

/**
 * Ends a call that the network says is over, in case its stream never said so. Reports may come doubled and out of
 * order; only final ones count, and they change nothing twice.
 *
 * @throws {WebhookFormError} If the form has the wrong shape
 */
export async function answerCallStatus(
  form: SignedForm,
  calls: CallRegistry,
): Promise<Response> {
  const { CallSid, CallStatus } = readCallStatusForm(form);
  if (FINAL.has(CallStatus)) await calls.ended(CallSid);
  return new Response(null, { status: 204 });
}
