/**
 * What a server is made of, and what it is to others.
 *
 * @module
 */

import type { Vad } from "../audio/vad.ts";
import type { AgentConfig } from "../lib/agents/agent_config.ts";
import type { OpenSeeingModel } from "../lib/call/model.ts";
import type { Clock } from "../lib/clock.ts";
import type { FlightFiles } from "../lib/flight/flight_files.ts";
import type { Ids } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import type { CallStore } from "../lib/records/call_store.ts";
import type { RecordingFiles } from "../lib/records/recording_files.ts";
import type { PatientStore } from "../lib/store/patient_store.ts";
import type { ToolBox } from "../lib/tools/tool_box.ts";
import type { RestClient } from "../lib/twilio/rest_client.ts";
import type { AppSettings } from "./app_settings.ts";
import type { AgentBook } from "./console/agents_page.ts";
import type { Listen } from "./listeners/listener.ts";

/** What a server needs. */
export interface ServerParts {
  /** Address to listen on. */
  readonly host: string;
  /** Port; 0 takes a free one. */
  readonly port: number;
  /** By what it listens. */
  readonly listen: Listen;
  /** From the environment; without a public origin it is the address that is listened on. */
  readonly settings: Omit<AppSettings, "publicUrl"> & {
    readonly publicUrl: string | undefined;
    readonly maxCallSeconds: number;
    readonly maxDailyUsd: number | undefined;
    readonly maxCalls: number;
    readonly maxCallsPerCaller: number;
    readonly maxLoopLagMs: number;
  };
  /** Who answers. */
  readonly agents: AgentBook & { reload(): Promise<void> };
  /** Resolves when hearing is loaded; rejects if it cannot be. */
  readonly hearing: Promise<unknown>;
  /** A detector for one call. */
  readonly detector: () => Vad;
  /** Whether it is known that no model of an agent can be had at the moment. */
  readonly isModelDown: (agent: AgentConfig) => boolean;
  /** Name of an agent's model. */
  readonly modelOf: (agent: AgentConfig) => string;
  /** How a call opens its model, or another one that is named; variables of the agent are filled in. */
  readonly modelFor: (agent: AgentConfig, log: Log, other?: { model?: string }) => OpenSeeingModel;
  /** Models that clients of the gateway may name beside an agent's own. */
  readonly clientModels: readonly string[];
  /** Whether there is a key of the model, or something in its place. */
  readonly hasModelKey: boolean;
  /** Makes the tools of agents; ends with the server. */
  readonly toolBox: ToolBox;
  /** Places calls and sends messages; absent without credentials. */
  readonly rest?: RestClient | undefined;
  /** Takes recordings in place of the store; ends with the server. */
  readonly recordingFiles?: RecordingFiles | undefined;
  /** Runs calls and records them; absent: they are run. Ends with the server. */
  readonly flights?: FlightFiles | undefined;
  /** What is kept beyond a call; ends with the server. */
  readonly store: PatientStore;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Names the stream tokens, and this server. */
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
  readonly records: CallStore;
  /**
   * Takes no new calls, lets the running ones end by themselves for so long, then tells them to end.
   *
   * @param limitMs How long that may take
   */
  drain(limitMs: number): Promise<void>;
  /** Reads the agent files again; if anything is wrong in them that is told, and the agents stay. Never rejects. */
  reloadAgents(): Promise<void>;
  /** Ends every call and stops to listen. */
  close(): Promise<void>;
}
