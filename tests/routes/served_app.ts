/**
 * The app on a free port of this machine. Its public URL is another one, as behind every proxy and tunnel, its time
 * stands still, and its calls do nothing but listen until the leg ends.
 *
 * @module
 */

import type { CallNumbers } from "../../lib/admission/slots.ts";
import type { AgentConfig } from "../../lib/agents/agent_config.ts";
import { CallRegistry } from "../../lib/admission/call_registry.ts";
import { LiveCalls } from "../../lib/call/live_calls.ts";
import type { CallOutcome } from "../../lib/call/outcome.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { ClientDesk } from "../../lib/gateway/client_desk.ts";
import { randomIds } from "../../lib/ids.ts";
import { createLog, type Log } from "../../lib/log.ts";
import { CallStore } from "../../lib/records/call_store.ts";
import { Recordings } from "../../lib/records/recordings.ts";
import { SnapshotStore } from "../../lib/records/snapshot_store.ts";
import { Telemetry } from "../../lib/telemetry/telemetry.ts";
import { DEFAULT_BARGE_IN, DEFAULT_TURN_SETTINGS } from "../../lib/turns/turn_settings.ts";
import { type AppDeps, createApp } from "../../routes/app.ts";
import type { AppSettings } from "../../routes/app_settings.ts";
import type { Answer, Listen, Listener } from "../../routes/listeners/listener.ts";
import { listenOnNode } from "../../routes/listeners/node_listener.ts";
import type { AnsweredCall } from "../../routes/media_stream.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { memoryStore } from "../support/memory_store.ts";
import { type RawResponse, sendRaw } from "../support/raw_http.ts";
import { ACCOUNT_SID, AUTH_TOKEN, sign } from "../support/sign.ts";
import { asDescribed } from "./described_answers.ts";
import { PLAIN_ABILITIES } from "../support/plain_abilities.ts";
import { CALL_SID, ClientSocket, PUBLIC_URL, tokenIn, VOICE_FORM } from "./served_call.ts";

export * from "./served_call.ts";

export const AGENT: AgentConfig = {
  name: "default",
  instructions: "",
  greeting: "",
  ...PLAIN_ABILITIES,
  keepGreeting: false,
  voice: "Kore",
  generation: {},
  turns: DEFAULT_TURN_SETTINGS,
  bargeIn: DEFAULT_BARGE_IN,
  deadAir: null,
  digits: { policy: "ignore", endKey: "", timeoutMs: 1_000, mostDigits: 1 },
  cutNote: "",
  limits: { maxCallSeconds: 60 },
};

/** What is not as usual. */
export interface AppOptions {
  readonly settings?: Partial<AppSettings>;
  readonly deps?: Partial<AppDeps>;
  readonly listen?: Listen;
  readonly numbers?: Partial<CallNumbers>;
}

/** A desk that begins no conversation. */
function noClients(clock: Clock, log: Log): ClientDesk {
  return new ClientDesk({
    offer: { agents: { get: () => undefined }, modelOf: () => "", models: [], voices: [] },
    toolsFor: () => [],
    used: () => {},
    openModel: () => {
      throw new Error("No model here");
    },
    detector: () => ({ score: () => Promise.resolve(0) }),
    mostClients: 0,
    maxSeconds: 1,
    hasModelKey: false,
    clock,
    ids: randomIds,
    log,
  });
}

/** The app on a port. */
export class ServedApp implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly calls: CallRegistry;
  readonly live = new LiveCalls();
  readonly store = memoryStore(this.clock);
  readonly records = new CallStore({ store: this.store, clock: this.clock, instance: "this" });
  readonly snapshots: SnapshotStore;
  /** Every call that got to be served. */
  readonly answered: AnsweredCall[] = [];
  /** Every line of the log at info and above. */
  readonly logged: string[] = [];
  /** Every route. */
  readonly answer: Answer;
  /** Their names. */
  readonly routes: readonly string[];
  /** The log of everything. */
  readonly log: Log;
  #listener: Listener | undefined;

  private constructor(options: AppOptions) {
    const write = (line: string) => void this.logged.push(line);
    this.log = createLog({ level: "info", clock: this.clock, write });
    this.calls = new CallRegistry({
      clock: this.clock,
      ids: randomIds,
      log: this.log,
      numbers: { maxCalls: 50, maxCallsPerCaller: 1_000, ...options.numbers },
    });
    this.snapshots = new SnapshotStore({ clock: this.clock });
    const app = createApp({
      settings: {
        publicUrl: PUBLIC_URL,
        twilioAccountSid: ACCOUNT_SID,
        twilioAuthToken: AUTH_TOKEN,
        fallbackNumber: undefined,
        fullHouse: "say",
        consoleToken: undefined,
        hasDebugPages: false,
        ...options.settings,
      },
      agents: {
        names: [AGENT.name],
        warnings: [],
        get: (name) => name === AGENT.name ? AGENT : undefined,
        forNumber: () => AGENT,
      },
      callerRules: {
        obstacle: () => Promise.resolve(undefined),
        isSpent: () => Promise.resolve(false),
      },
      serveCall: (call) => this.#listen(call),
      calls: this.calls,
      clients: noClients(this.clock, this.log),
      live: this.live,
      records: this.records,
      isReady: () => true,
      obstacle: () => undefined,
      isStopping: () => false,
      snapshots: this.snapshots,
      prepare: () => {},
      isModelDown: () => false,
      telemetry: new Telemetry(this.log),
      recordings: new Recordings({ store: this.store }),
      store: this.store,
      clock: this.clock,
      ids: randomIds,
      log: this.log,
      ...options.deps,
    });
    this.routes = app.routes;
    this.answer = asDescribed(app);
  }

  /** Begins to listen, by `node:http` if nothing else is named. */
  static async start(options: AppOptions = {}): Promise<ServedApp> {
    const app = new ServedApp(options);
    const { listen = listenOnNode } = options;
    app.#listener = await listen(
      { hostname: "127.0.0.1", port: 0, clock: systemClock, log: app.log },
      app.answer,
    );
    return app;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Where the app is to be found by those who do not come by the public URL. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Posts a form as Twilio does; headers given here come last and win. */
  post(
    path: string,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RawResponse> {
    const body = new URLSearchParams(form).toString();
    return sendRaw(this.port, {
      target: path,
      headers: {
        Host: "phone.example.com",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": String(body.length),
        "X-Twilio-Signature": sign(PUBLIC_URL + path, form),
        ...headers,
      },
      body,
    });
  }

  /** Lets a call in. @returns The token for its stream */
  async admit(callSid = CALL_SID): Promise<string> {
    const { body } = await this.post("/twilio/voice", { ...VOICE_FORM, CallSid: callSid });
    return tokenIn(body);
  }

  /** Opens the audio as Twilio does. */
  async openStream(): Promise<ClientSocket> {
    const signature = sign("wss://phone.example.com/twilio/media");
    const socket = new ClientSocket(`ws://127.0.0.1:${this.port}/twilio/media`, {
      "X-Twilio-Signature": signature,
    });
    await socket.opened;
    return socket;
  }

  /** Waits for a fact that real sockets bring about. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.close();
    this.records.close();
    this.store.close();
  }

  #listen(call: AnsweredCall): Promise<CallOutcome> {
    this.answered.push(call);
    return new Promise((resolve) =>
      call.leg.listen((event) => {
        if (event.type !== "leg-ended") return;
        resolve({ ending: event.reason === "lost" ? "line-lost" : "caller-hung-up" });
      })
    );
  }
}
