/**
 * One conversation with Gemini Live over many connections.
 *
 * The service ends a connection after some ten minutes, and any of them may break. The conversation then moves to another
 * one by a handle, or begins anew with a recap. There is never more than one: the service refuses to resume while the old
 * socket is open. What is said meanwhile waits in the {@linkcode Outbox}; when to try again says {@linkcode Resumption}.
 *
 * @module
 */

import type {
  FunctionAnswer,
  ModelError,
  ModelEvent,
  ModelState,
  OpenModel,
  OpenOptions,
} from "../call/model.ts";
import type { Timer } from "../clock.ts";
import { chance } from "../ids.ts";
import type { Saying } from "./backlog.ts";
import { type Connection, connectLive } from "./live_connection.ts";
import { toModelError } from "./live_errors.ts";
import type { ConnectionEvent } from "./live_events.ts";
import type { LiveLink, SessionOptions } from "./live_link.ts";
import { Outbox } from "./outbox.ts";
import { resultsOf } from "./function_results.ts";
import { Resumption } from "./resumption.ts";
import { RotationClock } from "./rotation_clock.ts";
import { send } from "./sending.ts";
import { UnkeptWords } from "./unkept_words.ts";

/** How a session was opened. */
type Opened = OpenOptions & { readonly post: (event: ModelEvent) => void };

/** Opens conversations with Gemini Live, for calls and for programs. */
export function openLive(
  options: SessionOptions,
): (...begin: Parameters<OpenModel>) => LiveLink {
  return (post, how) => new LiveSession(options, { ...how, post });
}

class LiveSession implements LiveLink {
  readonly faults = new Map<string, number>();
  readonly #options: SessionOptions;
  readonly #opened: Opened;
  readonly #outbox: Outbox;
  readonly #resumption: Resumption;
  readonly #unkept = new UnkeptWords();
  readonly #rotation: RotationClock;
  /** For the next attempt, or for more of what waits. */
  #timer: Timer | undefined;
  /** Ends the connection and what leads to it; another one each time, none when the conversation is over. */
  #attempt: AbortController | undefined = new AbortController();
  #connection: Connection | undefined;
  /** What the model was told of its past: it stands in its instructions, and nowhere else. */
  #recap = "";
  #state: ModelState = "connecting";
  /** Whether there was a connection, here or in an earlier process. */
  #isBegun: boolean;
  /** Since when there is no connection. */
  #leftAtMs: number;

  constructor(options: SessionOptions, opened: Opened) {
    this.#options = options;
    this.#opened = opened;
    this.#outbox = new Outbox({
      activityGapMs: options.activityGapMs,
      mostChunks: options.mostChunks,
      isBlocking: options.isBlocking,
      count: (fault) => this.#count(fault),
    });
    this.#leftAtMs = options.clock.nowMs();
    this.#isBegun = opened.handle !== undefined;
    this.#resumption = new Resumption({ nowMs: this.#leftAtMs, handle: opened.handle }, options);
    this.#rotation = new RotationClock(options.clock, {
      due: (deadlineMs) => opened.post({ type: "model-rotation-due", deadlineMs }),
      deadline: () => this.#move(false),
    });
    // Not before the call has the conversation in its hands.
    queueMicrotask(() => this.#connect(this.#attempt));
  }

  get state(): ModelState {
    return this.#state;
  }

  get bufferedBytes(): number {
    return this.#connection?.bufferedBytes ?? 0;
  }

  openActivity(): void {
    this.say({ type: "open-activity" });
  }

  sendAudio(pcm: Int16Array): void {
    this.say({ type: "audio", pcm });
  }

  endAudio(): void {
    this.say({ type: "end-audio" });
  }

  sendActivityText(text: string): void {
    this.say({ type: "activity-text", text });
  }

  closeActivity(): void {
    this.say({ type: "close-activity" });
  }

  sendText(text: string, { reply }: { reply: boolean }): void {
    this.say({ type: "text", text, reply });
  }

  sendPicture(data: string, mimeType: string): void {
    this.say({ type: "picture", data, mimeType });
  }

  say(saying: Saying): void {
    if (!this.#attempt) return this.#count("sent-after-close");
    this.#outbox.say(saying);
    this.#flush();
  }

  answerFunctions(answers: readonly FunctionAnswer[]): void {
    this.#unkept.answered(answers);
    this.say({ type: "function-results", results: resultsOf(answers, this.#options.model) });
  }

  repeatTurn(): boolean {
    const isRepeated = this.#attempt !== undefined && this.#outbox.repeatTurn();
    this.#flush();
    return isRepeated;
  }

  rotate(): void {
    this.#move(this.#outbox.isOwed);
  }

  /** Moves to another connection, because an answer is missed if `isMissed`. */
  #move(isMissed: boolean): void {
    const old = this.#connection;
    if (!old) return;
    this.#resumption.left(isMissed);
    this.#options.log.info("model-rotating", { isResuming: this.#resumption.handle !== undefined });
    const attempt = this.#leave();
    old.close();
    old.closed.then(() => this.#connect(attempt));
  }

  close(): void {
    if (!this.#attempt) return;
    this.#attempt.abort();
    this.#attempt = this.#connection = undefined;
    this.#cancelTimers();
    this.#state = "disconnected";
  }

  /** Connects, unless the conversation has moved on from `attempt` meanwhile. */
  #connect(attempt: AbortController | undefined): void {
    if (!attempt || attempt !== this.#attempt) return;
    const { model, circuit } = this.#options;
    const obstacle = circuit.enter(model);
    if (obstacle) return this.#giveUp(obstacle);
    this.#change("connecting");
    const { handle } = this.#resumption;
    const isCurrent = () => attempt === this.#attempt;
    this.#reach(handle, attempt).then((connection) => {
      if (isCurrent()) this.#connected(connection, handle !== undefined);
      else connection.close();
    }, (cause) => isCurrent() ? this.#failed(toModelError(cause)) : undefined);
  }

  /** An attempt; whatever goes wrong in it is its failure. */
  async #reach(handle: string | undefined, attempt: AbortController): Promise<Connection> {
    if (handle === undefined) {
      this.#recap = [this.#opened.recap(), this.#unkept.doneNote ?? ""].filter(Boolean).join("\n");
    }
    const setup = this.#options.setup({ handle, recap: this.#recap });
    const { connect = connectLive } = this.#options;
    return await connect(
      { ...this.#options, setup, faults: this.faults },
      (event) => attempt === this.#attempt ? this.#take(event) : undefined,
      attempt.signal,
    );
  }

  #connected(connection: Connection, isResumed: boolean): void {
    const { circuit, model, clock, log } = this.#options;
    const nowMs = clock.nowMs();
    this.#connection = connection;
    circuit.connected(model);
    this.#resumption.connected(nowMs);
    this.#change("connected");
    if (this.#isBegun) {
      const how = isResumed ? "resumed" : "fresh";
      const gapMs = Math.round(nowMs - this.#leftAtMs);
      log.info("model-reconnected", { how, gapMs });
      if (isResumed) this.#tellUnkept(connection);
      this.#opened.post({ type: "model-reconnected", how });
    }
    this.#isBegun = true;
    if (!isResumed) this.#unkept.clear();
    this.#outbox.connected();
    this.#flush();
    this.#rotation.begin();
  }

  #tellUnkept(connection: Connection): void {
    const { note } = this.#unkept;
    if (note !== undefined) connection.sendText(note, { reply: false });
  }

  /** An attempt failed, or the connection was lost. */
  #failed(error: ModelError): void {
    const { clock, circuit, model, ids, log } = this.#options;
    const nowMs = clock.nowMs();
    circuit.failed(model, error);
    const next = this.#resumption.failed(error, { nowMs, chance: chance(ids) });
    this.#options.failed?.(error, next.type === "connect");
    if (next.type === "give-up") return this.#giveUp(error);
    const attempt = this.#leave();
    const { kind, closeCode } = error;
    const isResuming = this.#resumption.handle !== undefined;
    const waitMs = Math.round(next.atMs - nowMs);
    log.warn("model-reconnecting", { kind, closeCode, waitMs, isResuming });
    this.#timer = clock.at(next.atMs, () => this.#connect(attempt));
  }

  #giveUp(error: ModelError): void {
    this.#leave();
    this.#attempt = undefined;
    this.#change("error");
    this.#opened.post({ type: "model-lost", error });
  }

  /** Nothing of the old connection counts from here on. */
  #leave(): AbortController {
    const attempt = new AbortController();
    this.#attempt = attempt;
    if (this.#connection) this.#leftAtMs = this.#options.clock.nowMs();
    this.#connection = undefined;
    this.#cancelTimers();
    this.#outbox.disconnected();
    this.#change("disconnected");
    return attempt;
  }

  #take(event: ConnectionEvent): void {
    this.#unkept.take(event);
    switch (event.type) {
      case "model-going-away":
        return this.#rotation.goingAway(event.timeLeftMs);
      case "model-lost":
        return this.#failed(event.error);
      case "resumption-updated":
        this.#resumption.update(event.handle);
        break;
      case "agent-audio-received":
      case "agent-words-received":
      case "agent-text-received":
        this.#resumption.worked();
        break;
      default:
    }
    this.#outbox.hear(event);
    if (event.type === "functions-cancelled") this.#flush();
    this.#opened.post(event);
  }

  #flush(): void {
    const connection = this.#connection;
    if (!connection) return;
    const { clock } = this.#options;
    for (const saying of this.#outbox.take(clock.nowMs())) {
      send(connection, saying);
      if (saying.type === "close-activity") this.#opened.post({ type: "activity-end-sent" });
    }
    const { nextMs } = this.#outbox;
    this.#timer?.cancel();
    if (nextMs !== undefined) this.#timer = clock.at(nextMs, () => this.#flush());
  }

  #change(state: ModelState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#opened.post({ type: "model-state-changed", state });
  }

  #count(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  #cancelTimers(): void {
    this.#timer?.cancel();
    this.#rotation.end();
  }
}
