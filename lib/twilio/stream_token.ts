/**
 * The one-time token that travels in the TwiML and comes back in the stream's `start` message. It proves that the
 * stream belongs to a call whose webhook was signed, and carries what the webhook said of the call, so that any
 * instance with the same secret can serve it.
 *
 * A token is `claims.mac`: base64url of JSON, and of its HMAC-SHA256. It can be read by whoever holds it, but not made.
 * That it was used is known only to the instance that redeemed it; the short life limits the rest.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { z } from "zod";
import type { CallFacts } from "../call/leg.ts";
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import { sameText } from "./same_text.ts";

/** Why a token is worth nothing. */
export type TokenRefusal = "malformed" | "forged" | "expired" | "used" | "other-call";

type Claims = CallFacts & { readonly expiresEpochMs: number; readonly nonce: string };

const claimsSchema = z.object({
  callSid: z.string(),
  from: z.string(),
  to: z.string(),
  direction: z.enum(["inbound", "outbound"]),
  agent: z.string(),
  expiresEpochMs: z.number(),
  nonce: z.string(),
}) satisfies z.ZodType<Claims>;

/** Below the 500 of a TwiML parameter, with its name. */
const MAX_TOKEN_CHARACTERS = 480;
/** What a `from` or a `to` may take of it, in bytes of JSON: a number, or a SIP address of usual length. */
const MAX_PARTY_BYTES = 48;

const encoder = new TextEncoder();

/** Makes and redeems stream tokens. */
export class StreamTokens {
  readonly #key: Uint8Array;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #lifetimeMs: number;
  /** When each redeemed token would have expired, by nonce. */
  readonly #used = new Map<string, number>();

  /**
   * Makes tokens under one secret.
   *
   * @param options `secret` is the auth token, or anything else that only the instances know; `lifetimeMs` is the time
   * from the webhook's answer to the stream's `start`
   * @throws {RangeError} If the secret is empty
   */
  constructor(options: { secret: string; clock: Clock; ids: Ids; lifetimeMs?: number }) {
    if (options.secret === "") {
      throw new RangeError("Cannot sign stream tokens: the secret is empty");
    }
    this.#key = createHmac("sha256", options.secret).update("offhook stream token 1").digest();
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#lifetimeMs = options.lifetimeMs ?? 60_000;
  }

  /**
   * Makes a token for one stream.
   *
   * @param facts What is known of the call; over-long `from` and `to` are cut
   * @param accountSid Account whose webhook it answers; it is signed too, but does not travel
   * @returns Fewer than 480 characters, all of them letters, digits, `-`, `_` or `.`
   * @throws {RangeError} If the other facts are too long for that
   */
  issue(facts: CallFacts, accountSid: string): string {
    const claims: Claims = {
      callSid: facts.callSid,
      from: cut(facts.from),
      to: cut(facts.to),
      direction: facts.direction,
      agent: facts.agent,
      expiresEpochMs: this.#clock.epochMs() + this.#lifetimeMs,
      nonce: this.#ids.next(),
    };
    const body = base64Url(encoder.encode(JSON.stringify(claims)));
    const token = `${body}.${this.#mac(body, accountSid)}`;
    if (token.length >= MAX_TOKEN_CHARACTERS) {
      throw new RangeError("Cannot issue a stream token: the facts are too long");
    }
    return token;
  }

  /**
   * Takes a token back. Only success uses it up.
   *
   * @param token As it came
   * @param start What the stream that brings it says of itself
   * @returns The facts, once per token, or why not
   */
  redeem(
    token: string,
    start: { callSid: string; accountSid: string },
  ): { facts: CallFacts } | { refused: TokenRefusal } {
    const [body = "", mac = "", ...more] = token.split(".", 3);
    if (token.length >= MAX_TOKEN_CHARACTERS || body === "" || mac === "" || more.length > 0) {
      return { refused: "malformed" };
    }
    if (!sameText(this.#mac(body, start.accountSid), mac)) return { refused: "forged" };
    const { expiresEpochMs, nonce, ...facts } = readClaims(body);
    if (this.#clock.epochMs() >= expiresEpochMs) return { refused: "expired" };
    if (facts.callSid !== start.callSid) return { refused: "other-call" };
    this.#forgetExpired();
    if (this.#used.has(nonce)) return { refused: "used" };
    this.#used.set(nonce, expiresEpochMs);
    return { facts };
  }

  #mac(body: string, accountSid: string): string {
    const text = `${body}.${accountSid}`;
    return base64Url(createHmac("sha256", this.#key).update(text).digest());
  }

  #forgetExpired(): void {
    const nowMs = this.#clock.epochMs();
    for (const [nonce, expiresEpochMs] of this.#used) {
      if (nowMs >= expiresEpochMs) this.#used.delete(nonce);
    }
  }
}

/** The body is our own text: its MAC was right. */
function readClaims(body: string): Claims {
  const json = new TextDecoder().decode(Uint8Array.fromBase64(body, { alphabet: "base64url" }));
  return claimsSchema.parse(JSON.parse(json));
}

function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The longest beginning that takes no more than its share of the token; whole characters. */
function cut(party: string): string {
  let end = 0;
  let bytes = 0;
  for (const character of party) {
    bytes += encoder.encode(JSON.stringify(character)).length - 2;
    if (bytes > MAX_PARTY_BYTES) break;
    end += character.length;
  }
  return party.slice(0, end);
}
