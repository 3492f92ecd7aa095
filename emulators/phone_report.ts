/**
 * What is known of an emulated call when it is over. Every `…AtMs` is the emulator's clock.
 *
 * @module
 */

import type { AudioReport } from "./audio_record.ts";

/**
 * Who ended a call: the caller; the server, by closing the stream with no verb left; the document's last verb, or its
 * `<Hangup>` or `<Reject>`; a REST request; or a failure, among them that nobody
 * answered.
 */
export type EndedBy = "caller" | "server" | "twiml" | "rest" | "error";

/** Where a call stands, as Twilio names it. */
export type CallStatus =
  | "queued"
  | "initiated"
  | "ringing"
  | "in-progress"
  | "completed"
  | "busy"
  | "failed"
  | "no-answer"
  | "canceled";

/** What Twilio knows of a call at any time. */
export interface CallFacts {
  /** Its name. */
  readonly callSid: string;
  /** The party that dialled. */
  readonly from: string;
  /** The party that was dialled. */
  readonly to: string;
  /** Who dialled. */
  readonly direction: "inbound" | "outbound-api";
  /** Where it stands. */
  readonly status: CallStatus;
  /** When it was dialled. */
  readonly dialledAtMs: number;
  /** Undefined until the call is answered. */
  readonly answeredAtMs: number | undefined;
  /** Undefined until it is over. */
  readonly endedAtMs: number | undefined;
}

/** A request of Twilio to the server. */
export interface SentRequest {
  /** How it was asked. */
  readonly method: "GET" | "POST";
  /** As written. */
  readonly url: string;
  /** What was said. */
  readonly parameters: Readonly<Record<string, string>>;
  /** When it left. */
  readonly sentAtMs: number;
  /** The answer's status; undefined if none came. */
  readonly status: number | undefined;
  /** When the answer was read. */
  readonly answeredAtMs: number | undefined;
}

/** What the caller heard outside of the stream; its sound is not made. */
export interface Spoken {
  /** `"apology"` is Twilio's own, said when a call cannot go on. */
  readonly by: "Say" | "Play" | "text/plain" | "apology";
  /** Words, URL or digits. */
  readonly text: string;
  /** When it began. */
  readonly atMs: number;
  /** Less than the whole if the call ended meanwhile. */
  readonly lastedMs: number;
}

/** A `<Dial>`. */
export interface DialRecord {
  /** Numbers, SIP addresses and clients, in order. */
  readonly targets: readonly string[];
  /** The verb's attributes. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What became of it. */
  readonly status: DialOutcome["status"];
  /** When it began. */
  readonly atMs: number;
  /** What the one who picked up heard before the two were joined. */
  readonly whispered: readonly string[];
}

/** What becomes of a `<Dial>`. */
export interface DialOutcome {
  /** As in `DialCallStatus`. */
  readonly status: "completed" | "busy" | "no-answer" | "failed";
  /** How long the two talk, if it is completed. */
  readonly talkMs?: number;
}

/** One media stream. */
export interface StreamReport {
  /** Its name. */
  readonly streamSid: string;
  /** As signed. */
  readonly url: string;
  /** What `start` carried. */
  readonly parameters: Readonly<Record<string, string>>;
  /** When the socket was open. */
  readonly startedAtMs: number;
  /** When it was closed. */
  readonly endedAtMs: number;
  /** Who closed the socket. */
  readonly closedBy: "line" | "server";
  /** Close code of the socket. */
  readonly closeCode: number;
  /** Close reason of the socket. */
  readonly closeReason: string;
}

/** A line of Twilio's debugger; code 0 is the emulator's own, for what it does not emulate. */
export interface Warning {
  /** Twilio's number. */
  readonly code: number;
  /** What happened. */
  readonly text: string;
  /** When it was noticed. */
  readonly atMs: number;
}

/** All that happened in a call. */
export interface PhoneCallReport extends CallFacts, AudioReport, CallNotes {
  /** When it was over. */
  readonly endedAtMs: number;
  /** Who ended it. */
  readonly endedBy: EndedBy;
}

/** What Twilio notes of a call as it goes, first to last. */
export class CallNotes {
  /** Requests to the server that are over. */
  readonly requests: SentRequest[] = [];
  /** Documents that came, as text. */
  readonly twiml: string[] = [];
  /** What was said outside of the stream. */
  readonly spoken: Spoken[] = [];
  /** Every `<Dial>`. */
  readonly dials: DialRecord[] = [];
  /** Streams that are over. */
  readonly streams: StreamReport[] = [];
  /** Lines of the debugger. */
  readonly warnings: Warning[] = [];
}
