/**
 * One connection to Gemini Live, from the first byte to the last. The only user of the SDK's client: it makes the
 * address, the credentials and the frames that go out. What it does not do is done here: time-outs, giving up, errors
 * that say what they mean, a close that always ends, and messages that cannot hurt.
 *
 * @module
 */

import type { FunctionResponse, GoogleGenAI, Session } from "@google/genai";
import { type Model, ModelError } from "../call/model.ts";
import type { Clock, Timer } from "../clock.ts";
import type { Log, LogFields } from "../log.ts";
import { classify, type LiveFailure, scrub } from "./live_errors.ts";
import { createClient, textOf } from "./live_client.ts";
import type { Content, FunctionResult } from "./live_content.ts";
import type { ConnectionEvent } from "./live_events.ts";
import { readFrame } from "./live_frames.ts";
import type { LiveSetup } from "./live_setup.ts";
import { LiveSocket, type WebSocketFactory } from "./live_socket.ts";

/** What a connection needs. */
export interface LiveOptions {
  /** Key of the Gemini API; without one it is Vertex AI, by the variables that the SDK reads itself. */
  readonly apiKey: string | undefined;
  /** Where the service is, `http` or `https`; absent: Google's, or what the SDK's variables say. */
  readonly baseUrl?: string | undefined;
  /** Version of the interface on the Gemini API; `v1beta` if absent. On Vertex AI the SDK says which. */
  readonly apiVersion?: string | undefined;
  /** Sees each frame as it goes out and as it comes in, before it is read; must not throw. */
  readonly watch?: ((direction: "sent" | "received", frame: unknown) => void) | undefined;
  /** The first message. */
  readonly setup: LiveSetup;
  /** Time for the two time-outs. */
  readonly clock: Clock;
  /** Takes what is worth knowing; never a secret or a word of anybody. */
  readonly log: Log;
  /** Longest time to connect and set up, both together; 3,000 if absent. */
  readonly timeoutMs?: number | undefined;
  /** Makes the sockets; npm `ws` does if absent. */
  readonly webSocketFactory?: WebSocketFactory | undefined;
  /** Counts of what was wrong, of other connections too; its own if absent. */
  readonly faults?: Map<string, number> | undefined;
}

/** A connection that is set up. What is said after its end is counted and dropped. */
export interface Connection
  extends Omit<Model, "state" | "rotate" | "repeatTurn" | "answerFunctions"> {
  /** Resolves when the socket is gone, at the latest 1 s after {@linkcode Connection.close}. */
  readonly closed: Promise<void>;
  /** Bytes that wait to be sent. */
  readonly bufferedBytes: number;
  /** Adds turns; a complete one asks for an answer. */
  sendContent(turns: readonly Content[], turnComplete: boolean): void;
  /** Shows a still picture, base64. */
  sendPicture(data: string, mimeType: string): void;
  /** Answers calls of functions. */
  sendResults(results: readonly FunctionResult[]): void;
}

const CONNECT_TIMEOUT_MS = 3_000;

/** The service answers a close at once or not at all, and npm `ws` alone would wait 30 s. The next connection waits. */
const CLOSE_TIMEOUT_MS = 1_000;

/** About 20 s of caller audio. A service so far behind has stopped reading, and what it would hear is stale. */
const LARGEST_BACKLOG_BYTES = 1024 * 1024;

/** New fields are logged once each; after so many of them no more are. */
const MOST_SHAPES = 20;

type State =
  | { phase: "connecting" }
  | { phase: "open"; session: Session }
  | { phase: "closing"; timer: Timer }
  | { phase: "closed" };

/**
 * Connects to Gemini Live and sets it up.
 *
 * @param post Takes facts in the order in which they came; one that throws is counted
 * @param signal Gives up the attempt, and closes the connection that came of it
 * @returns The connection, set up and ready
 * @throws {ModelError} If the service cannot be reached in time or refuses
 * @throws The reason of `signal`, if that gave up the attempt
 */
export async function connectLive(
  options: LiveOptions,
  post: (event: ConnectionEvent) => void,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const connection = new LiveConnection(options, post);
  await connection.connect(signal);
  return connection;
}

class LiveConnection implements Connection {
  readonly faults: Map<string, number>;
  readonly #options: LiveOptions;
  readonly #post: (event: ConnectionEvent) => void;
  readonly #client: GoogleGenAI;
  readonly #socket: LiveSocket;
  readonly #closed = Promise.withResolvers<void>();
  readonly #failure = Promise.withResolvers<never>();
  readonly #over = new AbortController();
  readonly #shapes = new Set<string>();
  #state: State = { phase: "connecting" };
  #socketError = "";

  constructor(options: LiveOptions, post: (event: ConnectionEvent) => void) {
    this.#options = options;
    this.#post = post;
    this.faults = options.faults ?? new Map();
    this.#client = createClient(options);
    this.#socket = new LiveSocket(this.#client.live, {
      sent: (frame) => options.watch?.("sent", frame),
      frame: (data) => this.#onFrame(data),
      failed: (why) => this.#socketError = why,
      closed: (code, reason) => this.#onClosed(code, reason),
    }, options.webSocketFactory);
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  async connect(signal: AbortSignal): Promise<void> {
    const { clock, log, setup, timeoutMs = CONNECT_TIMEOUT_MS } = this.#options;
    const startedMs = clock.nowMs();
    const deadline = clock.at(
      startedMs + timeoutMs,
      () => this.#giveUp(this.#classify({ text: `no answer within ${timeoutMs} ms` })),
    );
    signal.addEventListener("abort", () => {
      if (this.#state.phase === "connecting") this.#giveUp(signal.reason);
      else this.close();
    }, { signal: this.#over.signal });
    try {
      // Messages come from the socket; see LiveSocket for why not from here.
      const attempt = this.#client.live.connect({ ...setup, callbacks: { onmessage() {} } });
      const session = await Promise.race([attempt, this.#failure.promise]);
      // The connection may have ended after the SDK took it for ready.
      if (this.#state.phase !== "connecting") await this.#failure.promise;
      this.#state = { phase: "open", session };
      const connectMs = Math.round(clock.nowMs() - startedMs);
      log.info("model-connected", { model: setup.model, connectMs });
    } catch (error) {
      this.#giveUp(error);
      throw error instanceof ModelError || error === signal.reason
        ? error
        : this.#classify({ text: textOf(error) });
    } finally {
      deadline.cancel();
    }
  }

  openActivity(): void {
    this.#send((session) => session.sendRealtimeInput({ activityStart: {} }));
  }

  sendAudio(pcm: Int16Array): void {
    if (this.#socket.bufferedBytes > LARGEST_BACKLOG_BYTES) {
      this.#count("audio-dropped-on-backlog");
      return;
    }
    const data = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength).toBase64();
    this.#send((session) =>
      session.sendRealtimeInput({ audio: { data, mimeType: "audio/pcm;rate=16000" } })
    );
  }

  endAudio(): void {
    this.#send((session) => session.sendRealtimeInput({ audioStreamEnd: true }));
  }

  sendActivityText(text: string): void {
    this.#send((session) => session.sendRealtimeInput({ text }));
  }

  closeActivity(): void {
    this.#send((session) => session.sendRealtimeInput({ activityEnd: {} }));
  }

  sendText(text: string, options: { reply: boolean }): void {
    this.#send((session) =>
      session.sendClientContent({ turns: text, turnComplete: options.reply })
    );
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  sendContent(turns: readonly Content[], turnComplete: boolean): void {
    this.#send((session) =>
      session.sendClientContent({
        turns: turns.map(({ role, parts }) => ({ role, parts: [...parts] })),
        turnComplete,
      })
    );
  }

  sendPicture(data: string, mimeType: string): void {
    this.#send((session) => session.sendRealtimeInput({ video: { data, mimeType } }));
  }

  sendResults(results: readonly FunctionResult[]): void {
    // The SDK's enum has these very words.
    const functionResponses = results as FunctionResponse[];
    this.#send((session) => session.sendToolResponse({ functionResponses }));
  }

  close(): void {
    if (this.#state.phase !== "open") return;
    const { clock } = this.#options;
    const timer = clock.at(clock.nowMs() + CLOSE_TIMEOUT_MS, () => {
      this.#socket.terminate();
      this.#closed.resolve();
    });
    this.#state = { phase: "closing", timer };
    this.#over.abort();
    this.#socket.close();
  }

  /** On a socket that is gone the SDK drops without a word what it is given. */
  #send(send: (session: Session) => void): void {
    if (this.#state.phase === "open") send(this.#state.session);
    else this.#count("sent-after-close");
  }

  #onFrame(data: unknown): void {
    this.#options.watch?.("received", data);
    const { setupComplete, events, faults, unknown } = readFrame(data);
    if (setupComplete && this.#state.phase === "connecting") this.#socket.completeSetup();
    for (const fault of faults) this.#count(fault);
    for (const shape of unknown) this.#noteShape(shape);
    for (const event of events) {
      // A handler may close the connection.
      const { phase } = this.#state;
      if (phase === "connecting" || phase === "open") this.#deliver(event);
    }
  }

  #onClosed(closeCode: number, reason: string): void {
    const state = this.#state;
    this.#state = { phase: "closed" };
    this.#over.abort();
    this.#closed.resolve();
    if (state.phase === "closing") state.timer.cancel();
    if (state.phase !== "connecting" && state.phase !== "open") return;
    const httpStatus = /^Unexpected server response: (\d{3})$/.exec(this.#socketError)?.[1];
    const error = this.#classify({
      closeCode,
      httpStatus: httpStatus === undefined ? undefined : Number(httpStatus),
      text: reason || this.#socketError,
    });
    if (state.phase === "connecting") {
      this.#failure.reject(error);
    } else {
      const { kind, retryable, message } = error;
      this.#options.log.warn("model-connection-lost", { closeCode, kind, retryable, message });
      this.#deliver({ type: "model-lost", error });
    }
  }

  /** Ends an attempt; of one that has ended nothing is left to do. */
  #giveUp(reason: unknown): void {
    this.#state = { phase: "closed" };
    this.#over.abort();
    this.#failure.reject(reason);
    this.#socket.terminate();
  }

  /** The SDK's own errors are not passed on as a cause: they may hold its URL, and that holds the key. */
  #classify(failure: LiveFailure): ModelError {
    const { apiKey = "" } = this.#options;
    return classify({ ...failure, text: scrub(failure.text, [apiKey]) });
  }

  #deliver(event: ConnectionEvent): void {
    try {
      this.#post(event);
    } catch (error) {
      this.#count("handler-threw", { type: event.type, error });
    }
  }

  /** Counts a fault; the first of its name is logged too. */
  #count(fault: string, fields: LogFields = {}): void {
    const count = (this.faults.get(fault) ?? 0) + 1;
    this.faults.set(fault, count);
    if (count === 1) this.#options.log.warn("model-fault", { fault, ...fields });
  }

  #noteShape(shape: string): void {
    if (this.#shapes.size >= MOST_SHAPES || this.#shapes.has(shape)) return;
    this.#shapes.add(shape);
    this.#options.log.info("model-field-unknown", { field: shape });
  }
}
