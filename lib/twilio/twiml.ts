/**
 * The documents that tell Twilio what to do with a call. Whatever text goes in, the document says the same verbs: text
 * is escaped, and what XML 1.0 cannot hold is left out.
 *
 * @see https://www.twilio.com/docs/voice/twiml
 * @module
 */

/** What a caller gets who cannot be served: a sentence, then another number if there is one, then the end. */
export interface Farewell {
  /** Spoken first, so that nobody is handed over or cut off without a word. */
  sentence: string;
  /** Number to be rung after it: E.164. */
  dial?: string | undefined;
}

const MAX_SAY_CHARACTERS = 4_000;
const PARAMETER_CHARACTERS = 500;

/**
 * Connects the call to a media stream. The farewell follows for the case that the stream fails and `actionUrl` with it.
 *
 * @param options `streamUrl` is absolute; `actionUrl` is asked for what comes after the stream; `parameters` come back
 * in the stream's `start` message
 * @returns A TwiML document
 * @throws {RangeError} If `streamUrl` is not `ws` or `wss` or has a query, which Twilio would not send; if name and
 * value of a parameter have 500 characters or more together; if the sentence has more than 4,000
 */
export function connectStream(options: {
  streamUrl: string;
  actionUrl: string;
  parameters: Readonly<Record<string, string>>;
  otherwise: Farewell;
}): string {
  const { streamUrl, actionUrl, parameters, otherwise } = options;
  if (!/^wss?:\/\/[^?#\s]+$/.test(streamUrl)) {
    throw new RangeError("Cannot connect a stream: its URL is not a ws or wss URL without a query");
  }
  const nouns = Object.entries(parameters).map(([name, value]) => {
    if (name.length + value.length >= PARAMETER_CHARACTERS) {
      throw new RangeError(`Cannot connect a stream: parameter "${name}" is too long`);
    }
    return element("Parameter", { name, value });
  });
  const stream = element("Stream", { url: streamUrl }, ...nouns);
  return response(element("Connect", { action: actionUrl }, stream), ...verbsOf(otherwise));
}

/**
 * The apology alone.
 *
 * @returns A TwiML document
 * @throws {RangeError} If the sentence has more than 4,000 characters
 */
export function sayGoodbye(farewell: Farewell): string {
  return response(...verbsOf(farewell));
}

/**
 * Puts the caller through.
 *
 * @param options `number` and `callerId` are E.164, without the latter the caller's own number is shown; `actionUrl` is
 * asked how the call goes on; `whisperUrl` is asked what the one who is called hears first
 * @returns A TwiML document
 */
export function putThrough(options: {
  number: string;
  callerId: string | undefined;
  ringSeconds: number;
  actionUrl: string;
  whisperUrl: string | undefined;
}): string {
  const { number, callerId, ringSeconds, actionUrl, whisperUrl } = options;
  const noun = element("Number", whisperUrl ? { url: whisperUrl } : {}, escape(number));
  const attributes = { timeout: String(ringSeconds), action: actionUrl };
  return response(element("Dial", { ...attributes, ...(callerId ? { callerId } : {}) }, noun));
}

/** Says something to one who is being called, before the two are joined. */
export function whisper(sentence: string): string {
  return response(element("Say", {}, escape(sentence)));
}

/** Ends the call. */
export function hangUp(): string {
  return response(element("Hangup"));
}

/** Does not take the call: the caller hears the busy tone, and nobody pays. Only as the first answer to a call. */
export function rejectBusy(): string {
  return response(element("Reject", { reason: "busy" }));
}

/**
 * Asks again a little later; the caller hears nothing meanwhile.
 *
 * @param url Absolute
 */
export function askAgain(url: string, options: { afterSeconds: number }): string {
  const pause = element("Pause", { length: String(options.afterSeconds) });
  return response(pause, element("Redirect", {}, escape(url)));
}

function verbsOf({ sentence, dial }: Farewell): string[] {
  if (sentence.length > MAX_SAY_CHARACTERS) {
    throw new RangeError(
      `Cannot say a sentence: it has more than ${MAX_SAY_CHARACTERS} characters`,
    );
  }
  return [
    element("Say", {}, escape(sentence)),
    ...(dial ? [element("Dial", {}, escape(dial))] : []),
    element("Hangup"),
  ];
}

function response(...verbs: string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${element("Response", {}, ...verbs)}`;
}

/** One element; `content` is XML already. */
function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  ...content: string[]
): string {
  const start = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
  const open = `<${name}${start.join("")}`;
  return content.length === 0 ? `${open}/>` : `${open}>${content.join("")}</${name}>`;
}

const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** For text and attributes alike: a parser turns bare line ends into others in both, and tabs in attributes. */
function escape(text: string): string {
  return text.replace(NOT_XML, "").replace(/[&<>"'\t\n\r]/g, (sign) => REFERENCES[sign] ?? "");
}
