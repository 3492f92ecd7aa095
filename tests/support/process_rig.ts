/**
 * Calls to a server that is a process of its own; the line and the model are in this one.
 *
 * @module
 */

import type { CallerScript } from "../../emulators/caller_script.ts";
import { type GeminiLiveEmulator, startGeminiLive } from "../../emulators/gemini_live.ts";
import type { LineFaults } from "../../emulators/line_faults.ts";
import type { ModelScript } from "../../emulators/model_script.ts";
import type { PhoneCall } from "../../emulators/phone_call.ts";
import { PhoneLine } from "../../emulators/phone_line.ts";
import { systemClock } from "../../lib/clock.ts";
import { socketOf } from "../../tasks/socket_url.ts";
import { type Entry, GOOD_ENVIRONMENT, ServerProcess } from "./server_process.ts";
import { ACCOUNT_SID } from "./sign.ts";
import { AUTH_TOKEN, PUBLIC_URL } from "./socket_call.ts";

/** A server that is a process, and a line that reaches it. */
export class ProcessRig implements AsyncDisposable {
  readonly model: GeminiLiveEmulator;
  readonly server: ServerProcess;
  readonly line: PhoneLine;

  private constructor(model: GeminiLiveEmulator, server: ServerProcess, url: string) {
    this.model = model;
    this.server = server;
    this.line = new PhoneLine({
      clock: systemClock,
      accountSid: ACCOUNT_SID,
      authToken: AUTH_TOKEN,
      address: (at) => at.replace(PUBLIC_URL, url).replace(socketOf(PUBLIC_URL), socketOf(url)),
    });
  }

  /** Starts the process, told of the model and what else `environment` says. */
  static async start(
    script: ModelScript,
    environment: Readonly<Record<string, string>> = {},
    entry?: Entry,
  ): Promise<ProcessRig> {
    await using starting = new AsyncDisposableStack();
    const model = starting.use(await startGeminiLive({ clock: systemClock, script }));
    const server = await ServerProcess.start({
      ...GOOD_ENVIRONMENT,
      GOOGLE_GEMINI_BASE_URL: model.url,
      ...environment,
    }, entry);
    starting.move();
    return new ProcessRig(model, server, server.url ?? "");
  }

  /** Begins a call. */
  dial(script: CallerScript, faults: LineFaults = {}): PhoneCall {
    return this.line.dial({
      voiceUrl: `${PUBLIC_URL}/twilio/voice`,
      statusCallback: `${PUBLIC_URL}/twilio/status`,
      from: "+15550001111",
      to: "+15559990000",
      script,
      faults,
    });
  }

  /** The status of an answer to `GET`. */
  async statusOf(path: string): Promise<number> {
    const response = await fetch(this.server.url + path);
    await response.body?.cancel();
    return response.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.line.close();
    await this.server[Symbol.asyncDispose]();
    await this.model.close();
  }
}
