/**
 * Whole calls over real sockets of this machine: the server, an emulated telephone line before it and an emulated model
 * behind it. The network that hears is real too and is loaded once per test file.
 *
 * @module
 */

import type { CallerScript } from "../../emulators/caller_script.ts";
import { type GeminiLiveEmulator, startGeminiLive } from "../../emulators/gemini_live.ts";
import type { SessionRecord } from "../../emulators/gemini_records.ts";
import type { LineFaults } from "../../emulators/line_faults.ts";
import type { PhoneCall } from "../../emulators/phone_call.ts";
import { PhoneLine } from "../../emulators/phone_line.ts";
import type { DialOutcome, PhoneCallReport } from "../../emulators/phone_report.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { createLog } from "../../lib/log.ts";
import type { CallRecord } from "../../lib/records/call_record.ts";
import { RecordingFiles } from "../../lib/records/recording_files.ts";
import { type RunningServer, startServer } from "../../routes/server.ts";
import { socketOf } from "../../tasks/socket_url.ts";
import { API_KEY, AUTH_TOKEN, PUBLIC_URL, type RigOptions, serverParts } from "./rig_server.ts";
import { ACCOUNT_SID } from "./sign.ts";

export { API_KEY, AUTH_TOKEN, network, PUBLIC_URL } from "./rig_server.ts";
export type { RigOptions } from "./rig_server.ts";

/** How one call differs from another. */
export interface RigCallOptions {
  readonly faults?: LineFaults;
  /** The caller's number, one of its own for every call unless given. */
  readonly from?: string;
  /** What comes of ringing somebody. */
  readonly dialOutcome?: (target: string) => DialOutcome;
}

/** All that is known of a call that is over, from each side. */
export interface FinishedCall {
  /** The telephone's. */
  readonly report: PhoneCallReport;
  /** The server's. */
  readonly record: CallRecord;
  /** The model's latest; undefined if the call never came to it. */
  readonly session: SessionRecord | undefined;
}

/** A server, a line and a model. */
export class SocketRig implements AsyncDisposable {
  readonly model: GeminiLiveEmulator;
  readonly server: RunningServer;
  readonly line: PhoneLine;
  /** Every line of the server's log, at info and above. */
  readonly logged: readonly string[];
  #calls = 0;

  private constructor(
    clock: Clock,
    parts: Pick<SocketRig, "model" | "server" | "logged">,
  ) {
    this.model = parts.model;
    this.server = parts.server;
    this.logged = parts.logged;
    this.line = new PhoneLine({
      clock,
      accountSid: ACCOUNT_SID,
      authToken: AUTH_TOKEN,
      address: (url) =>
        url.replace(PUBLIC_URL, this.url).replace(socketOf(PUBLIC_URL), socketOf(this.url)),
    });
  }

  /** Starts all three on free ports. */
  static async start(options: RigOptions = {}): Promise<SocketRig> {
    const clock = options.clock ?? systemClock;
    const logged: string[] = [];
    await using starting = new AsyncDisposableStack();
    const model = await startGeminiLive({ ...options.model, clock });
    starting.defer(() => model.close());
    const log = createLog({ level: "info", clock, write: (line) => logged.push(line) });
    const { recordingsFolder: folder } = options;
    const server = await startServer({
      ...serverParts(options, { clock, modelUrl: model.url }),
      recordingFiles: folder === undefined ? undefined : new RecordingFiles({ folder, clock, log }),
      log,
    });
    starting.move();
    return new SocketRig(clock, { model, server, logged });
  }

  /** Where the server really is. */
  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  /** Begins a call. */
  dial(script: CallerScript, options: RigCallOptions = {}): PhoneCall {
    const { faults = {}, from = `+1555000${String(++this.#calls).padStart(4, "0")}` } = options;
    const { dialOutcome } = options;
    return this.line.dial({
      voiceUrl: `${PUBLIC_URL}/twilio/voice`,
      statusCallback: `${PUBLIC_URL}/twilio/status`,
      from,
      to: "+15559990000",
      script,
      faults,
      ...(dialOutcome ? { dialOutcome } : {}),
    });
  }

  /** Makes a call and waits until it is over on all sides. */
  async call(script: CallerScript, options: RigCallOptions = {}): Promise<FinishedCall> {
    return await this.finish(this.dial(script, options));
  }

  /** Waits until a call is over on all sides. */
  async finish(call: PhoneCall): Promise<FinishedCall> {
    const report = await call.ended;
    const record = await this.#finalRecord(call.callSid);
    const session = this.sessionOf(report.from);
    if (session) await until(() => session.closeCode !== undefined, "the model is left");
    return { report, record, session };
  }

  /** The latest session of a caller, whose number stands in the model's instructions. */
  sessionOf(from: string): SessionRecord | undefined {
    return this.sessionsOf(from).at(-1);
  }

  /** All sessions of a caller, first to last. */
  sessionsOf(from: string): SessionRecord[] {
    return this.model.sessions.filter(({ setup }) =>
      setup?.systemInstruction?.parts?.some(({ text }) => text?.includes(from))
    );
  }

  /** The status of an answer to `GET`. */
  async statusOf(path: string): Promise<number> {
    const response = await fetch(this.url + path);
    await response.body?.cancel();
    return response.status;
  }

  async #finalRecord(callSid: string): Promise<CallRecord> {
    const endMs = performance.now() + 15_000;
    while (performance.now() < endMs) {
      const record = await this.server.records.get(callSid);
      if (record?.ending !== undefined) return record;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`Waited in vain for the end of the record of ${callSid}`);
  }

  /** Ends everything; no log line may hold a secret [I5]. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.line.close();
    await this.server.close();
    await this.model.close();
    const leaked = this.logged.find((line) => line.includes(API_KEY) || line.includes(AUTH_TOKEN));
    if (leaked) throw new Error(`A secret was logged: ${leaked}`);
  }
}

/**
 * Waits for what real sockets bring about.
 *
 * @param what What is waited for, for the error
 * @throws {Error} If it takes longer than `withinMs`
 */
export async function until(isSo: () => boolean, what: string, withinMs = 15_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`Waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
