/**
 * Asks a service over HTTPS, and nothing but what it was pointed at: the address is looked up once, judged, and then
 * connected to as it was judged, so that a name that changes its mind leads nowhere. No redirect is followed, and an
 * answer has a largest size.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { Agent, request } from "undici";
import { isPublicAddress } from "./public_address.ts";

/** A request that will not be made, or an answer that will not be taken. */
export class HttpRefusedError extends Error {
  /** Tells it from other errors. */
  override name = "HttpRefusedError";
}

/** What is asked. */
export interface HttpRequest {
  /** Where. */
  readonly url: URL;
  /** How. */
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Beside the usual ones. */
  readonly headers: Readonly<Record<string, string>>;
  /** What is sent. */
  readonly body: string | undefined;
}

/** What was answered. */
export interface HttpAnswer {
  /** HTTP status. */
  readonly status: number;
  /** The body as text. */
  readonly text: string;
}

/** What a client may reach. The usual one reaches the public internet over HTTPS. */
export interface HttpReach {
  /** Whether it may connect to an IP address. */
  readonly isAllowed: (address: string) => boolean;
  /** Addresses of a name. */
  readonly resolve: (hostname: string) => Promise<readonly { address: string; family: number }[]>;
  /** Certificates that are trusted in place of the usual ones. */
  readonly ca?: string;
}

const PUBLIC_INTERNET: HttpReach = {
  isAllowed: isPublicAddress,
  resolve: (hostname) => lookup(hostname, { all: true }),
};

const LARGEST_ANSWER_BYTES = 256 * 1024;

/** A client of its own; whoever has it closes it. */
export class HttpClient implements AsyncDisposable {
  readonly #reach: HttpReach;
  readonly #agent: Agent;

  /**
   * Connects to nothing yet.
   *
   * @param reach What it may reach; the public internet unless given
   */
  constructor(reach: HttpReach = PUBLIC_INTERNET) {
    this.#reach = reach;
    this.#agent = new Agent({
      // Time is bounded by the signal of each request.
      connect: {
        timeout: 0,
        lookup: lookupWithin(reach),
        ...(reach.ca === undefined ? {} : { ca: reach.ca }),
      },
      headersTimeout: 0,
      bodyTimeout: 0,
      // A connection for each request: an address is judged each time.
      pipelining: 0,
      maxResponseSize: LARGEST_ANSWER_BYTES,
    });
  }

  /**
   * Asks once.
   *
   * @param signal Gives it up
   * @throws {HttpRefusedError} If the address may not be reached, or the answer is a redirect
   * @throws {Error} If the service cannot be reached, or its answer is too large
   */
  async ask(asked: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { url, method, headers, body } = asked;
    checkUrl(url, this.#reach);
    const { statusCode, body: answer } = await request(url, {
      dispatcher: this.#agent,
      method,
      headers: { ...headers },
      body: body ?? null,
      signal,
    });
    if (statusCode >= 300 && statusCode < 400) {
      await answer.dump();
      throw new HttpRefusedError("Cannot ask service: it answers with a redirect");
    }
    return { status: statusCode, text: await answer.text() };
  }

  /** Gives up whatever is under way. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** An address in place of a name is never looked up, so it is judged here. */
function checkUrl(url: URL, { isAllowed }: HttpReach): void {
  if (url.protocol !== "https:") throw new HttpRefusedError("Cannot ask service: expected https");
  if (url.username !== "" || url.password !== "") {
    throw new HttpRefusedError("Cannot ask service: expected no credentials in its address");
  }
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(hostname) !== 0 && !isAllowed(hostname)) throw notAllowed();
}

/** Every address of a name must be allowed: which of them is connected to is not ours to choose. */
function lookupWithin({ isAllowed, resolve }: HttpReach): LookupFunction {
  return (hostname, options, give) => {
    resolve(hostname).then((addresses) => {
      const [first] = addresses;
      if (!first) throw new Error("Cannot ask service: its name has no address");
      if (!addresses.every(({ address }) => isAllowed(address))) throw notAllowed();
      if (options.all) give(null, [...addresses]);
      else give(null, first.address, first.family);
    }).catch((error) => give(error, []));
  };
}

function notAllowed(): HttpRefusedError {
  return new HttpRefusedError("Cannot ask service: its address is not of the public internet");
}
