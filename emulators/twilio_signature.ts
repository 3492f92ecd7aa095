/**
 * How Twilio signs what it sends, from its security pages: the caller's half, made for the emulator alone.
 *
 * @module
 */

import { createHmac } from "node:crypto";

/** Form parameters in any order; a name may stand more than once. */
export type FormParameters = Iterable<readonly [name: string, value: string]>;

/**
 * The value of `X-Twilio-Signature`: HMAC-SHA1 in base64 over the URL as written and, for a form, each name with its
 * values, names in the order of their code units, the distinct values of a name sorted.
 *
 * @param authToken Primary token of the account
 * @param request `url` without its fragment, byte for byte; `parameters` of a form POST and of nothing else
 * @returns 28 characters
 */
export function signTwilioRequest(
  authToken: string,
  request: { url: string; parameters?: FormParameters },
): string {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of request.parameters ?? []) {
    values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  let signed = request.url;
  for (const name of [...values.keys()].sort()) {
    for (const value of [...values.get(name) ?? []].sort()) signed += name + value;
  }
  return createHmac("sha1", authToken).update(signed, "utf8").digest("base64");
}
