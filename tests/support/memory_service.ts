/**
 * The emulated service without a network, for whole calls on a test's clock: the real SDK and connection on this side,
 * the emulator's own session, as strict as ever, on the other.
 *
 * @module
 */

import { GeminiMemory } from "../../emulators/gemini_conversation.ts";
import { FaultPlan } from "../../emulators/gemini_faults.ts";
import { newSessionRecord, type SessionRecord } from "../../emulators/gemini_records.ts";
import { GeminiSession } from "../../emulators/gemini_session.ts";
import { GeminiWire, type WireSocket } from "../../emulators/gemini_wire.ts";
import type { ModelScript } from "../../emulators/model_script.ts";
import type { AgentConfig } from "../../lib/agents/agent_config.ts";
import type { OpenModel } from "../../lib/call/model.ts";
import type { Clock } from "../../lib/clock.ts";
import { ModelCircuit } from "../../lib/gemini/circuit.ts";
import { openLive } from "../../lib/gemini/live_session.ts";
import { liveSetup } from "../../lib/gemini/live_setup.ts";
import type { WebSocketFactory } from "../../lib/gemini/live_socket.ts";
import { createLog } from "../../lib/log.ts";
import type { Tool } from "../../lib/tools/tool.ts";
import { declareTool, waitingFor } from "../../lib/tools/tool_declaration.ts";
import { countingIds } from "./counting_ids.ts";
import { AGENT } from "./scenario.ts";
import { MemorySocket, type ServerHandlers } from "./memory_socket.ts";

/** A function that the model called. */
export interface SeenCall {
  /** On which connection. */
  readonly session: SessionRecord;
  /** When it left the service. */
  readonly atMs: number;
  /** Whether the service took it back. */
  isCancelled: boolean;
}

/** The service, and what was seen of it. */
export class MemoryService {
  /** The connections, first to last. */
  readonly sessions: SessionRecord[] = [];
  /** What the model called, by id. */
  readonly calls = new Map<string, SeenCall>();
  /** Makes the sockets of clients. */
  readonly webSocketFactory: WebSocketFactory;
  readonly #clock: Clock;
  readonly #script: ModelScript;
  readonly #memory = new GeminiMemory();
  readonly #sockets: MemorySocket[] = [];

  /** @param options `wayMs` gives for each connection how long a frame takes */
  constructor(options: { clock: Clock; script: ModelScript; wayMs: () => number }) {
    const { clock, script, wayMs } = options;
    this.#clock = clock;
    this.#script = script;
    this.webSocketFactory = {
      create: (_url, _headers, callbacks) => {
        const accept = (server: WireSocket) => this.#serve(server);
        const socket = new MemorySocket(callbacks, { clock, wayMs: wayMs(), accept });
        this.#sockets.push(socket);
        return socket.client;
      },
    };
  }

  /** How a call opens a model of this service that knows these tools. */
  opener(
    { model, tools, agent = AGENT }: {
      model: string;
      tools: readonly Tool[];
      agent?: AgentConfig;
    },
  ): OpenModel {
    const { webSocketFactory } = this;
    const clock = this.#clock;
    const declared = tools.map(declareTool);
    return openLive({
      ...{ clock, model, webSocketFactory },
      apiKey: "key",
      setup: (begin) =>
        liveSetup(agent, { ...begin, instructions: "Be brief.", model, tools: declared }),
      isBlocking: waitingFor(declared),
      activityGapMs: agent.turns.activityGapMs,
      circuit: new ModelCircuit(clock),
      ids: countingIds(),
      log: createLog({ level: "error", clock, write: () => {} }),
    });
  }

  /** What the service did not like on any connection. */
  get violations(): string[] {
    return this.sessions.flatMap(({ violations }) => violations);
  }

  /** Sockets that are not closed on both sides. */
  get openSockets(): number {
    return this.#sockets.filter(({ isGone }) => !isGone).length;
  }

  #serve(server: WireSocket): ServerHandlers {
    const clock = this.#clock;
    const connection = this.sessions.length;
    const record = newSessionRecord({ connection, path: "/", openedAtMs: clock.nowMs() });
    this.sessions.push(record);
    const script = this.#script;
    const plan = new FaultPlan(script.faults ?? [], { connection, clock });
    const seen = this.#overheard(server, record);
    const wire = new GeminiWire(seen, { clock, framing: "text" });
    const memory = this.#memory;
    const session = new GeminiSession({
      ...{ clock, script, wire, plan, memory, record },
      version: "v1beta",
      keyRefusal: undefined,
    });
    return {
      received: (frame) => session.receive(frame, false),
      closed: (code) => {
        record.closeCode = code;
        record.closedAtMs = clock.nowMs();
        session.stop();
      },
    };
  }

  /** The same socket; what goes out by it is read. */
  #overheard(server: WireSocket, session: SessionRecord): WireSocket {
    const send = server.send.bind(server);
    server.send = (frame) => {
      this.#read(String(frame), session);
      send(frame);
    };
    return server;
  }

  #read(frame: string, session: SessionRecord): void {
    const { toolCall, toolCallCancellation } = JSON.parse(frame);
    for (const { id } of toolCall?.functionCalls ?? []) {
      this.calls.set(id, { session, atMs: this.#clock.nowMs(), isCancelled: false });
    }
    for (const id of toolCallCancellation?.ids ?? []) {
      const call = this.calls.get(id);
      if (call) call.isCancelled = true;
    }
  }
}
