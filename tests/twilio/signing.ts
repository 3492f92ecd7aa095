/**
 * What the tests of signatures share: checkers, and the vendor's package as the oracle.
 *
 * @module
 */

import twilio from "twilio/lib/webhooks/webhooks.js";
import { SignatureChecker } from "../../lib/twilio/signature.ts";

/** Form entries in order. */
export type Params = [string, string][];

/** The token of all vectors. */
export const AUTH_TOKEN = "12345";

/** A call as Twilio's own examples have it. */
export const CALL: Params = [
  ["CallSid", "CA1234567890ABCDE"],
  ["Caller", "+14158675309"],
  ["Digits", "1234"],
  ["From", "+14158675309"],
  ["To", "+18005551212"],
];

/** A checker of one origin. */
export function checkerFor(publicUrl: string, authTokens = [AUTH_TOKEN]): SignatureChecker {
  return new SignatureChecker({ authTokens, publicUrl });
}

/** What the vendor's package would sign. */
export function vendorSign(url: string, params: Params, authToken = AUTH_TOKEN): string {
  return twilio.getExpectedTwilioSignature(authToken, url, asObject(params));
}

/** Form entries as the vendor's package takes them. */
export function asObject(params: Params): Record<string, string[]> {
  const object: Record<string, string[]> = Object.create(null);
  for (const [name, value] of params) (object[name] ??= []).push(value);
  return object;
}
