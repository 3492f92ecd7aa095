/**
 * The server of whole calls over real sockets: what it is made of in tests.
 *
 * @module
 */

import type { GeminiLiveOptions } from "../../emulators/gemini_live.ts";
import { parseAgentFile } from "../../lib/agents/agent_file.ts";
import type { Clock } from "../../lib/clock.ts";
import { ModelCircuit } from "../../lib/gemini/circuit.ts";
import { LIVE_MODELS } from "../../lib/gemini/live_models.ts";
import { openLive } from "../../lib/gemini/live_session.ts";
import { liveSetup } from "../../lib/gemini/live_setup.ts";
import { lazyDetector, SileroNetwork } from "../../lib/hearing/silero_vad.ts";
import { randomIds } from "../../lib/ids.ts";
import { RestClient } from "../../lib/twilio/rest_client.ts";
import { HttpClient } from "../../lib/tools/http_client.ts";
import { ownTools } from "../../lib/tools/own_tools.ts";
import { ToolBox } from "../../lib/tools/tool_box.ts";
import { waitingFor } from "../../lib/tools/tool_declaration.ts";
import type { Listen } from "../../routes/listeners/listener.ts";
import { listenOnNode } from "../../routes/listeners/node_listener.ts";
import type { ServerParts } from "../../routes/server.ts";
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
      | "fallbackNumber"
      | "maxCalls"
      | "maxCallSeconds"
      | "maxDailyUsd"
      | "consoleToken"
      | "hasDebugPages"
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
  /** A folder for recordings. */
  readonly recordingsFolder?: string;
  /** Whether there is no store that could be reached. */
  readonly isStoreAway?: boolean;
  /** The network, if it is still to be loaded. */
  readonly hearing?: Promise<SileroNetwork>;
}

/** What the server is made of. */
export function serverParts(
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
        isBlocking: waitingFor(tools),
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
