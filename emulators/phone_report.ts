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
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  readonly direction: "inbound" | "outbound-api";
  readonly status: CallStatus;
  readonly dialledAtMs: number;
  /** Undefined until the call is answered. */
  readonly answeredAtMs: number | undefined;
  /** Undefined until it is over. */
  readonly endedAtMs: number | undefined;
}

/** A request of Twilio to the server. */
export interface SentRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly sentAtMs: number;
  /** The answer's status, and when its body was read; undefined if none came. */
  readonly status: number | undefined;
  readonly answeredAtMs: number | undefined;
}

/** What the caller heard outside of the stream; its sound is not made. */
export interface Spoken {
  /** `"apology"` is Twilio's own, said when a call cannot go on. */
  readonly by: "Say" | "Play" | "text/plain" | "apology";
  /** Words, URL or digits. */
  readonly text: string;
  readonly atMs: number;
  /** Less than the whole if the call ended meanwhile. */
  readonly lastedMs: number;
}

/** A `<Dial>`. */
export interface DialRecord {
  /** Numbers, SIP addresses and clients, in order. */
  readonly targets: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly status: DialOutcome["status"];
  readonly atMs: number;
}

/** What becomes of a `<Dial>`. */
export interface DialOutcome {
  readonly status: "completed" | "busy" | "no-answer" | "failed";
  /** How long the two talk, if it is completed. */
  readonly talkMs?: number;
}

/** One media stream. */
export interface StreamReport {
  readonly streamSid: string;
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Who closed the socket. */
  readonly closedBy: "line" | "server";
  readonly closeCode: number;
  readonly closeReason: string;
}

/** A line of Twilio's debugger; code 0 is the emulator's own, for what it does not emulate. */
export interface Warning {
  readonly code: number;
  readonly text: string;
  readonly atMs: number;
}

/** All that happened in a call. */
export interface PhoneCallReport extends CallFacts, AudioReport {
  readonly endedAtMs: number;
  readonly endedBy: EndedBy;
  readonly requests: readonly SentRequest[];
  /** Documents that came, as text. */
  readonly twiml: readonly string[];
  readonly spoken: readonly Spoken[];
  readonly dials: readonly DialRecord[];
  readonly streams: readonly StreamReport[];
  readonly warnings: readonly Warning[];
}

/** What Twilio notes of a call as it goes. */
export class CallNotes {
  readonly requests: SentRequest[] = [];
  readonly twiml: string[] = [];
  readonly spoken: Spoken[] = [];
  readonly dials: DialRecord[] = [];
  readonly streams: StreamReport[] = [];
  readonly warnings: Warning[] = [];
}
