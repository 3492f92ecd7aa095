/**
 * What Twilio's REST API keeps beside calls: text messages, and the numbers of the account with their settings.
 *
 * @module
 */

/** An error as Twilio's JSON has it. */
export class RestError extends Error {
  /** HTTP status. */
  readonly status: number;
  /** Twilio's number of the error. */
  readonly code: number;

  /** @param message For people; the code is for programs */
  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What the API answers. */
export interface RestAnswer {
  /** HTTP status. */
  readonly status: number;
  /** To be sent as JSON. */
  readonly body: unknown;
}

/** A text message that was sent. */
export interface SentMessage {
  /** Its name. */
  readonly sid: string;
  /** Who gets it. */
  readonly to: string;
  /** Who sent it. */
  readonly from: string;
  /** What it says. */
  readonly body: string;
}

/** A number of the account; the fields are those that a request may set. */
export interface OwnedNumber {
  /** Its name. */
  readonly sid: string;
  /** E.164. */
  readonly phoneNumber: string;
  /** Its settings, by their names in the API's JSON. */
  readonly settings: Record<string, string>;
}

/** Numbers as the API takes them. */
export const E164 = /^\+[1-9]\d{6,14}$/;
const LONGEST_MESSAGE = 1_600;

/** Names of settings: in a request, and in the JSON. */
const SETTINGS: Readonly<Record<string, string>> = {
  VoiceUrl: "voice_url",
  VoiceMethod: "voice_method",
  VoiceFallbackUrl: "voice_fallback_url",
  VoiceFallbackMethod: "voice_fallback_method",
  StatusCallback: "status_callback",
  StatusCallbackMethod: "status_callback_method",
  VoiceApplicationSid: "voice_application_sid",
  TrunkSid: "trunk_sid",
  FriendlyName: "friendly_name",
};

/** The messages and numbers of one account. */
export class TwilioResources {
  /** All messages so far, first to last. */
  readonly messages: SentMessage[] = [];
  /** What the account owns. */
  readonly numbers: readonly OwnedNumber[];

  /**
   * An account without messages.
   *
   * @param phoneNumbers What it owns, E.164
   */
  constructor(phoneNumbers: readonly string[]) {
    this.numbers = phoneNumbers.map((phoneNumber, place) => ({
      sid: `PN${String(place).padStart(32, "0")}`,
      phoneNumber,
      settings: {},
    }));
  }

  /**
   * Answers a request.
   *
   * @param path Behind the account: `/Messages.json`, `/IncomingPhoneNumbers.json`, or one of the latter
   * @returns Nothing if the path is not of these
   * @throws {RestError} If Twilio would refuse
   */
  answer(
    path: string,
    { method, form, query }: { method: string; form: URLSearchParams; query: URLSearchParams },
  ): RestAnswer | undefined {
    if (path === "/Messages.json" && method === "POST") return this.#send(form);
    if (path === "/IncomingPhoneNumbers.json" && method === "GET") return this.#list(query);
    const [, sid] = /^\/IncomingPhoneNumbers\/(PN\w{32})\.json$/.exec(path) ?? [];
    return sid && method === "POST" ? this.#set(sid, form) : undefined;
  }

  #send(form: URLSearchParams): RestAnswer {
    const [to = "", from = "", body = ""] = ["To", "From", "Body"].map((name) =>
      form.get(name) ?? undefined
    );
    if (!E164.test(to)) throw new RestError(400, 21211, `Invalid 'To' Phone Number: ${to}`);
    if (!this.numbers.some(({ phoneNumber }) => phoneNumber === from)) {
      throw new RestError(400, 21606, `The 'From' number ${from} is not owned by the account`);
    }
    if (body === "") throw new RestError(400, 21602, "Message body is required");
    if (body.length > LONGEST_MESSAGE) throw new RestError(400, 21617, "Message body is too long");
    const sid = `SM${String(this.messages.length).padStart(32, "0")}`;
    this.messages.push({ sid, to, from, body });
    return { status: 201, body: { sid, to, from, body, status: "queued", num_segments: "1" } };
  }

  #list(query: URLSearchParams): RestAnswer {
    const wanted = query.get("PhoneNumber");
    const found = this.numbers.filter(({ phoneNumber }) => !wanted || phoneNumber === wanted);
    return {
      status: 200,
      body: { incoming_phone_numbers: found.map(toJson), next_page_uri: null, page: 0 },
    };
  }

  #set(sid: string, form: URLSearchParams): RestAnswer {
    const number = this.numbers.find((owned) => owned.sid === sid);
    if (!number) throw new RestError(404, 20404, "The requested resource was not found");
    const given = [...form].map(([name, value]) => [SETTINGS[name], value] as const);
    const settings = { ...number.settings, ...Object.fromEntries(given) };
    if (settings.voice_fallback_url && !settings.voice_url) {
      throw new RestError(400, 21405, "VoiceFallbackUrl needs a VoiceUrl");
    }
    Object.assign(number.settings, settings);
    return { status: 200, body: toJson(number) };
  }
}

/** A number as the API shows it: settings that were never made are empty. */
function toJson({ sid, phoneNumber, settings }: OwnedNumber): Record<string, unknown> {
  const unset = Object.fromEntries(Object.values(SETTINGS).map((name) => [name, ""]));
  return { sid, phone_number: phoneNumber, ...unset, ...settings };
}
