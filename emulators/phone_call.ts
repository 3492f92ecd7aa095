/**
 * One call on the emulated telephone network, from dialling to the last callback.
 *
 * A call follows documents, one after another. `hangUp()` and `replace()` leave the document at hand: the first for good,
 * the second for another one. When no document is left, everything is closed, the status callback is sent and the report
 * is given.
 *
 * @module
 */

import { CallAudio } from "./call_audio.ts";
import { absoluteUrl, runStream } from "./call_stream.ts";
import { runDial } from "./call_dial.ts";
import { CallRequests, type DocumentSource, type StatusEvent } from "./call_requests.ts";
import type { CallerScript } from "./caller_script.ts";
import type { LineFaults } from "./line_faults.ts";
import {
  type CallFacts,
  CallNotes,
  type CallStatus,
  type DialOutcome,
  type EndedBy,
  type PhoneCallReport,
  type Spoken,
} from "./phone_report.ts";
import { callParameters, newSid } from "./twilio_names.ts";
import type { Account, Instructions } from "./twilio_webhook.ts";
import type { TwimlElement } from "./twiml_document.ts";
import { runVerbs, type StreamRequest, type TwimlHost, type TwimlResult } from "./twiml_runner.ts";

/** What a call is made of. */
export interface PhoneCallSetup extends Account {
  /** Who dialled. */
  readonly direction: "inbound" | "outbound-api";
  /** The party that dialled. */
  readonly from: string;
  /** The party that was dialled. */
  readonly to: string;
  /** The first document. */
  readonly source: DocumentSource;
  /** Asked if a document cannot be had. */
  readonly fallbackUrl: string | undefined;
  /** Who wants to hear of which events. */
  readonly statusCallback: { url: string; events: readonly StatusEvent[] } | undefined;
  /** What the other party does when it is called; only for outbound calls. */
  readonly callee: Callee | undefined;
  /** What the person on the line does. */
  readonly script: CallerScript;
  /** What goes wrong on the line. */
  readonly faults: LineFaults;
  /** What becomes of a `<Dial>` to a target. */
  readonly dialOutcome: (target: string) => DialOutcome;
  /** Put over what every request says of the call. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Somebody who is called. */
export interface Callee {
  /** How long it rings before anything becomes of it. */
  readonly ringMs: number;
  /** `"in-progress"` if the call is answered; else what becomes of it. */
  readonly then: "in-progress" | "busy" | "no-answer" | "failed";
}

interface Times {
  readonly dialledAtMs: number;
  answeredAtMs: number | undefined;
  endedAtMs: number | undefined;
}

const APOLOGY = "We are sorry, an application error has occurred. Goodbye.";
const APOLOGY_MS = 4_000;

/** A call, running or over. */
export class PhoneCall {
  /** Its name. */
  readonly callSid: string = newSid("CA");
  /** What it was made of. */
  readonly setup: PhoneCallSetup;
  /** Settles when the call is over, every socket closed and every callback answered. */
  readonly ended: Promise<PhoneCallReport>;
  readonly #notes = new CallNotes();
  readonly #requests: CallRequests;
  readonly #audio: CallAudio;
  readonly #closing = new AbortController();
  readonly #times: Times;
  readonly #callbacks: Promise<void>[] = [];
  #status: CallStatus;
  #endedBy: EndedBy | undefined;
  /** Aborted to leave the document at hand. */
  #leave = new AbortController();
  #replacement: DocumentSource | undefined;
  #baseUrl: string | undefined;

  /** Dials at once. */
  constructor(setup: PhoneCallSetup) {
    const { clock, script, direction } = setup;
    this.setup = setup;
    this.#status = direction === "inbound" ? "ringing" : "queued";
    this.#times = { dialledAtMs: clock.nowMs(), answeredAtMs: undefined, endedAtMs: undefined };
    const parameters = { ...callParameters(this.callSid, setup), ...setup.parameters };
    this.#requests = new CallRequests(
      { ...setup, parameters, signal: this.#closing.signal },
      this.#notes,
    );
    this.#audio = new CallAudio({ clock, script, onHangUp: () => this.hangUp("caller") });
    this.ended = this.#live();
  }

  /** What Twilio knows of it now. */
  get facts(): CallFacts {
    const { from, to, direction } = this.setup;
    return { callSid: this.callSid, from, to, direction, status: this.#status, ...this.#times };
  }

  /** Whether it is over, or about to be. */
  get isOver(): boolean {
    return this.#endedBy !== undefined;
  }

  /** Ends the call; the first word counts. */
  hangUp(by: EndedBy): void {
    if (this.isOver) return;
    this.#endedBy = by;
    this.#audio.end();
    this.#leave.abort();
  }

  /** Another document takes over. */
  replace(source: DocumentSource): void {
    this.#replacement = source;
    this.#leave.abort();
  }

  /** Ends the call and every request of it that is under way. */
  async close(): Promise<void> {
    this.hangUp("caller");
    this.#closing.abort();
    await this.ended;
  }

  async #live(): Promise<PhoneCallReport> {
    const { source, callee } = this.setup;
    const answered = callee ? await this.#ring(callee) : true;
    let next: DocumentSource | undefined = answered ? source : undefined;
    while (next && !this.isOver) next = await this.#follow(next);
    return await this.#finish();
  }

  /** Calls the other party; gives whether it picked up. */
  async #ring(callee: Callee): Promise<boolean> {
    this.#callBack("initiated");
    await this.#pass(0, this.#leave.signal);
    this.#status = "ringing";
    this.#callBack("ringing");
    await this.#pass(callee.ringMs, this.#leave.signal);
    if (this.isOver) return false;
    if (callee.then !== "in-progress") {
      this.#status = callee.then;
      this.hangUp("error");
      return false;
    }
    this.#answer();
    this.#callBack("answered");
    return true;
  }

  /** Runs one document; gives what comes after it, or nothing if that is the end. */
  async #follow(source: DocumentSource): Promise<DocumentSource | undefined> {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.#baseUrl = source.type === "url" ? source.url : undefined;
    const instructions = await this.#requests.document(source, { status: this.#status, signal });
    const result = signal.aborted
      ? { type: "left" } as const
      : await this.#obey(instructions, this.#host(signal));
    const replacement = this.#replacement;
    this.#replacement = undefined;
    if (this.isOver) return undefined;
    if (replacement) return replacement;
    if (result.type === "go") {
      const url = absoluteUrl(result.url, this.#baseUrl);
      if (url) return { ...result, type: "url", url };
      this.#warn(11100, `"${result.url}" is no URL`);
    }
    this.hangUp(result.type === "ended" ? result.by : "error");
    return undefined;
  }

  async #obey(instructions: Instructions, host: TwimlHost): Promise<TwimlResult> {
    switch (instructions.type) {
      case "verbs":
        return await runVerbs(instructions.verbs, host);
      case "spoken": {
        const { by, text, ms } = instructions;
        host.answer();
        await host.speak(by, { text, ms });
        return { type: "ended", by: "twiml" };
      }
      case "refused":
        host.answer();
        await host.speak("apology", { text: APOLOGY, ms: APOLOGY_MS });
        return { type: "ended", by: "error" };
      default:
        return instructions satisfies never;
    }
  }

  #host(signal: AbortSignal): TwimlHost {
    return {
      signal,
      answer: () => this.#answer(),
      pass: (ms) => this.#pass(ms, signal),
      speak: (by, speech) => this.#speak(by, { ...speech, signal }),
      connect: (stream) => this.#connect(stream, signal),
      dial: (verb) => this.#dial(verb, signal),
      reject: (status) => this.#status = status,
      warn: (code, text) => this.#warn(code, text),
    };
  }

  #answer(): void {
    if (this.#times.answeredAtMs !== undefined) return;
    this.#times.answeredAtMs = this.setup.clock.nowMs();
    this.#status = "in-progress";
  }

  async #pass(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#times.answeredAtMs !== undefined) this.#audio.begin();
    if (signal.aborted) return;
    const { clock } = this.setup;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.at(clock.nowMs() + ms, resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    timer.cancel();
  }

  async #speak(
    by: Spoken["by"],
    { text, ms, signal }: { text: string; ms: number; signal: AbortSignal },
  ): Promise<void> {
    const atMs = this.setup.clock.nowMs();
    this.#audio.spokenTo = true;
    await this.#pass(ms, signal);
    this.#audio.spokenTo = false;
    this.#notes.spoken.push({ by, text, atMs, lastedMs: this.setup.clock.nowMs() - atMs });
  }

  #dial(verb: TwimlElement, signal: AbortSignal): Promise<DialOutcome> {
    const { from, clock, dialOutcome: outcome } = this.setup;
    return runDial(verb, {
      ...{ callSid: this.callSid, from, outcome, signal, notes: this.#notes },
      ...{ base: this.#baseUrl, requests: this.#requests, nowMs: () => clock.nowMs() },
      pass: (ms) => this.#pass(ms, signal),
      warn: (code, text) => this.#warn(code, text),
    });
  }

  #connect(request: StreamRequest, signal: AbortSignal): Promise<"line" | "server" | undefined> {
    const base = this.#baseUrl;
    return runStream(request, {
      ...{ setup: this.setup, callSid: this.callSid, audio: this.#audio, base, signal },
      ended: (stream) => void this.#notes.streams.push(stream),
      warn: (code, text) => this.#warn(code, text),
      tell: (url, what) => void this.#callbacks.push(this.#requests.tell(url, what)),
    });
  }

  async #finish(): Promise<PhoneCallReport> {
    const endedAtMs = this.setup.clock.nowMs();
    this.#audio.end();
    this.#times.endedAtMs = endedAtMs;
    this.#status = this.#finalStatus();
    const seconds = Math.round((endedAtMs - (this.#times.answeredAtMs ?? endedAtMs)) / 1000);
    const duration = this.#status === "completed"
      ? { Duration: String(Math.ceil(seconds / 60)) }
      : undefined;
    this.#callBack("completed", { ...duration, CallDuration: String(seconds) });
    await Promise.all(this.#callbacks);
    const endedBy = this.#endedBy ?? "error";
    return { ...this.facts, ...this.#notes, ...this.#audio.record.report(), endedAtMs, endedBy };
  }

  #finalStatus(): CallStatus {
    if (this.#times.answeredAtMs !== undefined) return "completed";
    if (this.#status !== "ringing" && this.#status !== "queued") return this.#status;
    if (this.#endedBy === "rest") return "canceled";
    return this.#endedBy === "caller" ? "no-answer" : "completed";
  }

  #callBack(event: StatusEvent, parameters: Readonly<Record<string, string>> = {}): void {
    const status = event === "initiated" ? event : this.#status;
    this.#callbacks.push(this.#requests.status(event, { status, parameters }));
  }

  #warn(code: number, text: string): void {
    this.#notes.warnings.push({ code, text, atMs: this.setup.clock.nowMs() });
  }
}
