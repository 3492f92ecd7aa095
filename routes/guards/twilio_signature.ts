/**
 * Lets only Twilio's own requests through. The signed URL is made from the public origin and the raw request target, so
 * no header can bend it.
 *
 * @module
 */

import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { SignatureChecker } from "../../lib/twilio/signature.ts";
import { type ErrorAnswer, errorResponse } from "../answers.ts";
import { verifyIsHandshake } from "./handshake.ts";
import { readBody } from "./request_body.ts";

/** Names and values of a verified form, in the order in which they came. */
export type SignedForm = readonly (readonly [string, string])[];

const MAX_BYTES = 65_536;
const DEADLINE_MS = 5_000;
const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;
/** 20 bytes in base64. */
const SIGNATURE = /^[A-Za-z0-9+/]{27}=$/;

const FORBIDDEN: ErrorAnswer = {
  status: 403,
  code: "signature-invalid",
  message: "Cannot accept request: it is not signed by the configured Twilio account",
};
const NOT_A_FORM: ErrorAnswer = {
  status: 415,
  code: "form-expected",
  message: "Cannot read request: the body is not application/x-www-form-urlencoded",
};
const UNREAD: Record<"too-large" | "too-slow", ErrorAnswer> = {
  "too-large": {
    status: 413,
    code: "body-too-large",
    message: "Cannot read request: the body is larger than 64 KiB",
  },
  "too-slow": {
    status: 408,
    code: "body-too-slow",
    message: "Cannot read request: the body took longer than 5 s",
  },
};

/**
 * Verifies a form post, cheapest test first: the body is read only if a signature came with it.
 *
 * @param options `target` is the raw request target; `accountSid`, where set, is the only account that is let in
 * @returns The form, or the answer that refuses it
 */
export async function verifyForm(
  request: Request,
  options: {
    target: string;
    checker: SignatureChecker;
    accountSid: string | undefined;
    clock: Clock;
    log: Log;
  },
): Promise<{ form: SignedForm } | { refusal: Response }> {
  const { target, checker, accountSid, clock, log } = options;
  const signature = signatureOf(request);
  if (!signature) return { refusal: errorResponse(FORBIDDEN) };
  const contentType = request.headers.get("content-type") ?? "";
  if (!FORM.test(contentType)) return { refusal: errorResponse(NOT_A_FORM) };

  const body = await readBody(request, { clock, maxBytes: MAX_BYTES, deadlineMs: DEADLINE_MS });
  if ("refused" in body) return { refusal: errorResponse(UNREAD[body.refused]) };

  const form = [...new URLSearchParams(body.text)];
  if (!checker.request(target, form, signature)) {
    log.warn("twilio-signature-wrong", { target });
    return { refusal: errorResponse(FORBIDDEN) };
  }
  if (accountSid && new Map(form).get("AccountSid") !== accountSid) {
    log.warn("twilio-account-wrong", { target });
    return { refusal: errorResponse(FORBIDDEN) };
  }
  return { form };
}

/**
 * Verifies a WebSocket handshake, and that it is one, before anything is upgraded.
 *
 * @param options `target` is the raw request target
 * @returns The answer that refuses it, or nothing
 */
export function verifyHandshake(
  request: Request,
  { target, checker, log }: { target: string; checker: SignatureChecker; log: Log },
): Response | undefined {
  const signature = signatureOf(request);
  if (!signature) return errorResponse(FORBIDDEN);
  if (!checker.handshake(target, signature)) {
    log.warn("twilio-signature-wrong", { target });
    return errorResponse(FORBIDDEN);
  }
  return verifyIsHandshake(request);
}

/** The signature, if it has the form of one. */
function signatureOf(request: Request): string | undefined {
  const header = request.headers.get("x-twilio-signature") ?? "";
  return SIGNATURE.test(header) ? header : undefined;
}
