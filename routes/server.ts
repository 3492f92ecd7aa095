/**
 * The server: listens, serves calls, and ends without cutting anybody off.
 *
 * @module
 */

import { CallRegistry } from "../lib/admission/call_registry.ts";
import { LoopLag } from "../lib/admission/loop_lag.ts";
import { modelFamily } from "../lib/agents/model_family.ts";
import { VOICES } from "../lib/agents/model_fields.ts";
import { agentFor } from "../lib/agents/instructions.ts";
import { LiveCalls } from "../lib/call/live_calls.ts";
import { costOf } from "../lib/call/tokens.ts";
import { AgentFileError } from "../lib/agents/agent_file.ts";
import { sleep } from "../lib/clock.ts";
import { ClientDesk } from "../lib/gateway/client_desk.ts";
import { CallStore } from "../lib/records/call_store.ts";
import { CallerMemory } from "../lib/records/caller_memory.ts";
import { CountBook } from "../lib/records/count_book.ts";
import { Recordings } from "../lib/records/recordings.ts";
import { SnapshotStore } from "../lib/records/snapshot_store.ts";
import { SpendBook } from "../lib/records/spend_book.ts";
import { type ServerState, Telemetry } from "../lib/telemetry/telemetry.ts";
import { callLess } from "../lib/tools/call_less.ts";
import { createApp } from "./app.ts";
import { CallDesk } from "./call_desk.ts";
import { CallerRules } from "./caller_rules.ts";
import { OutboundDesk } from "./outbound_desk.ts";
import type { Answer, Listener } from "./listeners/listener.ts";
import type { RunningServer, ServerParts } from "./server_parts.ts";
import { ToolKits } from "./tool_kits.ts";

export type { RunningServer, ServerParts };

/** How long to wait before another try to listen. */
const LISTEN_AGAIN_MS = 1_000;
/** How often it is looked whether the last call is over. */
const DRAIN_CHECK_MS = 100;
/** How long calls that were told to end may take. */
const STOP_MS = 2_000;
/** How long a request waits for one answer of the store. */
const STORE_MS = 600;
/** When a call is over the network still asks what comes next and reports the end; so long it may take to get here. */
const AFTERMATH_MS = 500;
/** How long the store may take to get what was written last. */
const FLUSH_MS = 2_000;

/**
 * Starts to listen. The first call may come while hearing is still being loaded: its frames wait.
 *
 * @throws {Error} Of code `EADDRINUSE` if the port is taken
 */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  // Where it listens is a part of the routes.
  const routes = Promise.withResolvers<Answer>();
  const answer: Answer = async (...request) => (await routes.promise)(...request);
  const telemetry = new Telemetry(parts.log);
  const { host: hostname, port, listen } = parts;
  const listener = await listen({ hostname, port, clock: parts.clock, log: telemetry.log }, answer);
  const server = new Server({ ...parts, log: telemetry.log, telemetry }, listener);
  routes.resolve(server.answer);
  return server;
}

class Server implements RunningServer {
  readonly origin: string;
  readonly port: number;
  readonly records: CallStore;
  /** Every route. */
  readonly answer: Answer;
  readonly #parts: ServerParts & { readonly telemetry: Telemetry };
  readonly #calls: CallRegistry;
  readonly #snapshots: SnapshotStore;
  readonly #recordings: Recordings;
  readonly #lag: LoopLag;
  readonly #live = new LiveCalls();
  readonly #desk: CallDesk;
  readonly #clients: ClientDesk;
  /** Tells every call that the server will stop. */
  readonly #draining = new AbortController();
  /** Ends every call. */
  readonly #stopping = new AbortController();
  #listener: Listener;
  #isHearing = false;
  #isClosed = false;

  constructor(parts: ServerParts & { readonly telemetry: Telemetry }, listener: Listener) {
    const { settings, clock, log } = parts;
    this.#parts = parts;
    this.#calls = new CallRegistry({
      ...parts,
      numbers: settings,
      store: parts.store.within(STORE_MS),
    });
    this.#snapshots = new SnapshotStore(parts);
    this.#lag = new LoopLag(clock, {
      aboveMs: settings.maxLoopLagMs,
      raise: (lagMs) => log.warn("loop-late", { lagMs: Math.round(lagMs) }),
    });
    this.records = new CallStore({ ...parts, instance: parts.ids.next() });
    this.port = listener.port;
    this.origin = settings.publicUrl ?? `http://${listener.hostname}:${listener.port}`;
    const store = parts.store.within(STORE_MS);
    const counts = new CountBook({ store, clock });
    const spending = new SpendBook({ store, clock, log });
    const callerRules = new CallerRules({ counts, spending, maxDailyUsd: settings.maxDailyUsd });
    const outbound = this.#outboundDesk({ counts, callerRules });
    this.#recordings = new Recordings({ store: parts.store, files: parts.recordingFiles });
    const recordings = this.#recordings;
    this.#desk = new CallDesk({
      ...parts,
      recordings,
      outbound,
      callerRules,
      kits: new ToolKits({ ...parts, counts, memory: new CallerMemory(store) }),
      maxCallSeconds: settings.maxCallSeconds,
      live: this.#live,
      records: this.records,
      snapshots: this.#snapshots,
      draining: this.#draining.signal,
      signal: this.#stopping.signal,
    });
    this.#clients = clientDesk(parts, callerRules);
    parts.hearing.then(() => {
      this.#isHearing = true;
      log.info("hearing-loaded");
    }, (error: unknown) => log.error("hearing-failed", { error }));
    this.answer = createApp({
      ...parts,
      recordings,
      outbound,
      settings: { ...settings, publicUrl: this.origin },
      callerRules,
      serveCall: (call) => this.#desk.serve(call),
      calls: this.#calls,
      clients: this.#clients,
      live: this.#live,
      records: this.records,
      isReady: () => this.#isHearing,
      snapshots: this.#snapshots,
      obstacle: () => this.#obstacle(),
      isStopping: () => this.#stopping.signal.aborted,
      prepare: (facts, resumed) => void this.#desk.prepare(facts, resumed),
    });
    parts.telemetry.showState(() => this.#state());
    this.#listener = this.#watched(listener);
  }

  async drain(limitMs: number): Promise<void> {
    const { store, clock, log } = this.#parts;
    log.info("draining", { calls: this.#calls.running, limitMs });
    const hadCalls = !this.#calls.isIdle;
    this.#draining.abort();
    await this.#callsEnd(limitMs);
    this.#stopping.abort();
    this.#clients.close();
    await this.#callsEnd(STOP_MS);
    this.#lag.close();
    this.#desk.close();
    this.#parts.flights?.close();
    const [isKept] = await Promise.all([
      store.flush(FLUSH_MS),
      this.#recordings.flush(),
      this.#parts.flights?.flush(),
      this.#calls.close(),
      hadCalls ? sleep(clock, AFTERMATH_MS) : undefined,
    ]);
    if (!isKept) log.error("store-not-flushed", { ...store.counts });
  }

  async reloadAgents(): Promise<void> {
    const { agents, log } = this.#parts;
    try {
      await agents.reload();
      log.info("agents-reloaded");
    } catch (error) {
      const lines = error instanceof AgentFileError ? error.lines : [String(error)];
      for (const problem of lines) log.error("agents-not-reloaded", { problem });
    }
  }

  async close(): Promise<void> {
    await this.drain(0);
    this.#isClosed = true;
    await this.#listener.close();
    this.records.close();
    this.#recordings.close();
    await this.#parts.toolBox.close();
    this.#parts.store.close();
  }

  /** The listener can die alone, with every call intact: then another takes its place. */
  #watched(listener: Listener): Listener {
    listener.finished.then(() => {
      if (this.#isClosed) return;
      this.#parts.log.error("listener-lost", { port: this.port });
      this.#listenAgain();
    });
    return listener;
  }

  async #listenAgain(): Promise<void> {
    const { host: hostname, listen, clock, log } = this.#parts;
    if (this.#isClosed) return;
    try {
      this.#listener = this.#watched(
        await listen({ hostname, port: this.port, clock, log }, this.answer),
      );
    } catch (error) {
      log.error("listener-not-replaced", { port: this.port, error });
      clock.at(clock.nowMs() + LISTEN_AGAIN_MS, () => this.#listenAgain());
    }
  }

  async #callsEnd(limitMs: number): Promise<void> {
    const { clock } = this.#parts;
    const endMs = clock.nowMs() + limitMs;
    while (!this.#calls.isIdle && clock.nowMs() < endMs) await sleep(clock, DRAIN_CHECK_MS);
  }

  #outboundDesk(
    shared: { counts: CountBook; callerRules: CallerRules },
  ): OutboundDesk | undefined {
    const { rest, settings } = this.#parts;
    const { twilioAuthToken: secret, maxCallSeconds } = settings;
    if (!rest || !secret) return undefined;
    const { origin } = this;
    return new OutboundDesk({ ...this.#parts, ...shared, rest, secret, maxCallSeconds, origin });
  }

  #state(): ServerState {
    const { store } = this.#parts;
    const { heapUsed: heapBytes, rss: residentBytes } = Deno.memoryUsage();
    return {
      running: this.#calls.running,
      isStoreUp: store.isUp,
      queued: store.counts.queued,
      dropped: store.counts.dropped,
      lagMs: this.#lag.sustainedMs,
      memory: { heapBytes, residentBytes },
    };
  }

  #obstacle(): "draining" | "overloaded" | undefined {
    if (this.#draining.signal.aborted) return "draining";
    const isLate = this.#lag.sustainedMs > this.#parts.settings.maxLoopLagMs;
    return isLate ? "overloaded" : undefined;
  }
}

/** Clients of the gateway; an agent knows of them that they are no callers. */
function clientDesk(parts: ServerParts, rules: CallerRules): ClientDesk {
  const { settings, agents, toolBox, modelOf, modelFor, clientModels, clock } = parts;
  return new ClientDesk({
    ...parts,
    offer: { agents, modelOf, models: clientModels, voices: VOICES },
    openModel: ({ agent, applied }, log) => {
      const facts = { caller: "client", called: agent.name, epochMs: clock.epochMs() };
      return modelFor(agentFor(agent, facts), log, { model: applied.model });
    },
    toolsFor: ({ agent, applied }, leave) =>
      toolBox.tools(agent, modelFamily(applied.model).tools, callLess(leave)),
    used: ({ agent, applied }, usage) =>
      rules.spent(agent, costOf(usage, agent.prices ?? modelFamily(applied.model).prices)),
    mostClients: settings.maxCalls,
    maxSeconds: settings.maxCallSeconds,
  });
}
