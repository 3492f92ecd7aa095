/**
 * A telephone line as Twilio runs it: it calls a server's webhook, follows the TwiML, streams the caller's audio and
 * keeps a record of everything. As strict as Twilio, on a clock of the test's own; no sound is played to anybody.
 *
 * Departures from Twilio: `ws:` URLs are taken too. Webhooks follow no redirect, keep no cookies, are retried
 * without a pause, and leave with the URL as `fetch` writes it. `<Gather>`, `<Record>` and other verbs that `twiml_document.ts` calls not emulated
 * end the call with warning 0. `<Play>` fetches nothing. A `<Parameter>` that is too long is left out with warning 12200.
 *
 * @module
 */

import type { DocumentSource, StatusEvent } from "./call_requests.ts";
import type { CallerScript } from "./caller_script.ts";
import type { LineFaults } from "./line_faults.ts";
import { type Callee, PhoneCall } from "./phone_call.ts";
import type { CallFacts, DialOutcome } from "./phone_report.ts";
import type { Account } from "./twilio_webhook.ts";

/** What a line is made of; `address` maps a public origin to a port of this machine. */
export type PhoneLineOptions = Omit<Account, "address"> & Partial<Account>;

/** What the two ways of beginning a call have in common. */
export interface CallOptions {
  /** E.164, or any other text: a caller may be `anonymous`. */
  readonly from: string;
  /** E.164. */
  readonly to: string;
  /** What the person on the line does. */
  readonly script: CallerScript;
  /** What goes wrong on the line. */
  readonly faults?: LineFaults;
  /** Where a document comes from if `voiceUrl` gives none. */
  readonly fallbackUrl?: string;
  /** What becomes of a `<Dial>`; a talk of one second unless given. */
  readonly dialOutcome?: (target: string) => DialOutcome;
  /** Put over what every request says of the call, for instance parameters that are new. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A call to the server's number. */
export interface DialOptions extends CallOptions {
  /** The number's webhook. */
  readonly voiceUrl: string;
  /** How it is asked; by POST unless given. */
  readonly voiceMethod?: "GET" | "POST";
  /** Told when the call is over. */
  readonly statusCallback?: string;
}

/** A call that the server places. */
export interface PlaceOptions extends CallOptions {
  /** The document that is run when the call is answered. */
  readonly source: DocumentSource;
  /** Who wants to hear of which events. */
  readonly statusCallback?: { readonly url: string; readonly events: readonly StatusEvent[] };
  /** What the called party does. */
  readonly callee: Callee;
}

/** A line with any number of calls at once. */
export class PhoneLine {
  /** What it is made of. */
  readonly options: PhoneLineOptions;
  readonly #running = new Map<string, PhoneCall>();
  readonly #over = new Map<string, CallFacts>();

  /**
   * A line without calls.
   *
   * @param options Clock, account and addresses
   */
  constructor(options: PhoneLineOptions) {
    this.options = options;
  }

  /**
   * Calls the server's number.
   *
   * @returns The call, under way; `await call.ended` gives its report
   */
  dial(options: DialOptions): PhoneCall {
    const { voiceUrl, voiceMethod = "POST", statusCallback } = options;
    return this.#begin(options, {
      direction: "inbound",
      source: { type: "url", url: voiceUrl, method: voiceMethod, parameters: {} },
      statusCallback: statusCallback ? { url: statusCallback, events: ["completed"] } : undefined,
      callee: undefined,
    });
  }

  /** Calls somebody on behalf of the server, as the REST API does. */
  place(options: PlaceOptions): PhoneCall {
    const { source, statusCallback, callee } = options;
    return this.#begin(options, { direction: "outbound-api", source, statusCallback, callee });
  }

  /** A call that is running. */
  call(callSid: string): PhoneCall | undefined {
    return this.#running.get(callSid);
  }

  /** What Twilio knows of a call, running or over. */
  facts(callSid: string): CallFacts | undefined {
    return this.#running.get(callSid)?.facts ?? this.#over.get(callSid);
  }

  /** Ends all calls, and every request of theirs that is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#running.values().map((call) => call.close()));
  }

  #begin(
    options: CallOptions,
    rest: Pick<PhoneCall["setup"], "direction" | "source" | "statusCallback" | "callee">,
  ): PhoneCall {
    const { from, to, script, faults = {}, fallbackUrl, parameters = {} } = options;
    const dialOutcome = options.dialOutcome ?? (() => ({ status: "completed", talkMs: 1000 }));
    const call = new PhoneCall({
      address: (url) => url,
      ...this.options,
      ...{ from, to, script, faults, fallbackUrl, parameters, dialOutcome },
      ...rest,
    });
    this.#running.set(call.callSid, call);
    const over = () => {
      this.#running.delete(call.callSid);
      this.#over.set(call.callSid, call.facts);
    };
    call.ended.then(over, over);
    return call;
  }
}
