/**
 * Did Twilio send this request? It signs the URL and the form of every request with the account's auth token and puts
 * the result into `X-Twilio-Signature`.
 *
 * The URL is that of the one public origin, never one rebuilt from headers. It counts byte for byte, and so do the form
 * values; only the order of the parameters and exact repetitions do not. Names and values are signed without anything
 * between them: that `a=bc` and `ab=c` sign alike lies in Twilio's scheme.
 *
 * @see https://www.twilio.com/docs/usage/security#validating-requests
 * @module
 */

import { createHmac } from "node:crypto";
import { sameText } from "./same_text.ts";

/** Signature checks against one or more auth tokens (rotation). */
export class SignatureChecker {
  readonly #authTokens: readonly string[];
  readonly #requestBases: readonly string[];
  readonly #handshakeBases: readonly string[];

  /**
   * Checks requests to one origin.
   *
   * @param options `authTokens` in any order, empty ones are no token; `publicUrl` is the origin that Twilio calls,
   * `http` or `https`, as written in the console. A path in it is a prefix that a proxy takes off, so it is put before
   * every target; user name and password are left out, as Twilio does
   * @throws {RangeError} If `publicUrl` is anything else
   */
  constructor(options: { authTokens: readonly string[]; publicUrl: string }) {
    this.#authTokens = options.authTokens.filter((token) => token !== "");
    this.#requestBases = basesOf(options.publicUrl);
    this.#handshakeBases = this.#requestBases.map((base) => base.replace(/^http/i, "ws"));
  }

  /**
   * Checks a signed form POST, or a GET, which has no form.
   *
   * @param target Raw request target: path and query as they came
   * @param params Form entries, decoded and otherwise untouched, in any order
   * @param signature The header, `null` if it is missing
   */
  request(
    target: string,
    params: readonly (readonly [string, string])[],
    signature: string | null,
  ): boolean {
    const rest = withoutFragment(target) + joinParams(params);
    return this.#verify(this.#requestBases.map((base) => base + rest), signature);
  }

  /**
   * Checks a WebSocket handshake. Twilio signs the `wss` URL of the TwiML, in some cases with a slash put behind it.
   *
   * @param target Raw request target
   * @param signature The header, `null` if it is missing
   */
  handshake(target: string, signature: string | null): boolean {
    const path = withoutFragment(target).replace(/\/$/, "");
    const urls = this.#handshakeBases.flatMap((base) => [base + path, `${base}${path}/`]);
    return this.#verify(urls, signature);
  }

  #verify(candidates: readonly string[], signature: string | null): boolean {
    if (!signature) return false;
    return this.#authTokens.some((token) =>
      candidates.some((text) => sameText(sign(token, text), signature))
    );
  }
}

/**
 * The raw target of a request URL as a server gives it: whole, or the target alone. Nothing is normalised: `new URL()`
 * would turn `'` into `%27` and drop a bare `?`, and the signature with them.
 */
export function rawTarget(requestUrl: string): string {
  if (requestUrl.startsWith("/")) return requestUrl;
  const [, target = ""] = /^[^:]*:\/\/[^/?#]*(.*)$/s.exec(requestUrl) ?? [];
  return target.startsWith("/") ? target : `/${target}`;
}

/** The public URL without a port and with one: Twilio leaves it out for some requests and not for others. */
function basesOf(publicUrl: string): string[] {
  const parts = /^(https?):\/\/([^/?#\s]+)((?:\/[^?#\s]*)?)$/i.exec(publicUrl);
  if (!parts || !URL.canParse(publicUrl)) {
    throw new RangeError("Cannot check signatures: the public URL is not an http or https origin");
  }
  const [, scheme = "", authority = "", path = ""] = parts;
  const hostAndPort = authority.slice(authority.lastIndexOf("@") + 1);
  const host = hostAndPort.replace(/:\d*$/, "");
  const port = hostAndPort.slice(host.length + 1) || (/^https$/i.test(scheme) ? "443" : "80");
  const prefix = path.replace(/\/$/, "");
  return [`${scheme}://${host}${prefix}`, `${scheme}://${host}:${port}${prefix}`];
}

function withoutFragment(target: string): string {
  const end = target.indexOf("#");
  return end === -1 ? target : target.slice(0, end);
}

/** Names in code-unit order; of a repeated one the distinct values in order, each behind the name. */
function joinParams(params: readonly (readonly [string, string])[]): string {
  const valuesByName = new Map<string, Set<string>>();
  for (const [name, value] of params) {
    const values = valuesByName.get(name) ?? new Set();
    valuesByName.set(name, values.add(value));
  }
  let joined = "";
  for (const name of [...valuesByName.keys()].sort()) {
    for (const value of [...valuesByName.get(name) ?? []].sort()) joined += name + value;
  }
  return joined;
}

function sign(authToken: string, text: string): string {
  return createHmac("sha1", authToken).update(text, "utf8").digest("base64");
}
