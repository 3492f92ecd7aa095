/**
 * A conversation with Gemini Live for any program, without a telephone.
 *
 * The engine is that of calls: one conversation over many connections, what is said meanwhile waits and goes out in
 * order. `docs/session.md` tells how it is used; `examples/` has programs.
 *
 * @module
 */

import type { ModelError, ModelEvent } from "../call/model.ts";
import { sleep, within } from "../clock.ts";
import type { Saying } from "../gemini/backlog.ts";
import type { Content } from "../gemini/live_content.ts";
import type { LiveLink } from "../gemini/live_link.ts";
import { openLive } from "../gemini/live_session.ts";
import type { RunningTool } from "../tools/tool_runner.ts";
import { EventHub } from "./event_hub.ts";
import { sessionEventOf } from "./event_translation.ts";
import { Journal, type JournalEntry } from "./journal.ts";
import {
  NotConnectedError,
  SessionClosedError,
  SessionError,
  toSessionError,
} from "./session_errors.ts";
import type { SessionEvent, SessionHandler, SessionStatus } from "./session_events.ts";
import { SessionInput } from "./session_input.ts";
import { type CheckedOptions, checkedOptions, type SessionOptions } from "./session_options.ts";
import { ToolDesk, type ToolResponse } from "./tool_desk.ts";
import { SessionCounter, type SessionCounts } from "./session_counts.ts";
import { readTurn, type Turn } from "./turn_reader.ts";

/** How long {@linkcode Session.ask} waits for a whole turn, unless it is told. */
const TURN_MS = 60_000;

/** Facts of an answer that is under way. */
const ANSWERS: ReadonlySet<ModelEvent["type"]> = new Set(
  ["agent-audio-received", "agent-text-received"] as const,
);

/** A conversation: made, then connected, then closed. Whatever is sent after that throws {@linkcode SessionClosedError}. */
export class Session extends SessionInput implements Disposable {
  readonly #options: CheckedOptions;
  readonly #hub: EventHub;
  readonly #journal: Journal;
  readonly #desk: ToolDesk;
  readonly #counter: SessionCounter;
  #link: LiveLink | undefined;
  /** Settles when the first set-up is complete, or cannot be. */
  readonly #ready = Promise.withResolvers<void>();
  #wasConnected = false;
  /** Whether a connection is up. */
  #isUp = false;
  #isOver = false;
  /** Why the connection was lost, or not made, last. */
  #failure: ModelError | undefined;
  #willRetry = false;
  #isAnswering = false;
  /** The turn that is asked for last. */
  #asked: Promise<unknown> = Promise.resolve();

  /**
   * Opens nothing yet.
   *
   * @throws {InvalidMessageError} If the options cannot be right, with the field
   */
  constructor(options: SessionOptions = {}) {
    const checked = checkedOptions(options);
    super(checked);
    this.#options = checked;
    const { clock, log } = checked;
    const threw = (error: unknown) => log.error("session-callback-threw", { error });
    this.#hub = new EventHub(threw);
    this.#counter = new SessionCounter(checked.watch, threw);
    this.#journal = new Journal(() => clock.epochMs());
    this.#desk = new ToolDesk({
      ...this.#options,
      answer: (results) => this.#link?.say({ type: "function-results", results }),
    });
    // Nobody has to wait for it.
    this.#ready.promise.catch(() => {});
  }

  /** How it stands; before {@linkcode Session.connect} it is `disconnected`. */
  get status(): SessionStatus {
    return this.#link?.state ?? "disconnected";
  }

  /** What there is to know of the wire: bytes that wait in the socket, faults by name, pieces that found no room. */
  get connection(): {
    readonly bufferedBytes: number;
    readonly droppedChunks: number;
    readonly faults: ReadonlyMap<string, number>;
  } {
    const faults = this.#link?.faults ?? new Map<string, number>();
    return {
      bufferedBytes: this.#link?.bufferedBytes ?? 0,
      droppedChunks: faults.get("caller-audio-overflow") ?? 0,
      faults,
    };
  }

  /** What happened, in numbers. */
  get counts(): SessionCounts {
    return this.#counter.counts;
  }

  /** What was said, in order. */
  get journal(): readonly JournalEntry[] {
    return this.#journal.entries;
  }

  /** The session's own tools that run now. */
  get runningTools(): readonly RunningTool[] {
    return this.#desk.running;
  }

  /**
   * Connects; again is the same attempt.
   *
   * @returns When the set-up is complete
   * @throws {SessionError} Of the class that says why not; the session is over then
   */
  connect(): Promise<void> {
    if (this.#isOver) return Promise.reject(this.#whyOver("connect"));
    this.#link ??= openLive({
      ...this.#options.link,
      failed: (error, willRetry) => this.#failed(error, willRetry),
      watch: (direction, frame) => this.#counter.message(direction, frame),
    })(
      (event) => this.#take(event),
      { recap: () => this.#journal.recap(this.#options.recap) },
    );
    return this.#ready.promise;
  }

  /** Calls `handler` for each fact of a type; what is given back ends that. */
  on<Type extends SessionEvent["type"]>(type: Type, handler: SessionHandler<Type>): () => void {
    return this.#hub.on(type, handler);
  }

  /** All facts from now on, for `for await`; ends when the session is over. */
  receive(): AsyncGenerator<SessionEvent, void, void> {
    return this.#hub.read();
  }

  /**
   * Answers calls of functions that are not the session's own tools.
   *
   * @throws {InvalidMessageError} If a call is not open; then nothing was sent
   */
  sendToolResponses(responses: readonly ToolResponse[]): void {
    this.requireOpen("answer calls");
    this.#desk.respond(responses);
  }

  /**
   * Says one thing in writing over a connection that is up, and waits for one rather than queue it.
   *
   * @throws {NotConnectedError} If there was none at any of the tries
   */
  async sendWithRetry(
    text: string,
    { tries = 3, waitMs = 1_000 }: { tries?: number; waitMs?: number } = {},
  ): Promise<void> {
    for (let left = tries;;) {
      this.requireOpen("send text");
      if (this.status === "connected") return this.send(text);
      if (--left <= 0) throw new NotConnectedError("send text");
      await sleep(this.#options.clock, waitMs);
    }
  }

  /**
   * Says one thing and reads the whole turn that answers it. One is asked after the other.
   *
   * @throws {SessionError} If the session ends first, or no turn is whole in time
   */
  ask(text: string, { timeoutMs = TURN_MS }: { timeoutMs?: number } = {}): Promise<Turn> {
    const turn = this.#asked.then(() => this.#ask(text, timeoutMs));
    this.#asked = turn.catch(() => {});
    return turn;
  }

  /** Ends it, with its connection and its tools; once is enough, more does no harm. */
  close(): void {
    this.#link?.close();
    this.#end(new SessionClosedError("connect"));
  }

  /** The same, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Says one thing over whatever connection there is.
   *
   * @internal
   */
  protected override say(saying: Saying): void {
    this.#link?.say(saying);
  }

  /**
   * Notes what was written.
   *
   * @internal
   */
  protected override wrote(turns: readonly Content[]): void {
    this.#journal.wrote(turns);
  }

  /**
   * Throws if nothing can be said.
   *
   * @internal
   */
  protected override requireOpen(what: string): void {
    if (this.#isOver) throw new SessionClosedError(what);
    if (!this.#link) throw new NotConnectedError(what);
  }

  async #ask(text: string, timeoutMs: number): Promise<Turn> {
    const events = this.#hub.read();
    const reading = readTurn(events, { isAnswering: this.#isAnswering });
    this.send(text);
    const turn = await within(reading, { clock: this.#options.clock, ms: timeoutMs });
    if (turn) return turn;
    if (this.#isOver) throw this.#whyOver("ask");
    events.return();
    throw new SessionError("turn_timed_out", `Cannot ask: no whole turn within ${timeoutMs} ms`);
  }

  #take(event: ModelEvent): void {
    if (event.type === "model-state-changed") return this.#stateChanged(event.state);
    if (event.type === "model-reconnected") {
      this.#hub.tell({ type: "connected", how: event.how });
      return;
    }
    if (event.type === "model-lost") return this.#end(toSessionError(event.error));
    if (ANSWERS.has(event.type)) this.#isAnswering = true;
    const told = sessionEventOf(event, this.#options);
    if (!told) return;
    this.#journal.take(told);
    this.#counter.take(told);
    if (told.type === "turn-complete") this.#isAnswering = false;
    this.#hub.tell(told);
    if (told.type === "tool-call") this.#desk.called(told.calls);
    if (told.type === "tool-call-cancellation") this.#desk.cancelled(told.ids);
  }

  #stateChanged(state: SessionStatus): void {
    if (state === "disconnected") return this.#lost();
    if (state !== "connected") return;
    this.#isUp = true;
    this.#failure = undefined;
    if (this.#wasConnected) return;
    this.#wasConnected = true;
    this.#ready.resolve();
    this.#hub.tell({ type: "connected", how: "new" });
  }

  #failed(error: ModelError, willRetry: boolean): void {
    this.#failure = error;
    this.#willRetry = willRetry;
    this.#hub.tell({ type: "error", error: toSessionError(error), willRetry });
  }

  /** Calls of functions die with their connection; without a failure it was left for a newer one. */
  #lost(): void {
    const ids = this.#desk.lost();
    if (ids.length > 0) this.#hub.tell({ type: "tool-call-cancellation", ids });
    const failure = this.#failure;
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#isAnswering = false;
    this.#hub.tell({
      type: "disconnected",
      code: failure?.closeCode,
      reason: failure?.message ?? "replaced by a newer connection",
      willRetry: failure === undefined || this.#willRetry,
    });
    if (this.#willRetry) this.#failure = undefined;
  }

  #whyOver(what: string): SessionError {
    return this.#failure ? toSessionError(this.#failure) : new SessionClosedError(what);
  }

  #end(error: SessionError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ready.reject(error);
    this.#desk.close();
    this.#hub.tell({ type: "closed" });
  }
}
