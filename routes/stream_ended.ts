/**
 * `POST /twilio/stream-ended`: the stream of a call is closed and the caller is still on the line.
 *
 * @module
 */

import type { CallRegistry } from "../lib/call/call_registry.ts";
import type { CallEnding } from "../lib/call/outcome.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { hangUp, sayGoodbye } from "../lib/twilio/twiml.ts";
import { twimlResponse } from "./answers.ts";
import { farewell } from "./farewells.ts";
import type { SignedForm } from "./guards/twilio_signature.ts";
import { readStreamEndedForm } from "./webhook_forms.ts";

/** What it takes to say how a call goes on after its stream. */
export interface StreamEndedDeps {
  /** Who takes calls that cannot be served, if anybody does. */
  readonly fallbackNumber: string | undefined;
  /** Knows how the call ended. */
  readonly calls: CallRegistry;
  /** Bounds the wait for that. */
  readonly clock: Clock;
  /** Says that a caller was owed a word. */
  readonly log: Log;
}

/** A call whose stream has closed is about to end; longer than this is not waited for it. */
const ENDING_MS = 2_000;

/** After these nothing is left to say. A lost line is not among them: who asks what comes next has not lost it. */
const SETTLED: ReadonlySet<CallEnding> = new Set<CallEnding>([
  "agent-hung-up",
  "caller-hung-up",
  "time-limit-reached",
]);

/**
 * Hangs up after a call that came to its end. Any other caller hears an apology, and the fallback number takes over.
 *
 * @throws {WebhookFormError} If the form has the wrong shape
 */
export async function answerStreamEnded(
  form: SignedForm,
  { calls, clock, fallbackNumber, log }: StreamEndedDeps,
): Promise<Response> {
  const { CallSid: callSid } = readStreamEndedForm(form);
  const outcome = await within(calls.outcomeOf(callSid), { clock, ms: ENDING_MS });
  // Twilio says that the stream is over: whatever still runs of it on our side is too.
  calls.ended(callSid);
  if (outcome && SETTLED.has(outcome.ending)) return twimlResponse(hangUp());
  log.warn("caller-owed-apology", { callSid, ending: outcome?.ending ?? "unknown" });
  return twimlResponse(sayGoodbye(farewell("failed", fallbackNumber)));
}

/** What a promise gives, or nothing if it takes longer than `ms`. */
async function within<T>(
  promise: Promise<T>,
  { clock, ms }: { clock: Clock; ms: number },
): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = clock.at(clock.nowMs() + ms, () => late.resolve(undefined));
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    timer.cancel();
  }
}
