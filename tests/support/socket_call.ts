/**
 * Whole calls over real sockets of this machine: the server, an emulated telephone line before it and an emulated model
 * behind it. The network that hears is real too and is loaded once per test file.
 *
 * @module
 */

import type { CallerScript } from "../../emulators/caller_script.ts";
import {
  type GeminiLiveEmulator,
  type GeminiLiveOptions,
  startGeminiLive,
} from "../../emulators/gemini_live.ts";
import type { SessionRecord } from "../../emulators/gemini_records.ts";
import type { LineFaults } from "../../emulators/line_faults.ts";
import type { PhoneCall } from "../../emulators/phone_call.ts";
import { PhoneLine } from "../../emulators/phone_line.ts";
import type { DialOutcome, PhoneCallReport } from "../../emulators/phone_report.ts";
import { parseAgentFile } from "../../lib/agents/agent_file.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { ModelCircuit } from "../../lib/gemini/circuit.ts";
import { LIVE_MODELS } from "../../lib/gemini/live_models.ts";
import { openLive } from "../../lib/gemini/live_session.ts";
import { liveSetup } from "../../lib/gemini/live_setup.ts";
import { lazyDetector, SileroNetwork } from "../../lib/hearing/silero_vad.ts";
import { randomIds } from "../../lib/ids.ts";
import { createLog } from "../../lib/log.ts";
import type { CallRecord } from "../../lib/records/call_record.ts";
import { RestClient } from "../../lib/twilio/rest_client.ts";
import { HttpClient } from "../../lib/tools/http_client.ts";
import { ownTools } from "../../lib/tools/own_tools.ts";
import { ToolBox } from "../../lib/tools/tool_box.ts";
import type { Listen } from "../../routes/listeners/listener.ts";
import { listenOnNode } from "../../routes/listeners/node_listener.ts";
import { type RunningServer, type ServerParts, startServer } from "../../routes/server.ts";
import { socketOf } from "../../tasks/socket_url.ts";
import { absentStore, memoryStore } from "./memory_store.ts";
import { ACCOUNT_SID } from "./sign.ts";

/** What the telephone network knows the server by. */
export const PUBLIC_URL = "https://phone.example.com";
/** What the network signs with. */
export const AUTH_TOKEN = "feedfacefeedfacefeedfacefeedface";
/** Key of the model. */
export const API_KEY = "AIza-planted-in-every-call";

const MODEL = "gemini-3.8-live";

/** The network that hears, loaded. */
export const network: SileroNetwork = await SileroNetwork.load();

/** What may differ from rig to rig. */
export interface RigOptions {
  /** The model; its conversation is that of the demo unless it has a script. */
  readonly model?: Omit<GeminiLiveOptions, "clock">;
  readonly settings?: Partial<
    Pick<
      ServerParts["settings"],
      "fallbackNumber" | "maxCalls" | "maxCallSeconds" | "consoleToken" | "hasDebugPages"
    >
  >;
  /** Further fields of the agent, as its file has them. */
  readonly agent?: Readonly<Record<string, unknown>>;
  /** Where Twilio's API is, if the server may ask it. */
  readonly twilioUrl?: string;
  /** As an agent file has them. */
  readonly turns?: Readonly<Record<string, unknown>>;
  /** Model that the agent falls back on. */
  readonly fallbackModel?: string;
  /** Whose time all three go by; the host's unless given. */
  readonly clock?: Clock;
  /** By what the server listens; `node:http` unless given. */
  readonly listen?: Listen;
  /** Whether there is no key of the model. */
  readonly isKeyMissing?: boolean;
  /** Whether there is no store that could be reached. */
  readonly isStoreAway?: boolean;
  /** The network, if it is still to be loaded. */
  readonly hearing?: Promise<SileroNetwork>;
}

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
    const server = await startServer({
      ...serverParts(options, { clock, modelUrl: model.url }),
      log: createLog({ level: "info", clock, write: (line) => logged.push(line) }),
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

function serverParts(
  options: RigOptions,
  { clock, modelUrl }: { clock: Clock; modelUrl: string },
): Omit<ServerParts, "log"> {
  const { settings, turns, agent: fields, fallbackModel, twilioUrl, isStoreAway } = options;
  const { hearing = Promise.resolve(network) } = options;
  const file = {
    name: "default",
    instructions: "{{caller}} is on the line. Be brief.",
    greeting: "Hello.",
    ...(turns ? { turns } : {}),
    ...(fallbackModel ? { fallbackModel } : {}),
    ...fields,
  };
  const agent = parseAgentFile(JSON.stringify(file), "agent of the tests");
  const circuit = new ModelCircuit(clock);
  const toolBox = new ToolBox({ client: new HttpClient(), secrets: new Map(), own: ownTools() });
  const tools = toolBox.declarations(agent, "either");
  return {
    host: "127.0.0.1",
    port: 0,
    listen: options.listen ?? listenOnNode,
    settings: {
      publicUrl: PUBLIC_URL,
      twilioAccountSid: ACCOUNT_SID,
      twilioAuthToken: AUTH_TOKEN,
      fallbackNumber: undefined,
      fullHouse: "say",
      maxCalls: 50,
      maxCallsPerCaller: 50,
      // The machine of the tests is often shared with others.
      maxLoopLagMs: 5_000,
      maxCallSeconds: 1_800,
      maxDailyUsd: undefined,
      consoleToken: undefined,
      hasDebugPages: false,
      ...settings,
    },
    agents: {
      names: [agent.name],
      warnings: [],
      get: (name) => name === agent.name ? agent : undefined,
      forNumber: () => agent,
      reload: () => Promise.resolve(),
    },
    toolBox,
    hearing,
    detector: () => lazyDetector(hearing),
    modelOf: () => "gemini-3.8-live",
    isModelDown: () => circuit.obstacleTo(MODEL) !== undefined,
    clientModels: LIVE_MODELS,
    hasModelKey: options.isKeyMissing !== true,
    modelFor: (called, log, { model = MODEL } = {}) =>
      openLive({
        model,
        apiKey: API_KEY,
        baseUrl: modelUrl,
        setup: (begin) =>
          liveSetup(called, { ...begin, instructions: called.instructions, model, tools }),
        isBlocking: (name) => tools.some((tool) => tool.name === name && tool.isBlocking),
        activityGapMs: agent.turns.activityGapMs,
        circuit,
        ids: randomIds,
        clock,
        log,
      }),
    rest: twilioUrl
      ? new RestClient({
        accountSid: ACCOUNT_SID,
        credentials: { user: ACCOUNT_SID, password: AUTH_TOKEN },
        origin: twilioUrl,
        clock,
      })
      : undefined,
    store: isStoreAway ? absentStore(clock) : memoryStore(clock),
    clock,
    ids: randomIds,
  };
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
