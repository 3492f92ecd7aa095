/**
 * One conversation with Gemini Live.
 *
 * @module
 */

import {
  type Model,
  ModelError,
  type ModelEvent,
  type ModelState,
  type OpenModel,
} from "../call/model.ts";
import { type Connection, connectLive, type LiveOptions } from "./live_connection.ts";
import type { ConnectionEvent } from "./live_events.ts";
import type { LiveBegin, LiveSetup } from "./live_setup.ts";

/** What a session needs. */
export interface SessionOptions extends Omit<LiveOptions, "setup" | "faults"> {
  /** Makes the first message of a connection. */
  readonly setup: (begin: LiveBegin) => LiveSetup;
}

/** Opens conversations with Gemini Live. */
export function openLive(options: SessionOptions): OpenModel {
  return (post, { handle }) => new LiveSession(options, { post, handle });
}

class LiveSession implements Model {
  readonly faults = new Map<string, number>();
  readonly #post: (event: ModelEvent) => void;
  readonly #over = new AbortController();
  #waiting: ((connection: Connection) => void)[] = [];
  #connection: Connection | undefined;
  #state: ModelState = "connecting";

  constructor(
    options: SessionOptions,
    begin: { post: (event: ModelEvent) => void; handle: string | undefined },
  ) {
    this.#post = begin.post;
    const { signal } = this.#over;
    const setup = options.setup({ handle: begin.handle });
    connectLive({ ...options, setup, faults: this.faults }, (event) => this.#take(event), signal)
      .then((connection) => this.#connected(connection), (error) => this.#failed(error));
  }

  get state(): ModelState {
    return this.#state;
  }

  openActivity(): void {
    this.#say((connection) => connection.openActivity());
  }

  sendAudio(pcm: Int16Array): void {
    this.#say((connection) => connection.sendAudio(pcm));
  }

  sendActivityText(text: string): void {
    this.#say((connection) => connection.sendActivityText(text));
  }

  closeActivity(): void {
    this.#say((connection) => connection.closeActivity());
  }

  sendText(text: string, options: { reply: boolean }): void {
    this.#say((connection) => connection.sendText(text, options));
  }

  rotate(): void {}

  repeatTurn(): boolean {
    return false;
  }

  close(): void {
    this.#over.abort();
  }

  #say(say: (connection: Connection) => void): void {
    if (this.#connection) say(this.#connection);
    else this.#waiting.push(say);
  }

  #connected(connection: Connection): void {
    if (this.#over.signal.aborted) return connection.close();
    this.#connection = connection;
    this.#change("connected");
    for (const say of this.#waiting.splice(0)) say(connection);
  }

  #failed(cause: unknown): void {
    if (this.#over.signal.aborted) return;
    const unknown = "Cannot connect to the model: unknown fault";
    const error = cause instanceof ModelError
      ? cause
      : new ModelError("unavailable", unknown, { cause });
    this.#take({ type: "model-lost", error });
  }

  #take(event: ConnectionEvent): void {
    if (event.type === "model-going-away") return;
    if (event.type === "model-lost") this.#change("error");
    this.#post(event);
  }

  #change(state: ModelState): void {
    this.#state = state;
    this.#post({ type: "model-state-changed", state });
  }
}
