/**
 * The one-time token that travels in the TwiML and comes back in the stream's `start` message. It proves that the
 * stream belongs to a call whose webhook was signed, and carries what the webhook said of the call, so that any
 * instance with the same secret can serve it.
 *
 * A token is `claims.mac`: base64url of JSON, and of its HMAC-SHA256. It can be read by whoever holds it, but not made.
 * Its term says which admission of the call it is for: the books of calls let each start once, on one instance.
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

/** Names are short where they can be: there are fewer than 480 characters for all. */
type Claims = CallFacts & {
  readonly term: number;
  /** Wall clock of whoever issued it, milliseconds. */
  readonly until: number;
  readonly id: string;
};

const claimsSchema = z.object({
  callSid: z.string(),
  from: z.string(),
  to: z.string(),
  direction: z.enum(["inbound", "outbound"]),
  agent: z.string(),
  term: z.number(),
  until: z.number(),
  id: z.string(),
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
  readonly #skewMs: number;
  /** Until when each token of this instance lives, by id and by the clock that never jumps. */
  readonly #issued = new Map<string, number>();
  /** Until when each redeemed token would have lived, by id and by the same clock. */
  readonly #used = new Map<string, number>();

  /**
   * Makes tokens under one secret.
   *
   * @param options `secret` is the auth token, or anything else that only the instances know; `lifetimeMs` is the time
   * from the webhook's answer to the stream's `start`; by `skewMs` the clock of another instance may differ (5 minutes)
   * @throws {RangeError} If the secret is empty
   */
  constructor(
    options: { secret: string; clock: Clock; ids: Ids; lifetimeMs?: number; skewMs?: number },
  ) {
    if (options.secret === "") {
      throw new RangeError("Cannot sign stream tokens: the secret is empty");
    }
    this.#key = createHmac("sha256", options.secret).update("offhook stream token 1").digest();
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#lifetimeMs = options.lifetimeMs ?? 60_000;
    this.#skewMs = options.skewMs ?? 300_000;
  }

  /**
   * Makes a token for one stream.
   *
   * @param facts What is known of the call; over-long `from` and `to` are cut
   * @param stream `term` is the admission that it is for; `accountSid`, whose webhook it answers, is signed too, but does
   * not travel
   * @returns Fewer than 480 characters, all of them letters, digits, `-`, `_` or `.`
   * @throws {RangeError} If the other facts are too long for that
   */
  issue(facts: CallFacts, { term, accountSid }: { term: number; accountSid: string }): string {
    const id = this.#ids.next();
    const claims: Claims = {
      callSid: facts.callSid,
      from: cut(facts.from),
      to: cut(facts.to),
      direction: facts.direction,
      agent: facts.agent,
      term,
      until: this.#clock.epochMs() + this.#lifetimeMs,
      id,
    };
    const body = base64Url(encoder.encode(JSON.stringify(claims)));
    const token = `${body}.${this.#mac(body, accountSid)}`;
    if (token.length >= MAX_TOKEN_CHARACTERS) {
      throw new RangeError("Cannot issue a stream token: the facts are too long");
    }
    this.#forgetExpired();
    this.#issued.set(id, this.#clock.nowMs() + this.#lifetimeMs);
    return token;
  }

  /**
   * Takes a token back. Only success uses it up.
   *
   * @param token As it came
   * @param start What the stream that brings it says of itself
   * @returns The facts and the term, once per token, or why not
   */
  redeem(
    token: string,
    start: { callSid: string; accountSid: string },
  ): { facts: CallFacts; term: number } | { refused: TokenRefusal } {
    const [body = "", mac = "", ...more] = token.split(".", 3);
    if (token.length >= MAX_TOKEN_CHARACTERS || body === "" || mac === "" || more.length > 0) {
      return { refused: "malformed" };
    }
    if (!sameText(this.#mac(body, start.accountSid), mac)) return { refused: "forged" };
    const { until, id, term, ...facts } = readClaims(body);
    const livesMs = this.#livesMs(id, until);
    if (livesMs <= 0) return { refused: "expired" };
    if (facts.callSid !== start.callSid) return { refused: "other-call" };
    this.#forgetExpired();
    if (this.#used.has(id)) return { refused: "used" };
    this.#used.set(id, this.#clock.nowMs() + livesMs);
    return { facts, term };
  }

  #mac(body: string, accountSid: string): string {
    const text = `${body}.${accountSid}`;
    return base64Url(createHmac("sha256", this.#key).update(text).digest());
  }

  /** How long a token still lives: to the millisecond if it is of this instance, whatever the wall clock does. */
  #livesMs(id: string, untilEpochMs: number): number {
    const untilMs = this.#issued.get(id);
    if (untilMs !== undefined) return untilMs - this.#clock.nowMs();
    return untilEpochMs + this.#skewMs - this.#clock.epochMs();
  }

  /** Own tokens are remembered for as long as others could take them for tokens of another instance. */
  #forgetExpired(): void {
    const nowMs = this.#clock.nowMs();
    for (const [id, untilMs] of this.#used) {
      if (nowMs >= untilMs) this.#used.delete(id);
    }
    for (const [id, untilMs] of this.#issued) {
      if (nowMs < untilMs + this.#skewMs) break;
      this.#issued.delete(id);
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
