/**
 * Runs the verbs of a document, one after another, as Twilio does.
 *
 * The runner knows the verbs; what they need from the call (time, a stream, another party) it asks of a
 * {@linkcode TwimlHost}. When the host's signal is aborted (the call is over, or another document takes over) the verb at
 * hand comes back at once and nothing more is run.
 *
 * @module
 */

import type { DialOutcome, EndedBy, Spoken } from "./phone_report.ts";
import { PLAY_MS, SPEECH_MS_PER_CHARACTER } from "./twilio_webhook.ts";
import { isNotEmulated, type TwimlElement } from "./twiml_document.ts";

/** A stream that a document asks for. */
export interface StreamRequest {
  /** As written. */
  readonly url: string;
  /** As written, if it is. */
  readonly name: string | undefined;
  /** From its `<Parameter>`s. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Who wants to hear of it. */
  readonly statusCallback: string | undefined;
  /** How that is told. */
  readonly statusCallbackMethod: HttpMethod;
}

/** How Twilio asks. */
export type HttpMethod = "GET" | "POST";

/** What the runner needs from a call. */
export interface TwimlHost {
  /** Aborted when this document is to be left. */
  readonly signal: AbortSignal;
  /** The call is picked up; more than once does no harm. */
  answer(): void;
  /** Lets time pass while the caller acts. */
  pass(ms: number): Promise<void>;
  /** Talks to the caller for so long. */
  speak(by: Spoken["by"], speech: { text: string; ms: number }): Promise<void>;
  /** Runs a stream to its end; gives who ended it, or nothing if it never was. */
  connect(stream: StreamRequest): Promise<"line" | "server" | undefined>;
  /** Calls somebody else; gives what has become of it when that is over. */
  dial(verb: TwimlElement): Promise<DialOutcome>;
  /** The call is refused, unanswered. */
  reject(status: "busy" | "no-answer"): void;
  /** Puts down a line of the debugger. */
  warn(code: number, text: string): void;
}

/** Where the call goes after a document. */
export type TwimlResult =
  | { type: "go"; url: string; method: HttpMethod; parameters: Readonly<Record<string, string>> }
  | { type: "ended"; by: EndedBy }
  | { type: "left" };

/** `by` is who ends the call if there is no next verb. */
type AfterVerb = TwimlResult | { type: "next"; by: EndedBy };

const NEXT: AfterVerb = { type: "next", by: "twiml" };

const KEY_MS = 200;
const HALF_SECOND_MS = 500;
const LONGEST_PARAMETER = 499;

/**
 * Runs verbs until they run out, one of them leads elsewhere, or the host's signal is aborted.
 *
 * @param verbs Children of `<Response>`
 * @param host The call
 */
export async function runVerbs(
  verbs: readonly TwimlElement[],
  host: TwimlHost,
): Promise<TwimlResult> {
  let by: EndedBy = "twiml";
  for (const [place, verb] of verbs.entries()) {
    const pickedUpLater = verb.name === "Pause" || verb.name === "Reject";
    if (place > 0 || !pickedUpLater) host.answer();
    const after = await run(verb, { host, isFirst: place === 0 });
    if (host.signal.aborted) return { type: "left" };
    if (after.type !== "next") return after;
    by = after.by;
  }
  return { type: "ended", by };
}

async function run(
  verb: TwimlElement,
  { host, isFirst }: { host: TwimlHost; isFirst: boolean },
): Promise<AfterVerb> {
  if (isNotEmulated(verb)) {
    host.warn(0, `<${verb.name}> is not emulated`);
    return { type: "ended", by: "error" };
  }
  switch (verb.name) {
    case "Connect": {
      const by = await connect(verb, host) === "server" ? "server" : "error";
      return actionOf(verb) ?? { type: "next", by };
    }
    case "Say":
    case "Play":
      return await speak(verb, host);
    case "Pause":
      await host.pass(1000 * numberOf(verb.attributes.length, 1));
      return NEXT;
    case "Redirect":
      return { type: "go", url: verb.text, method: methodOf(verb), parameters: {} };
    case "Dial":
      return await dial(verb, host);
    case "Reject":
      return reject(verb, { host, isFirst });
    case "Hangup":
      return { type: "ended", by: "twiml" };
    default:
      return NEXT;
  }
}

async function connect(
  verb: TwimlElement,
  host: TwimlHost,
): Promise<"line" | "server" | undefined> {
  const stream = verb.children.find((child) => child.name === "Stream");
  if (!stream) return void host.warn(12200, "<Connect> has no <Stream>");
  const { url, name, track = "inbound_track", statusCallback } = stream.attributes;
  if (!url) return void host.warn(11100, "<Stream> has no url");
  if (track !== "inbound_track") {
    return void host.warn(31941, `<Connect> streams inbound_track only, not ${track}`);
  }
  return await host.connect({
    url,
    name,
    parameters: parametersOf(stream, host),
    statusCallback,
    statusCallbackMethod: methodOf(stream, "statusCallbackMethod"),
  });
}

function parametersOf(stream: TwimlElement, host: TwimlHost): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const child of stream.children.filter((child) => child.name === "Parameter")) {
    const { name = "", value = "" } = child.attributes;
    if (name === "") host.warn(12200, "<Parameter> has no name");
    else if (name.length + value.length > LONGEST_PARAMETER) {
      host.warn(12200, `<Parameter name="${name}"> has 500 characters or more`);
    } else parameters[name] = value;
  }
  return parameters;
}

/** Speaks as often as `loop` says; 0 is until the call is over. */
async function speak(verb: TwimlElement, host: TwimlHost): Promise<AfterVerb> {
  const { digits, loop } = verb.attributes;
  const text = digits ?? verb.text;
  const ms = digits === undefined
    ? verb.name === "Play" ? PLAY_MS : text.length * SPEECH_MS_PER_CHARACTER
    : digitsMs(digits);
  const by = verb.name === "Play" ? "Play" : "Say";
  const times = numberOf(loop, 1) || Infinity;
  for (let time = 0; time < times && !host.signal.aborted; time++) {
    await host.speak(by, { text, ms });
  }
  return NEXT;
}

/** `w` is a pause, anything else a key. */
function digitsMs(digits: string): number {
  const keys = digits.replace(/w/gi, "").length;
  return keys * KEY_MS + (digits.length - keys) * HALF_SECOND_MS;
}

async function dial(verb: TwimlElement, host: TwimlHost): Promise<AfterVerb> {
  const { status, talkMs = 0 } = await host.dial(verb);
  return actionOf(verb, {
    DialCallStatus: status,
    ...(status === "completed" ? { DialCallDuration: String(Math.round(talkMs / 1000)) } : {}),
    DialBridged: String(status === "completed"),
  }) ?? NEXT;
}

function reject(
  verb: TwimlElement,
  { host, isFirst }: { host: TwimlHost; isFirst: boolean },
): AfterVerb {
  const { reason = "rejected" } = verb.attributes;
  if (reason !== "rejected" && reason !== "busy") host.warn(13810, "<Reject> has no such reason");
  if (isFirst) host.reject(reason === "busy" ? "busy" : "no-answer");
  return { type: "ended", by: "twiml" };
}

function actionOf(
  verb: TwimlElement,
  parameters: Readonly<Record<string, string>> = {},
): TwimlResult | undefined {
  const { action } = verb.attributes;
  return action ? { type: "go", url: action, method: methodOf(verb), parameters } : undefined;
}

function methodOf(element: TwimlElement, attribute = "method"): HttpMethod {
  return element.attributes[attribute]?.toUpperCase() === "GET" ? "GET" : "POST";
}

function numberOf(attribute: string | undefined, otherwise: number): number {
  const value = Number(attribute ?? otherwise);
  return value >= 0 ? value : otherwise;
}
