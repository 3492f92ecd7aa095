/**
 * Signs as Twilio does, written from its documentation alone: twilio.com/docs/usage/security.
 *
 * @module
 */

import { createHmac } from "node:crypto";

/** Auth token of the tests. */
export const AUTH_TOKEN = "0123456789abcdef0123456789abcdef";
/** Account of the tests. */
export const ACCOUNT_SID = "AC00000000000000000000000000000001";

/** Signature of a request to `url`; parameters once each. */
export function sign(
  url: string,
  params: Readonly<Record<string, string>> = {},
  authToken = AUTH_TOKEN,
): string {
  const names = Object.keys(params).sort();
  const text = url + names.map((name) => name + params[name]).join("");
  return createHmac("sha1", authToken).update(text, "utf8").digest("base64");
}
