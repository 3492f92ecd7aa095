/**
 * How Twilio finds out who answered a call, beside the call, and tells it.
 *
 * @see https://www.twilio.com/docs/voice/answering-machine-detection
 * @module
 */

import type { PhoneCall } from "./phone_call.ts";
import { RestError } from "./twilio_resources.ts";
import { sendWebhook } from "./twilio_webhook.ts";

/** Who answers, as Twilio says it where it need not wait for the end of a machine's greeting. */
export type AnsweredBy = "human" | "machine_start" | "fax" | "unknown";

/** What Twilio will find. */
export interface Detection {
  /** Who answers. */
  readonly answeredBy: AnsweredBy;
  /** How long it takes to know that, from the answer. */
  readonly afterMs: number;
}

const LONGEST_MS = 15_000;

/**
 * Where the result is wanted, if it is.
 *
 * @throws {RestError} If what is asked for makes no sense, or would keep the document waiting
 */
export function detectionUrl(form: URLSearchParams): string | undefined {
  const mode = form.get("MachineDetection");
  const url = form.get("AsyncAmdStatusCallback");
  if (mode === null) {
    if (url !== null) throw new RestError(400, 21234, "AsyncAmd without MachineDetection");
    return undefined;
  }
  if (mode !== "Enable") throw new RestError(400, 21234, `Invalid MachineDetection: ${mode}`);
  if (form.get("AsyncAmd") !== "true") {
    throw new RestError(400, 21234, "A stream that waits for the result is silent: set AsyncAmd");
  }
  if (url === null || !/^https?:/.test(url) || !URL.canParse(url)) {
    throw new RestError(400, 21262, "AsyncAmdStatusCallback is missing or no URL");
  }
  return url;
}

/** Tells `url` who answered, in good time and only if the call is still there. */
export function detectMachine(call: PhoneCall, url: string, detection: Detection): void {
  const { setup, callSid } = call;
  const { clock, accountSid, callee } = setup;
  if (callee?.then !== "in-progress") return;
  const giveUp = new AbortController();
  const { answeredBy, afterMs } = detection;
  const parameters = Object.entries({
    CallSid: callSid,
    AccountSid: accountSid,
    AnsweredBy: answeredBy,
    MachineDetectionDuration: String(afterMs),
  });
  const timer = clock.at(clock.nowMs() + callee.ringMs + afterMs, () => {
    const request = { method: "POST", url, parameters } as const;
    sendWebhook(request, { ...setup, signal: giveUp.signal, longestMs: LONGEST_MS });
  });
  call.ended.then(() => timer.cancel());
}
