/**
 * The server with everything real, by the environment. `deno task start`.
 *
 * @module
 */

import type { AgentConfig } from "./lib/agents/agent_config.ts";
import { AgentFileError } from "./lib/agents/agent_file.ts";
import { loadAgents } from "./lib/agents/agent_store.ts";
import { countTimers, systemClock } from "./lib/clock.ts";
import { readSettings, type Settings, SettingsError } from "./lib/env.ts";
import { FlightFiles } from "./lib/flight/flight_files.ts";
import { ModelCircuit } from "./lib/gemini/circuit.ts";
import { LIVE_MODELS } from "./lib/gemini/live_models.ts";
import { DEFAULT_MODEL, modelFamily } from "./lib/agents/model_family.ts";
import { openLive } from "./lib/gemini/live_session.ts";
import { liveSetup } from "./lib/gemini/live_setup.ts";
import { lazyDetector, SileroNetwork } from "./lib/hearing/silero_vad.ts";
import { randomIds } from "./lib/ids.ts";
import { localToken } from "./lib/local_token.ts";
import { createLog, type Log, toConsole } from "./lib/log.ts";
import { RecordingFiles } from "./lib/records/recording_files.ts";
import { KvStore } from "./lib/store/kv_store.ts";
import { PatientStore } from "./lib/store/patient_store.ts";
import type { OpenStore } from "./lib/store/store.ts";
import { HttpClient } from "./lib/tools/http_client.ts";
import { ownTools } from "./lib/tools/own_tools.ts";
import { ToolBox } from "./lib/tools/tool_box.ts";
import { waitingFor } from "./lib/tools/tool_declaration.ts";
import { RestClient } from "./lib/twilio/rest_client.ts";
import { listenOnDeno } from "./routes/listeners/deno_listener.ts";
import type { Listen } from "./routes/listeners/listener.ts";
import { listenOnNode } from "./routes/listeners/node_listener.ts";
import { type RunningServer, startServer } from "./routes/server.ts";

const ENCODER = new TextEncoder();

/** Recorded calls. */
const FLIGHTS = "data/flights";

/** Every timer of this process is set on it, so that the last line can say whether one was left. */
const clock = countTimers(systemClock);

/** Signals closer together than this are one. */
const ONE_PRESS_MS = 500;

/**
 * Starts the server.
 *
 * @param settings From the environment
 * @param log Where it is told of
 * @throws {AgentFileError} If an agent file is wrong
 */
export async function serve(settings: Settings, log: Log): Promise<RunningServer> {
  const { twilio, modelAccess } = settings;
  const toolBox = new ToolBox({
    client: new HttpClient(),
    secrets: settings.secrets,
    own: ownTools(),
  });
  const agents = await loadAgents(settings.agentsPath, {
    model: settings.modelId,
    check: (agent) => toolBox.problems(agent),
  });
  for (const warning of [...settings.warnings, ...agents.warnings]) {
    log.warn("settings", { warning });
  }
  const hearing = SileroNetwork.load();
  const circuit = new ModelCircuit(clock);
  const modelOf = (agent: AgentConfig) => settings.modelId ?? agent.model ?? DEFAULT_MODEL;
  const server = await startServer({
    host: settings.host,
    port: settings.port,
    listen: listenerFor(settings),
    settings: {
      publicUrl: settings.publicOrigin,
      twilioAccountSid: twilio.accountSid,
      twilioAuthToken: twilio.authToken ?? await localToken(randomIds),
      fallbackNumber: settings.fallbackNumber,
      fullHouse: settings.fullHouse,
      maxCalls: settings.maxCalls,
      maxCallsPerCaller: settings.maxCallsPerCaller,
      maxLoopLagMs: settings.maxLoopLagMs,
      maxCallSeconds: settings.maxCallSeconds,
      hasDebugPages: settings.isDev,
      maxDailyUsd: settings.maxDailyUsd,
      consoleToken: settings.consoleToken,
    },
    agents,
    toolBox,
    hearing,
    detector: () => lazyDetector(hearing),
    rest: restClient(settings),
    modelOf,
    isModelDown: (agent) =>
      [modelOf(agent), agent.fallbackModel ?? modelOf(agent)]
        .every((model) => circuit.obstacleTo(model) !== undefined),
    modelFor: (agent, callLog, { model = modelOf(agent) } = {}) => {
      const tools = toolBox.declarations(agent, modelFamily(model).tools);
      return openLive({
        model,
        isBlocking: waitingFor(tools),
        apiKey: modelAccess?.type === "gemini-api" ? modelAccess.apiKey : undefined,
        baseUrl: settings.modelBaseUrl,
        apiVersion: settings.modelApiVersion,
        setup: (begin) =>
          liveSetup(agent, {
            ...begin,
            instructions: agent.instructions,
            model,
            tools,
          }),
        activityGapMs: agent.turns.activityGapMs,
        circuit,
        ids: randomIds,
        clock,
        log: callLog,
      });
    },
    clientModels: LIVE_MODELS,
    hasModelKey: modelAccess !== undefined,
    recordingFiles: await recordingFiles(settings, log),
    flights: await flightFiles(settings, log),
    store: new PatientStore({ open: () => openStore(settings), clock, log }),
    clock,
    ids: randomIds,
    log,
  });
  log.info("listening", {
    host: settings.host,
    port: server.port,
    publicUrl: server.origin,
    deno: Deno.version.deno,
  });
  return server;
}

/** Places calls, with the API key if there is one. */
function restClient({ twilio }: Settings): RestClient | undefined {
  const { accountSid, authToken, apiKey, apiOrigin: origin } = twilio;
  const user = apiKey?.sid ?? accountSid;
  const password = apiKey?.secret ?? authToken;
  if (!accountSid || !user || !password) return undefined;
  return new RestClient({ accountSid, credentials: { user, password }, origin, clock });
}

/** Opens the store that the settings name; on Deno Deploy they name none, and the one that is assigned is opened. */
async function openStore({ kvPath }: Settings): Promise<OpenStore> {
  const [folder] = /^(?!https?:).*[/\\]/i.exec(kvPath ?? "") ?? [];
  if (folder) await Deno.mkdir(folder, { recursive: true });
  return new KvStore(await Deno.openKv(kvPath), { clock });
}

/**
 * The place of recordings in files, if the settings name one.
 *
 * @throws {SettingsError} If nothing can be written there
 */
async function recordingFiles(
  { recordingsPath: folder }: Settings,
  log: Log,
): Promise<RecordingFiles | undefined> {
  if (folder === undefined) return undefined;
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch {
    throw new SettingsError([
      "RECORDINGS_PATH: cannot be made; expected a folder that may be written, such as data/recordings",
    ]);
  }
  return new RecordingFiles({ folder, clock, log });
}

/**
 * Where calls are recorded, and where older flights still are.
 *
 * @throws {SettingsError} If calls are to be recorded and nothing can be written there
 */
async function flightFiles(settings: Settings, log: Log): Promise<FlightFiles | undefined> {
  const { recordsFlights: isOn, twilio, modelAccess, consoleToken } = settings;
  if (settings.isOnDeploy) return undefined;
  try {
    if (isOn) await Deno.mkdir(FLIGHTS, { recursive: true });
  } catch {
    throw new SettingsError([`RECORD: is full; expected that ${FLIGHTS} can be made, or off`]);
  }
  const secrets = [
    ...[twilio.authToken, twilio.apiKey?.secret, consoleToken, ...settings.secrets.values()],
    modelAccess?.type === "gemini-api" ? modelAccess.apiKey : undefined,
  ].filter((secret) => secret !== undefined);
  return new FlightFiles({ isOn, folder: FLIGHTS, secrets, clock, log });
}

/** Deno Deploy looks for `Deno.serve`. Before Deno 2.9 `node:http` cannot refuse a handshake, nor cut half a request. */
function listenerFor({ isOnDeploy }: Settings): Listen {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  const isNew = major > 2 || (major === 2 && minor >= 9);
  return isNew && !isOnDeploy ? listenOnNode : listenOnDeno;
}

/**
 * Runs a server as the whole of this process: nothing that goes wrong in a call ends it, the first signal lets calls
 * end by themselves, the second ends everything at once.
 *
 * @param mode Which defaults and rules count
 * @param prepare May change the settings before they count
 */
export async function runProcess(
  mode: "dev" | "start",
  prepare: (settings: Settings) => Promise<Settings> = (settings) => Promise.resolve(settings),
): Promise<RunningServer> {
  try {
    const settings = await prepare(readSettings(Deno.env.toObject(), mode));
    const log = createLog({ level: settings.logLevel, clock, write: toConsole });
    guardProcess(log);
    const server = await serve(settings, log);
    drainOnSignal(server, { limitMs: settings.drainSeconds * 1_000, log });
    // Windows has no such signal.
    if (Deno.build.os !== "windows") {
      Deno.addSignalListener("SIGHUP", () => void server.reloadAgents());
    }
    return server;
  } catch (error) {
    for (const line of whatIsWrong(error)) await Deno.stderr.write(ENCODER.encode(`${line}\n`));
    Deno.exit(1);
  }
}

/** The last wall: what nobody caught is logged, and the process and its calls go on. */
function guardProcess(log: Log): void {
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    log.error("uncaught-error", { error: event.error });
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error("unhandled-rejection", { error: event.reason });
  });
}

function drainOnSignal(
  server: RunningServer,
  { limitMs, log }: { limitMs: number; log: Log },
): void {
  let firstAtMs: number | undefined;
  const drain = async (): Promise<void> => {
    const nowMs = clock.nowMs();
    // A terminal's Ctrl-C reaches us once by itself and once through the task that runs us.
    if (firstAtMs !== undefined && nowMs - firstAtMs < ONE_PRESS_MS) return;
    if (firstAtMs !== undefined) Deno.exit(130);
    firstAtMs = nowMs;
    await server.drain(limitMs);
    log.info("drained", { timers: clock.pending });
    Deno.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, drain);
}

/** What keeps the server from starting, a line for each thing that is wrong; a bug is shown with its place. */
function whatIsWrong(error: unknown): readonly string[] {
  if (error instanceof SettingsError || error instanceof AgentFileError) return error.lines;
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    return ["PORT: is in use by another program; expected a free port"];
  }
  return [Deno.inspect(error)];
}

if (import.meta.main) await runProcess("start");
