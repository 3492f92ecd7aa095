/**
 * A conversation with Gemini Live as its users hold it, and what it takes to open one.
 *
 * @module
 */

import type { ModelError, SeeingModel } from "../call/model.ts";
import type { Ids } from "../ids.ts";
import type { Saying } from "./backlog.ts";
import type { ModelCircuit } from "./circuit.ts";
import type { connectLive, LiveOptions } from "./live_connection.ts";
import type { LiveBegin, LiveSetup } from "./live_setup.ts";

/** What a session needs. */
export interface SessionOptions extends Omit<LiveOptions, "setup" | "faults"> {
  /** Model id, as the circuit knows it. */
  readonly model: string;
  /** Makes the first message of a connection. */
  readonly setup: (begin: LiveBegin) => LiveSetup;
  /** Whether the model waits for a function of that name; none does unless given. */
  readonly isBlocking?: ((name: string) => boolean) | undefined;
  /** Shortest time between two activities. */
  readonly activityGapMs: number;
  /** Spreads attempts that would come at the same time. */
  readonly ids: Ids;
  /** What other sessions of the process know of the model. */
  readonly circuit: ModelCircuit;
  /** Most pieces of audio and pictures that wait; as much as a call needs if absent. */
  readonly mostChunks?: number | undefined;
  /** Most tries to get back a connection that was lost; 5 if absent. */
  readonly mostReconnects?: number | undefined;
  /** Takes why a connection was lost or not made, and whether another one is tried. */
  readonly failed?: (error: ModelError, willRetry: boolean) => void;
  /** Makes a connection; {@linkcode connectLive} if absent. */
  readonly connect?: typeof connectLive;
}

/** A conversation into which anything may be said that the service takes. */
export interface LiveLink extends SeeingModel {
  /** Bytes that wait in the socket. */
  readonly bufferedBytes: number;
  /** Says one thing, now or when there is a connection. */
  say(saying: Saying): void;
}
