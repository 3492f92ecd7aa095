/**
 * What a call is for that we place: it travels in the URL of the call's webhook, signed, so that whichever instance is asked
 * can serve it, also when the webhook comes before Twilio has told us the call's name.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { sameText } from "./same_text.ts";

/** What a call is for. */
export interface CallOrder {
  /** Names the order, so that it can be told apart from others. */
  readonly id: string;
  /** Who calls: name of an agent. */
  readonly agent: string;
  /** Who is called, E.164. */
  readonly to: string;
  /** What the agent should know of the call, by name. */
  readonly variables: Readonly<Record<string, string>>;
}

const claims = z.object({
  id: z.string(),
  agent: z.string(),
  to: z.string(),
  variables: z.record(z.string(), z.string()),
  until: z.number(),
});

/** Ringing takes ten minutes at most. */
const LIFETIME_MS = 15 * 60_000;

/** Signs and reads orders. */
export class CallOrders {
  readonly #key: Uint8Array;
  readonly #clock: Clock;

  /**
   * Works under one secret.
   *
   * @throws {RangeError} If the secret is empty
   */
  constructor({ secret, clock }: { secret: string; clock: Clock }) {
    if (secret === "") throw new RangeError("Cannot sign orders: the secret is empty");
    this.#key = createHmac("sha256", secret).update("offhook call order 1").digest();
    this.#clock = clock;
  }

  /** The order as it travels: letters, digits, `-`, `_` and `.`. */
  sign(order: CallOrder): string {
    const until = this.#clock.epochMs() + LIFETIME_MS;
    const text = JSON.stringify({ ...order, until });
    const body = new TextEncoder().encode(text).toBase64(URL_SAFE);
    return `${body}.${this.#mac(body)}`;
  }

  /** The order, unless it is not ours or too old. */
  read(signed: string): CallOrder | undefined {
    const [body = "", mac = ""] = signed.split(".");
    if (!sameText(this.#mac(body), mac)) return undefined;
    const text = new TextDecoder().decode(Uint8Array.fromBase64(body, URL_SAFE));
    const { until, ...order } = claims.parse(JSON.parse(text));
    return this.#clock.epochMs() < until ? order : undefined;
  }

  #mac(body: string): string {
    return createHmac("sha256", this.#key).update(body).digest().toBase64(URL_SAFE);
  }
}

const URL_SAFE = { alphabet: "base64url", omitPadding: true } as const;
