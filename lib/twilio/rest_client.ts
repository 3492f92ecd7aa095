/**
 * The part of Twilio's REST API that is used here: calls, messages, and the settings of a number.
 *
 * @see https://www.twilio.com/docs/usage/api
 * @module
 */

import { z } from "zod";
import { type Clock, sleep } from "../clock.ts";

/** Twilio refused, or could not be asked. The message holds no secret and no number. */
export class TwilioRestError extends Error {
  /** Tells it from other errors. */
  override name = "TwilioRestError";
  /** HTTP status; 0 if there was no answer. */
  readonly status: number;
  /** Twilio's own number of the error; 0 if it said none. */
  readonly code: number;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;

  /** Describes one failure. */
  constructor(what: string, why: { status: number; code: number; cause?: unknown }) {
    const { status, code, cause } = why;
    const answer = status === 0 ? "no answer" : `status ${status}${code ? `, error ${code}` : ""}`;
    super(`Cannot ${what}: ${answer}`, { cause });
    this.status = status;
    this.code = code;
    this.retryable = status === 0 || status === 429 || status >= 500;
  }
}

/** Who asks. */
export interface RestAccount {
  /** Whose resources they are. */
  readonly accountSid: string;
  /** The account with its token, or an API key with its secret. */
  readonly credentials: { readonly user: string; readonly password: string };
}

/** A call to be placed. */
export interface NewCall {
  /** Who is called, E.164. */
  readonly to: string;
  /** The number that is shown: one of the account's own. */
  readonly from: string;
  /** Asked for instructions when it is answered. */
  readonly url: string;
  /** Told how it goes. */
  readonly statusCallback: string;
  /** Told who answered, a person or a machine; absent: nobody looks. */
  readonly machineCallback?: string | undefined;
  /** How long it may ring. */
  readonly ringSeconds: number;
  /** How long it may last. */
  readonly limitSeconds: number;
}

/** A number of the account, and where its calls go. */
export interface NumberSettings {
  /** Its name at Twilio. */
  readonly sid: string;
  /** Asked when a call comes in. */
  readonly voiceUrl: string;
  /** Asked when that fails. */
  readonly voiceFallbackUrl: string;
  /** Told how calls end. */
  readonly statusCallback: string;
  /** Takes calls in place of the webhook; empty: nothing does. */
  readonly voiceApplicationSid: string;
  /** The same. */
  readonly trunkSid: string;
}

/** What a client is made of. */
export interface RestClientParts extends RestAccount {
  /** Where the API is: an origin. */
  readonly origin: string;
  /** Waits between tries. */
  readonly clock: Clock;
}

const TIMEOUT_MS = 5_000;
/** Waits before further tries of a request that was not processed, because too many were under way. */
const RETRY_AFTER_MS = [250, 1_000, 2_500] as const;
const EVENTS = ["initiated", "ringing", "answered", "completed"] as const;

/** The call, number or message does not exist. */
const NOT_FOUND = 20404;
/** A call that is over takes no change. */
const CALL_IS_OVER = 21220;

const created = z.object({ sid: z.string() });
const fault = z.object({ code: z.number().default(0) });
const numbers = z.object({
  incoming_phone_numbers: z.array(z.object({
    sid: z.string(),
    voice_url: z.string().nullable(),
    voice_fallback_url: z.string().nullable(),
    status_callback: z.string().nullable(),
    voice_application_sid: z.string().nullable(),
    trunk_sid: z.string().nullable(),
  })),
});

/** Asks Twilio. */
export class RestClient {
  readonly #parts: RestClientParts;
  readonly #authorization: string;

  /** Asks nothing yet. */
  constructor(parts: RestClientParts) {
    const { user, password } = parts.credentials;
    this.#parts = parts;
    this.#authorization = `Basic ${new TextEncoder().encode(`${user}:${password}`).toBase64()}`;
  }

  /**
   * Places a call.
   *
   * @returns Its CallSid; its webhook may have come by then
   * @throws {TwilioRestError} If Twilio refuses
   */
  async createCall(call: NewCall): Promise<string> {
    const form = new URLSearchParams({
      To: call.to,
      From: call.from,
      Url: call.url,
      StatusCallback: call.statusCallback,
      Timeout: String(call.ringSeconds),
      TimeLimit: String(call.limitSeconds),
    });
    for (const event of EVENTS) form.append("StatusCallbackEvent", event);
    if (call.machineCallback !== undefined) {
      form.set("MachineDetection", "Enable");
      form.set("AsyncAmd", "true");
      form.set("AsyncAmdStatusCallback", call.machineCallback);
    }
    return created.parse(await this.#ask("place call", { path: "Calls.json", form })).sid;
  }

  /**
   * Ends a call, whatever its state. One that is over already is what was wanted.
   *
   * @throws {TwilioRestError} If Twilio refuses
   */
  async hangUp(callSid: string): Promise<void> {
    const form = new URLSearchParams({ Status: "completed" });
    try {
      await this.#ask("hang up", { path: `Calls/${callSid}.json`, form });
    } catch (error) {
      const isOver = error instanceof TwilioRestError &&
        [NOT_FOUND, CALL_IS_OVER].includes(error.code);
      if (!isOver) throw error;
    }
  }

  /**
   * Sends a text message.
   *
   * @returns Its name at Twilio
   * @throws {TwilioRestError} If Twilio refuses
   */
  async sendMessage(message: { to: string; from: string; body: string }): Promise<string> {
    const form = new URLSearchParams({ To: message.to, From: message.from, Body: message.body });
    return created.parse(await this.#ask("send message", { path: "Messages.json", form })).sid;
  }

  /**
   * Reads where the calls of a number go.
   *
   * @returns Nothing if the account has no such number
   * @throws {TwilioRestError} If Twilio refuses
   */
  async findNumber(number: string): Promise<NumberSettings | undefined> {
    const path = `IncomingPhoneNumbers.json?PhoneNumber=${encodeURIComponent(number)}`;
    const [found] = numbers.parse(await this.#ask("find number", { path })).incoming_phone_numbers;
    return found && {
      sid: found.sid,
      voiceUrl: found.voice_url ?? "",
      voiceFallbackUrl: found.voice_fallback_url ?? "",
      statusCallback: found.status_callback ?? "",
      voiceApplicationSid: found.voice_application_sid ?? "",
      trunkSid: found.trunk_sid ?? "",
    };
  }

  /**
   * Has the calls of a number come here.
   *
   * @param numberSid As {@linkcode RestClient.findNumber} gives it
   * @throws {TwilioRestError} If Twilio refuses
   */
  async setWebhooks(
    numberSid: string,
    urls: { voiceUrl: string; statusCallback: string },
  ): Promise<void> {
    const form = new URLSearchParams({
      VoiceUrl: urls.voiceUrl,
      VoiceMethod: "POST",
      StatusCallback: urls.statusCallback,
      StatusCallbackMethod: "POST",
    });
    await this.#ask("set webhooks", { path: `IncomingPhoneNumbers/${numberSid}.json`, form });
  }

  /**
   * Asks for the account itself, which shows whether the credentials are good.
   *
   * @throws {TwilioRestError} If they are not
   */
  async checkCredentials(): Promise<void> {
    await this.#ask("check credentials", { path: ".json" });
  }

  /** Asks; what was refused because too many requests were under way is asked again. */
  async #ask(what: string, asked: { path: string; form?: URLSearchParams }): Promise<unknown> {
    for (const waitMs of RETRY_AFTER_MS) {
      try {
        return await this.#askOnce(what, asked);
      } catch (error) {
        if (!(error instanceof TwilioRestError) || error.status !== 429) throw error;
        await sleep(this.#parts.clock, waitMs);
      }
    }
    return await this.#askOnce(what, asked);
  }

  async #askOnce(
    what: string,
    { path, form }: { path: string; form?: URLSearchParams },
  ): Promise<unknown> {
    const { origin, accountSid, clock } = this.#parts;
    const account = `${origin}/2010-04-01/Accounts/${accountSid}`;
    const giveUp = new AbortController();
    const timer = clock.at(clock.nowMs() + TIMEOUT_MS, () => giveUp.abort());
    try {
      const response = await fetch(path.startsWith(".") ? account + path : `${account}/${path}`, {
        method: form ? "POST" : "GET",
        headers: { authorization: this.#authorization },
        redirect: "error",
        signal: giveUp.signal,
        ...(form ? { body: form } : {}),
      });
      const text = await response.text();
      if (response.ok) return JSON.parse(text);
      throw new TwilioRestError(what, { status: response.status, code: codeIn(text) });
    } catch (cause) {
      if (cause instanceof TwilioRestError) throw cause;
      throw new TwilioRestError(what, { status: 0, code: 0, cause });
    } finally {
      timer.cancel();
    }
  }
}

/** A proxy in between may answer with something else than JSON. */
function codeIn(text: string): number {
  try {
    return fault.parse(JSON.parse(text)).code;
  } catch {
    return 0;
  }
}
