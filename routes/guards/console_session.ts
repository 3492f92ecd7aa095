/**
 * Who has signed in to the console: a cookie that is made from the console token and never holds it.
 *
 * Its value is `expires.nonce.mac`. Whoever knows the token can check it, so any instance with the same settings can,
 * and none has to remember it. Another token ends every session.
 *
 * @module
 */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";
import type { Ids } from "../../lib/ids.ts";

/** How long a session lasts: a working day. */
const SESSION_MS = 12 * 3_600_000;
const COOKIE = "offhook_session";

/** Begins, knows and ends the sessions of one console token. */
export class ConsoleSessions {
  readonly #options: { clock: Clock; ids: Ids; isSecure: boolean };
  readonly #key: Uint8Array;

  /**
   * Knows the sessions of a token.
   *
   * @param options `isSecure`: people come by https alone, so that the cookie may not travel otherwise
   */
  constructor(options: { token: string; clock: Clock; ids: Ids; isSecure: boolean }) {
    const { token, ...rest } = options;
    this.#options = rest;
    this.#key = createHmac("sha256", token).update("offhook console session 1").digest();
  }

  /** A session begins now. @returns The value of `Set-Cookie` */
  begin(): string {
    const { clock, ids } = this.#options;
    const body = `${clock.epochMs() + SESSION_MS}.${ids.next()}`;
    return this.#cookie(`${body}.${this.#mac(body)}`, SESSION_MS / 1_000);
  }

  /** The browser forgets its session. @returns The value of `Set-Cookie` */
  end(): string {
    return this.#cookie("", 0);
  }

  /** Whether a request carries a session that was begun here and has not run out. */
  isOpen(headers: Headers): boolean {
    const [, expires = "", nonce = "", mac = ""] =
      /(?:^|;\s*)offhook_session=(\d{1,15})\.([0-9a-f]{32})\.([0-9a-f]{64})(?:;|$)/
        .exec(headers.get("cookie") ?? "") ?? [];
    if (!isSame(mac, this.#mac(`${expires}.${nonce}`))) return false;
    return this.#options.clock.epochMs() < Number(expires);
  }

  #cookie(value: string, maxAgeSeconds: number): string {
    const secure = this.#options.isSecure ? "; Secure" : "";
    return `${COOKIE}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
  }

  #mac(body: string): string {
    return createHmac("sha256", this.#key).update(body).digest("hex");
  }
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function isSame(text: string, other: string): boolean {
  return timingSafeEqual(digest(text), digest(other));
}

/** Equal lengths for a comparison in constant time. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
