/**
 * What Twilio asks and tells a server in the course of one call.
 *
 * @module
 */

import type { CallNotes, CallStatus } from "./phone_report.ts";
import { rfc2822 } from "./twilio_names.ts";
import {
  type Account,
  type Instructions,
  readInstructions,
  readTwiml,
  sendWebhook,
  type WebhookAnswer,
  type WebhookRequest,
} from "./twilio_webhook.ts";
import { failureOf, retryRules } from "./webhook_retries.ts";

/** Where a call's next document comes from. */
export type DocumentSource =
  | { type: "url"; url: string; method: "GET" | "POST"; parameters: Parameters }
  | { type: "inline"; twiml: string };

/** Form parameters; none stands twice in what Twilio sends. */
export type Parameters = Readonly<Record<string, string>>;

/** An event of a status callback. */
export type StatusEvent = "initiated" | "ringing" | "answered" | "completed";

/** What the requests of a call need to know of it. */
export interface RequestSetup extends Account {
  /** What every request says of the call, but for its status. */
  readonly parameters: Parameters;
  /** Asked if a document cannot be had. */
  readonly fallbackUrl: string | undefined;
  /** Who wants to hear of which events. */
  readonly statusCallback: { url: string; events: readonly StatusEvent[] } | undefined;
  /** Ends every request. */
  readonly signal: AbortSignal;
}

/** Sends a call's requests and notes them. */
export class CallRequests {
  readonly #setup: RequestSetup;
  readonly #notes: CallNotes;
  #sequenceNumber = 0;

  /**
   * Nothing is sent yet.
   *
   * @param setup What to say and where
   * @param notes Receives requests, documents and warnings
   */
  constructor(setup: RequestSetup, notes: CallNotes) {
    this.#setup = setup;
    this.#notes = notes;
  }

  /**
   * Fetches a document, from the fallback URL if it cannot be had.
   *
   * @param source Where it is
   * @param options `signal` ends the wait
   */
  async document(
    source: DocumentSource,
    options: { status: CallStatus; signal: AbortSignal },
  ): Promise<Instructions> {
    if (source.type === "inline") return this.#taken(new TextEncoder().encode(source.twiml));
    const first = await this.#fetch(source, options);
    const { fallbackUrl } = this.#setup;
    if (first.type !== "refused" || !fallbackUrl || options.signal.aborted) return first;
    const parameters = {
      ...source.parameters,
      ErrorCode: String(first.code),
      ErrorUrl: source.url,
    };
    return await this.#fetch({ ...source, url: fallbackUrl, parameters }, options);
  }

  /** Tells where the call stands, if somebody wants to know. */
  async status(event: StatusEvent, { status, parameters = {} }: {
    status: CallStatus;
    parameters?: Parameters;
  }): Promise<void> {
    const { statusCallback, clock } = this.#setup;
    if (!statusCallback?.events.includes(event)) return;
    await this.tell(statusCallback.url, {
      parameters: {
        ...this.#setup.parameters,
        CallStatus: status,
        ...parameters,
        Timestamp: rfc2822(clock.epochMs()),
        SequenceNumber: String(this.#sequenceNumber++),
        CallbackSource: "call-progress-events",
      },
    });
  }

  /** Sends what wants no document back. */
  async tell(
    url: string,
    { parameters, method = "POST" }: { parameters: Parameters; method?: "GET" | "POST" },
  ): Promise<void> {
    const answer = await this.#send({ url, method, parameters }, this.#setup.signal);
    if ("failed" in answer) this.#warn(11200, `${url}: ${answer.failed}`);
    else if (answer.status < 200 || answer.status > 299) {
      this.#warn(11200, `${url}: the server answered ${answer.status}`);
    } else if (answer.body.length > 0 && readInstructions(answer).type !== "verbs") {
      this.#warn(12300, `${url}: the answer to a callback is neither empty nor TwiML`);
    }
  }

  async #fetch(
    source: Extract<DocumentSource, { type: "url" }>,
    { status, signal }: { status: CallStatus; signal: AbortSignal },
  ): Promise<Instructions> {
    const parameters = { ...this.#setup.parameters, CallStatus: status, ...source.parameters };
    const answer = await this.#send({ ...source, parameters }, signal);
    if (signal.aborted) return { type: "refused", code: 0, text: "the call went on without it" };
    if ("failed" in answer) {
      const refused = { type: "refused", code: 11200, text: answer.failed } as const;
      this.#warn(refused.code, `${source.url}: ${refused.text}`);
      return refused;
    }
    return this.#noted(readInstructions(answer), answer.body);
  }

  #taken(document: Uint8Array): Instructions {
    return this.#noted(readTwiml(document), document);
  }

  #noted(instructions: Instructions, body: Uint8Array): Instructions {
    this.#notes.twiml.push(new TextDecoder().decode(body));
    if (instructions.type === "refused") this.#warn(instructions.code, instructions.text);
    if (instructions.type === "verbs") {
      for (const problem of instructions.problems) this.#warn(12200, problem);
    }
    return instructions;
  }

  /** Asks, and asks again as often and after what the URL says. */
  async #send(
    request: { method: WebhookRequest["method"]; url: string; parameters: Parameters },
    signal: AbortSignal,
  ): Promise<WebhookAnswer | { failed: string }> {
    const { clock } = this.#setup;
    const rules = retryRules(request.url);
    const endMs = clock.nowMs() + rules.totalMs;
    for (let left = rules.retries;; left--) {
      const longestMs = Math.min(rules.readMs, endMs - clock.nowMs());
      const answer = await this.#sendOnce(request, { signal, longestMs });
      const failure = failureOf(answer);
      const isRetried = failure !== undefined && rules.after.has(failure) && left > 0;
      if (!isRetried || signal.aborted || clock.nowMs() >= endMs) return answer;
    }
  }

  async #sendOnce(
    request: { method: WebhookRequest["method"]; url: string; parameters: Parameters },
    { signal, longestMs }: { signal: AbortSignal; longestMs: number },
  ): ReturnType<typeof sendWebhook> {
    const { clock } = this.#setup;
    const { method, url, parameters } = request;
    const sentAtMs = clock.nowMs();
    const answer = await sendWebhook(
      { method, url, parameters: Object.entries(parameters) },
      { ...this.#setup, longestMs, signal: AbortSignal.any([signal, this.#setup.signal]) },
    );
    const came = "failed" in answer
      ? { status: undefined, answeredAtMs: undefined }
      : { status: answer.status, answeredAtMs: clock.nowMs() };
    this.#notes.requests.push({ method, url, parameters, sentAtMs, ...came });
    return answer;
  }

  #warn(code: number, text: string): void {
    this.#notes.warnings.push({ code, text, atMs: this.#setup.clock.nowMs() });
  }
}
