/**
 * How Twilio asks a server and how it takes the answer.
 *
 * @module
 */

import type { Clock } from "../lib/clock.ts";
import { signTwilioRequest } from "./twilio_signature.ts";
import type { Failure } from "./webhook_retries.ts";
import { parseTwiml, schemaProblems, type TwimlElement, TwimlError } from "./twiml_document.ts";

/** An account on the emulated Twilio. */
export interface Account {
  /** Whose time everything is measured in. */
  readonly clock: Clock;
  /** Name of the account. */
  readonly accountSid: string;
  /** Signs every request. */
  readonly authToken: string;
  /** Where a URL is really found; signatures are over the URL as written. */
  readonly address: (url: string) => string;
  /** Sends the requests; the runtime's own unless given, which keeps connections for later. */
  readonly client?: Deno.HttpClient;
}

/** A request to a server. */
export interface WebhookRequest {
  /** How to ask. */
  readonly method: "GET" | "POST";
  /** Signed as it stands, but for its fragment. */
  readonly url: string;
  /** What to say; in the form, or behind the query. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** What came back. */
export interface WebhookAnswer {
  /** HTTP status. */
  readonly status: number;
  /** Without its parameters, in lower case; empty if there was none. */
  readonly contentType: string;
  /** All of it. */
  readonly body: Uint8Array;
}

/** What Twilio makes of an answer. */
export type Instructions =
  | { type: "verbs"; verbs: readonly TwimlElement[]; problems: readonly string[] }
  | { type: "spoken"; by: "Play" | "text/plain"; text: string; ms: number }
  | { type: "refused"; code: number; text: string };

/** How long a voice takes, roughly. */
export const SPEECH_MS_PER_CHARACTER = 65;
/** How long every sound file is taken to be: none is fetched. */
export const PLAY_MS = 2_000;

const LARGEST_DOCUMENT_BYTES = 65_536;
const TWIML_TYPES = ["text/xml", "application/xml", "text/html"];

/**
 * Sends a request, signed, and waits for the whole answer.
 *
 * @param request What to send
 * @param options `signal` ends the wait, `longestMs` bounds it
 * @returns The answer, or why there is none
 */
export async function sendWebhook(
  { method, url: written, parameters }: WebhookRequest,
  options: Account & { signal: AbortSignal; longestMs: number },
): Promise<WebhookAnswer | { failed: string; failure: Failure }> {
  const { clock, authToken, longestMs } = options;
  const form = new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString();
  const base = written.replace(/#.*$/s, "");
  const url = method === "GET" ? `${base}${base.includes("?") ? "&" : "?"}${form}` : base;
  const signature = signTwilioRequest(
    authToken,
    method === "GET" ? { url } : { url, parameters },
  );
  const tooLong = new AbortController();
  const timer = clock.at(clock.nowMs() + longestMs, () => tooLong.abort());
  try {
    const response = await fetch(options.address(url), {
      method,
      redirect: "manual",
      ...(options.client ? { client: options.client } : {}),
      signal: AbortSignal.any([options.signal, tooLong.signal]),
      headers: {
        "user-agent": "TwilioProxy/1.1",
        accept: "*/*",
        "x-twilio-signature": signature,
        "i-twilio-idempotency-token": crypto.randomUUID(),
        ...(method === "POST"
          ? { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" }
          : {}),
      },
      ...(method === "POST" ? { body: form } : {}),
    });
    const contentType = response.headers.get("content-type") ?? "";
    return {
      status: response.status,
      contentType: (contentType.split(";")[0] ?? "").trim().toLowerCase(),
      body: await response.bytes(),
    };
  } catch (error) {
    if (tooLong.signal.aborted) {
      return { failed: `no answer within ${longestMs} ms`, failure: "rt" };
    }
    const failed = error instanceof Error ? error.message : String(error);
    return { failed, failure: /\(Connect\)/.test(failed) ? "ct" : "broken" };
  } finally {
    timer.cancel();
  }
}

/** Takes an answer for what the call does next. */
export function readInstructions({ status, contentType, body }: WebhookAnswer): Instructions {
  if (status < 200 || status > 299) {
    return { type: "refused", code: 11200, text: `the server answered ${status}` };
  }
  if (contentType === "") {
    return { type: "refused", code: 11200, text: "the answer has no content type" };
  }
  if (contentType.startsWith("audio/")) {
    return { type: "spoken", by: "Play", text: contentType, ms: PLAY_MS };
  }
  if (TWIML_TYPES.includes(contentType)) return readTwiml(body);
  if (contentType !== "text/plain") {
    return { type: "refused", code: 12300, text: `the content type is ${contentType}` };
  }
  const instructions = readTwiml(body);
  if (instructions.type === "verbs") return instructions;
  const text = new TextDecoder().decode(body);
  return { type: "spoken", by: "text/plain", text, ms: text.length * SPEECH_MS_PER_CHARACTER };
}

/** Takes a document, as an answer or in a REST request holds one. */
export function readTwiml(document: Uint8Array): Instructions {
  if (document.length > LARGEST_DOCUMENT_BYTES) {
    return { type: "refused", code: 11750, text: `the document has ${document.length} bytes` };
  }
  try {
    const verbs = parseTwiml(new TextDecoder("utf-8", { fatal: true }).decode(document));
    return { type: "verbs", verbs, problems: verbs.flatMap(schemaProblems) };
  } catch (error) {
    if (!(error instanceof TwimlError || error instanceof TypeError)) throw error;
    return { type: "refused", code: 12100, text: error.message };
  }
}
