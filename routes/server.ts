/**
 * The server: listens, serves calls, and ends without cutting anybody off.
 *
 * @module
 */

import type { Vad } from "../audio/vad.ts";
import type { AgentConfig } from "../lib/agents/agent_config.ts";
import { fillIn } from "../lib/agents/instructions.ts";
import { runCall } from "../lib/call/call.ts";
import { CallRegistry } from "../lib/call/call_registry.ts";
import type { CallFacts } from "../lib/call/leg.ts";
import type { ConnectModel } from "../lib/call/model.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import type { Ids } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import { RecentCalls } from "../lib/records/recent_calls.ts";
import { type AppSettings, createApp } from "./app.ts";
import type { AnsweredCall } from "./media_stream.ts";

/** Calls whose record is kept in memory. */
const RECENT_CALLS = 200;
/** How often it is looked whether the last call is over. */
const DRAIN_CHECK_MS = 100;
/** How long calls that were told to end may take. */
const STOP_MS = 2_000;

/** What a server needs. */
export interface ServerParts {
  /** Address to listen on. */
  readonly host: string;
  /** Port; 0 takes a free one. */
  readonly port: number;
  /** From the environment; without a public origin it is the address that is listened on. */
  readonly settings: Omit<AppSettings, "publicUrl"> & {
    readonly publicUrl: string | undefined;
    readonly maxCallSeconds: number;
  };
  /** Finds an agent by its name. */
  readonly agents: { get(name: string): AgentConfig | undefined };
  /** Resolves when hearing is loaded; rejects if it cannot be. */
  readonly hearing: Promise<unknown>;
  /** A detector for one call. */
  readonly detector: () => Vad;
  /** How a call reaches its model; variables of the agent are filled in. */
  readonly modelFor: (agent: AgentConfig, log: Log) => ConnectModel;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Names the stream tokens. */
  readonly ids: Ids;
  /** What happens. */
  readonly log: Log;
}

/** A server that listens. */
export interface RunningServer {
  /** The public origin, without a slash at its end. */
  readonly origin: string;
  /** The port that is listened on. */
  readonly port: number;
  /** What is kept of calls. */
  readonly records: RecentCalls;
  /**
   * Takes no new calls, lets the running ones end by themselves for so long, then tells them to end.
   *
   * @param limitMs How long that may take
   */
  drain(limitMs: number): Promise<void>;
  /** Ends every call and stops to listen. */
  close(): Promise<void>;
}

/** Starts to listen. The first call may come while hearing is still being loaded: its frames wait. */
export function startServer(parts: ServerParts): RunningServer {
  const { host, port, settings, clock, log } = parts;
  const stopping = new AbortController();
  const calls = new CallRegistry({ clock });
  const records = new RecentCalls(RECENT_CALLS);
  const state = { isHearing: false, isDraining: false, isClosed: false };
  parts.hearing.then(() => {
    state.isHearing = true;
    log.info("hearing-loaded");
  }, (error: unknown) => log.error("hearing-failed", { error }));

  let fetch: (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response> = () =>
    new Response(null, { status: 503 });
  const listen = (at: number) =>
    Deno.serve(
      { hostname: host, port: at, onListen: () => {} },
      (request, info) => fetch(request, info),
    );
  let listener = listen(port);
  const address = listener.addr;
  const origin = settings.publicUrl ?? `http://${address.hostname}:${address.port}`;
  // The listener can die alone, with every call intact: then another takes its place.
  const watch = (): void => {
    listener.finished.then(() => {
      if (state.isClosed) return;
      log.error("listener-lost", { port: address.port });
      listener = listen(address.port);
      watch();
    });
  };
  watch();

  const app = createApp({
    settings: { ...settings, publicUrl: origin },
    agents: parts.agents,
    serveCall: (call) => serveCall(call, { ...parts, records, signal: stopping.signal }),
    calls,
    records,
    isReady: () => state.isHearing,
    isDraining: () => state.isDraining,
    clock,
    ids: parts.ids,
    log,
  });
  fetch = (request, info) => app.fetch(request, info);

  const callsEnd = async (limitMs: number): Promise<void> => {
    const endMs = clock.nowMs() + limitMs;
    while (!calls.isIdle && clock.nowMs() < endMs) await sleep(clock, DRAIN_CHECK_MS);
  };
  const drain = async (limitMs: number): Promise<void> => {
    state.isDraining = true;
    log.info("draining", { calls: calls.running, limitMs });
    await callsEnd(limitMs);
    stopping.abort();
    await callsEnd(STOP_MS);
  };
  const close = async (): Promise<void> => {
    await drain(0);
    state.isClosed = true;
    await listener.shutdown();
  };
  return { origin, port: address.port, records, drain, close };
}

/** Talks to one caller until the call is over. */
function serveCall(
  { leg, facts, streamSid }: AnsweredCall,
  parts: ServerParts & { records: RecentCalls; signal: AbortSignal },
): ReturnType<typeof runCall> {
  const { settings, clock, records, signal } = parts;
  const log = parts.log.with({ callSid: facts.callSid, streamSid });
  const agent = agentFor(facts, parts);
  return runCall({
    leg,
    facts,
    agent,
    connectModel: parts.modelFor(agent, log),
    vad: parts.detector(),
    maxCallSeconds: settings.maxCallSeconds,
    keep: (record) => records.save(record),
    clock,
    log,
    signal,
  });
}

/** The agent of a call, its variables filled in. */
function agentFor(facts: CallFacts, { agents, clock }: ServerParts): AgentConfig {
  const agent = agents.get(facts.agent);
  if (!agent) throw new Error(`Cannot serve call: there is no agent "${facts.agent}"`);
  const time = new Date(clock.epochMs()).toISOString().slice(0, 16).replace("T", " ") + " UTC";
  const values = { caller: facts.from, called: facts.to, time };
  return {
    ...agent,
    instructions: fillIn(agent.instructions, values),
    greeting: fillIn(agent.greeting, values),
  };
}
