/**
 * Servers that are processes and share a store in a file, and a line that reaches whichever is told to answer.
 *
 * @module
 */

import type { CallerScript } from "../../emulators/caller_script.ts";
import { type GeminiLiveEmulator, startGeminiLive } from "../../emulators/gemini_live.ts";
import type { ModelScript } from "../../emulators/model_script.ts";
import type { PhoneCall } from "../../emulators/phone_call.ts";
import { PhoneLine } from "../../emulators/phone_line.ts";
import { systemClock } from "../../lib/clock.ts";
import { socketOf } from "../../tasks/socket_url.ts";
import { GOOD_ENVIRONMENT, ServerProcess } from "./server_process.ts";
import { ACCOUNT_SID } from "./sign.ts";
import { AUTH_TOKEN, PUBLIC_URL } from "./socket_call.ts";

/** Where nobody listens: a load balancer that has no server left. */
const NOBODY = "http://127.0.0.1:9";
/** Below the project, where a server may write. */
const DATA = new URL("../../data/", import.meta.url).pathname;

/** Servers with one store, a model and a line. */
export class FailoverRig implements AsyncDisposable {
  readonly model: GeminiLiveEmulator;
  readonly line: PhoneLine;
  /** All that were started, those that are over too. */
  readonly servers: ServerProcess[] = [];
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  #calls = 0;
  /** Who answers what is asked from now on. */
  #url = NOBODY;

  private constructor(
    model: GeminiLiveEmulator,
    options: { folder: string; environment: Readonly<Record<string, string>> },
  ) {
    this.model = model;
    this.#folder = options.folder;
    this.#environment = options.environment;
    this.line = new PhoneLine({
      clock: systemClock,
      accountSid: ACCOUNT_SID,
      authToken: AUTH_TOKEN,
      address: (at) =>
        at.replace(PUBLIC_URL, this.#url).replace(socketOf(PUBLIC_URL), socketOf(this.#url)),
    });
  }

  /** Starts the model and `servers` processes, told what else `environment` says; the first one answers. */
  static async start(
    script: ModelScript,
    options: { servers?: number; environment?: Readonly<Record<string, string>> } = {},
  ): Promise<FailoverRig> {
    const { servers = 2, environment = {} } = options;
    await Deno.mkdir(DATA, { recursive: true });
    const folder = await Deno.makeTempDir({ dir: DATA, prefix: "failover-" });
    const model = await startGeminiLive({ clock: systemClock, script });
    const rig = new FailoverRig(model, { folder, environment });
    try {
      await Promise.all(Array.from({ length: servers }, () => rig.startServer()));
    } catch (error) {
      await rig[Symbol.asyncDispose]();
      throw error;
    }
    const [first] = rig.servers;
    if (first) rig.sendTo(first);
    return rig;
  }

  /** Starts one more server. */
  async startServer(): Promise<ServerProcess> {
    const server = await ServerProcess.start({
      ...GOOD_ENVIRONMENT,
      KV_PATH: `${this.#folder}/kv.sqlite3`,
      GOOGLE_GEMINI_BASE_URL: this.model.url,
      MAX_CALLS_PER_CALLER: "100",
      ...this.#environment,
    });
    this.servers.push(server);
    return server;
  }

  /** From now on a server answers what is asked, or nobody does. */
  sendTo(server: ServerProcess | undefined): void {
    this.#url = server?.url ?? NOBODY;
  }

  /** Begins a call of a caller's own. */
  dial(
    script: CallerScript,
    options: { fallbackUrl?: string; server?: ServerProcess } = {},
  ): PhoneCall {
    const { server, ...rest } = options;
    if (server) this.sendTo(server);
    return this.line.dial({
      // As the README has it set: a server that is killed while it answers is not the end of the call.
      voiceUrl: `${PUBLIC_URL}/twilio/voice#rc=5&rp=all`,
      statusCallback: `${PUBLIC_URL}/twilio/status`,
      from: `+1555${String(++this.#calls).padStart(7, "0")}`,
      to: "+15559990000",
      script,
      faults: {},
      ...rest,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.line.close();
    for (const server of this.servers) await server[Symbol.asyncDispose]();
    await this.model.close();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
