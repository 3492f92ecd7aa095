/**
 * A `<Dial>` from ringing to the end of the talk: what comes of it, what the one who is called hears before the two are
 * joined, and how long all of it takes.
 *
 * @module
 */

import { absoluteUrl } from "./call_stream.ts";
import type { CallRequests } from "./call_requests.ts";
import type { CallNotes, DialOutcome } from "./phone_report.ts";
import { newSid } from "./twilio_names.ts";
import { SPEECH_MS_PER_CHARACTER } from "./twilio_webhook.ts";
import type { TwimlElement } from "./twiml_document.ts";

/** The call that dials. */
export interface DialHost {
  /** Its name. */
  readonly callSid: string;
  /** Who is shown unless the document says another. */
  readonly from: string;
  /** URL of the document. */
  readonly base: string | undefined;
  /** Asks what is to be said. */
  readonly requests: CallRequests;
  /** Takes the record of the dial. */
  readonly notes: CallNotes;
  /** What becomes of a target. */
  readonly outcome: (target: string) => DialOutcome;
  /** Aborted when the caller leaves. */
  readonly signal: AbortSignal;
  /** The time. */
  nowMs(): number;
  /** Lets time pass while the caller acts. */
  pass(ms: number): Promise<void>;
  /** Puts down a line of the debugger. */
  warn(code: number, text: string): void;
}

const RING_S = 30;
const BUSY_TONE_MS = 1_000;

/**
 * Calls somebody else, and comes back when that is over.
 *
 * @param verb The `<Dial>`
 */
export async function runDial(verb: TwimlElement, host: DialHost): Promise<DialOutcome> {
  const { attributes } = verb;
  const targets = verb.text === "" ? verb.children.map((noun) => noun.text) : [verb.text];
  const outcome = host.outcome(targets[0] ?? "");
  const whispered: string[] = [];
  const { status, talkMs = 0 } = outcome;
  host.notes.dials.push({ targets, attributes, status, atMs: host.nowMs(), whispered });
  const ringMs = 1000 * (Number(attributes.timeout) || RING_S);
  const noun = verb.children[0];
  if (status === "completed" && noun?.attributes.url !== undefined) {
    await whisper(noun, { verb, host, whispered });
  }
  const lastsMs = { completed: talkMs, "no-answer": ringMs, busy: BUSY_TONE_MS, failed: 0 };
  await host.pass(lastsMs[status]);
  return outcome;
}

/** The one who picked up hears a document of their own; the caller hears it ring meanwhile. */
async function whisper(
  noun: TwimlElement,
  { verb, host, whispered }: { verb: TwimlElement; host: DialHost; whispered: string[] },
): Promise<void> {
  const { url: written = "", method } = noun.attributes;
  const url = absoluteUrl(written, host.base);
  if (!url) return host.warn(11100, `"${written}" is no URL`);
  const source = {
    type: "url",
    url,
    method: method?.toUpperCase() === "GET" ? "GET" : "POST",
    parameters: {
      CallSid: newSid("CA"),
      ParentCallSid: host.callSid,
      Direction: "outbound-dial",
      From: verb.attributes.callerId ?? host.from,
      To: noun.text,
    },
  } as const;
  const { signal } = host;
  const document = await host.requests.document(source, { status: "in-progress", signal });
  if (document.type !== "verbs") return;
  for (const { name, text } of document.verbs) {
    if (name !== "Say") host.warn(0, `<${name}> before the two are joined is not emulated`);
    else {
      whispered.push(text);
      await host.pass(text.length * SPEECH_MS_PER_CHARACTER);
    }
  }
}
