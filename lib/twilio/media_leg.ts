/**
 * The caller's side of a call over a Twilio media stream.
 *
 * A stream waits for a good `start`, is admitted, is open, and ends, once. Before it is open nothing leaves it, and what
 * comes while it is being admitted waits. Every wrong message is counted and forgotten, and none ends the call but one
 * that is too large, at which the socket closes itself. A line is lost when its socket closes
 * without a `stop` or a proper close, when no audio has come for a while, whatever else has, or when what we send piles
 * up.
 *
 * One timer runs at a time: for `start` and the admission, then for the watch over the open line, then for the peer's
 * close frame.
 *
 * @module
 */

import { LINE_HZ } from "../../audio/rates.ts";
import type { CallFacts, Leg, LegEnd } from "../call/leg.ts";
import type { Clock, Timer } from "../clock.ts";
import type { Log } from "../log.ts";
import { EventQueue } from "./event_queue.ts";
import { type Frame, FrameSequencer } from "./frame_sequencer.ts";
import {
  type InboundMessage,
  MediaStreamMessageError,
  parseInbound,
  type StreamStart,
} from "./media_messages.ts";
import { type LegSocket, StreamSender } from "./stream_sender.ts";

export type { LegSocket };

/**
 * Decides whether a stream may be served. Does not reject.
 *
 * @param start What it says of itself
 * @returns What is known of its call, or `undefined` to refuse it
 */
export type Admit = (
  start: { callSid: string; accountSid: string; token: string | undefined },
) => Promise<CallFacts | undefined>;

/** A stream whose `start` was good. */
export interface OpenedStream {
  /** The caller's side of the call. */
  leg: Leg;
  /** What is known of the call. */
  facts: CallFacts;
  /** Name of the stream. */
  streamSid: string;
}

type State =
  | { phase: "waiting" }
  | { phase: "admitting"; waiting: unknown[] }
  | { phase: "open"; streamSid: string; sequencer: FrameSequencer }
  | { phase: "closing" }
  | { phase: "ended" };

/** Messages that may wait for the admission: more than come in its time. */
const MOST_WAITING = 500;
const CLOSE_WAIT_MS = 2_000;
const WATCH_EVERY_MS = 500;

const CLOSED_NORMALLY = 1000;
const CLOSED_WITHOUT_CODE = 1005;
const POLICY_VIOLATION = 1008;
const TOO_LARGE = 1009;
const LINE_LOST = 1011;

/** One media-stream WebSocket, from its opening handshake on. Whoever owns the socket hands its events in. */
export class MediaStream {
  /** Resolves once: with the verified leg after a good `start`, or with undefined after the socket was refused or died before one. */
  readonly opened: Promise<OpenedStream | undefined>;

  readonly #socket: LegSocket;
  readonly #options: {
    clock: Clock;
    log: Log;
    accountSid: string | undefined;
    admit: Admit;
    silentMs: number;
  };
  readonly #resolveOpened: (stream: OpenedStream | undefined) => void;
  readonly #faults = new Map<string, number>();
  readonly #events = new EventQueue();
  #state: State = { phase: "waiting" };
  #timer: Timer;
  /** Looks at the open line since audio came. */
  #silentLooks = 0;

  /**
   * Begins to wait for `start`.
   *
   * @param socket Accepted, its handshake verified
   * @param options `accountSid` is the only account whose calls are served; `startTimeoutMs` is how long `start` and the
   * admission may take (5 s), `silentMs` how long an open line may bring no audio (15 s)
   */
  constructor(socket: LegSocket, options: {
    clock: Clock;
    log: Log;
    accountSid: string | undefined;
    admit: Admit;
    startTimeoutMs?: number;
    silentMs?: number;
  }) {
    const { startTimeoutMs = 5_000, silentMs = 15_000, clock } = options;
    this.#socket = socket;
    this.#options = { ...options, silentMs };
    this.#timer = clock.at(
      clock.nowMs() + startTimeoutMs,
      () => this.#refuse(this.#state.phase === "waiting" ? "start-missing" : "admission-late"),
    );
    const { promise, resolve } = Promise.withResolvers<OpenedStream | undefined>();
    this.opened = promise;
    this.#resolveOpened = resolve;
  }

  /** Whether nothing more comes and nothing is taken. */
  get isOver(): boolean {
    return this.#state.phase === "ended";
  }

  /**
   * Takes a frame from the socket. Never throws.
   *
   * @param data Text, or something binary, which Twilio does not send
   */
  message(data: unknown): void {
    try {
      this.#receive(data);
    } catch (error) {
      if (error instanceof MediaStreamMessageError) return this.#count("message-unreadable", error);
      this.#count("message-handler-failed");
      this.#options.log.error("media-stream-handler-failed", { error });
    }
  }

  /**
   * The socket is closed, or broken. May come twice.
   *
   * @param code Of the close event, if there is one; 1009 if the peer sent a message that was too large
   */
  closed(code?: number): void {
    if (code === TOO_LARGE) this.#count("message-too-large");
    const properly = code === CLOSED_NORMALLY || code === CLOSED_WITHOUT_CODE ||
      this.#state.phase === "closing";
    this.#end(properly ? "hung-up" : "lost", CLOSED_NORMALLY);
  }

  #receive(data: unknown): void {
    if (this.#state.phase === "closing" || this.#state.phase === "ended") return;
    if (typeof data !== "string") return this.#count("message-binary");
    if (this.#state.phase === "admitting") return this.#wait(data, this.#state.waiting);
    const message = parseInbound(data);
    if (message === undefined || message.event === "connected") return;
    if (this.#state.phase === "open") this.#hear(message, this.#state);
    else if (message.event === "start") this.#start(message.streamSid, message.start);
    else this.#count("message-before-start");
  }

  #start(streamSid: string, start: StreamStart): void {
    const { accountSid, admit } = this.#options;
    if (accountSid !== undefined && start.accountSid !== accountSid) {
      return this.#refuse("other-account");
    }
    const { encoding, sampleRate, channels } = start.mediaFormat;
    if (encoding !== "audio/x-mulaw" || sampleRate !== LINE_HZ || channels !== 1) {
      return this.#refuse("other-media-format");
    }
    const { callSid, customParameters } = start;
    const said = { callSid, accountSid: start.accountSid, token: customParameters?.token };
    const waiting: unknown[] = [];
    this.#state = { phase: "admitting", waiting };
    admit(said).then((facts) => this.#admitted(streamSid, facts, waiting));
  }

  #admitted(streamSid: string, facts: CallFacts | undefined, waiting: readonly unknown[]): void {
    if (this.#state.phase !== "admitting") return;
    if (!facts) return this.#refuse("not-admitted");
    const { clock } = this.#options;
    const sequencer = new FrameSequencer((fault) => this.#count(fault));
    const sender = new StreamSender(this.#socket, { clock, streamSid });
    this.#state = { phase: "open", streamSid, sequencer };
    this.#timer.cancel();
    this.#watch(sender);
    this.#resolveOpened({ leg: this.#createLeg(sender), facts, streamSid });
    for (const data of waiting) this.message(data);
  }

  #wait(data: string, waiting: unknown[]): void {
    if (waiting.length < MOST_WAITING) waiting.push(data);
    else this.#count("message-before-admission");
  }

  #hear(
    message: Exclude<InboundMessage, { event: "connected" }>,
    { streamSid, sequencer }: State & { phase: "open" },
  ): void {
    if (message.event === "start") return this.#count("start-again");
    if (message.streamSid !== streamSid) return this.#count("other-stream");
    switch (message.event) {
      case "media": {
        const { chunk, timestamp, payload } = message.media;
        this.#silentLooks = 0;
        return this.#post(sequencer.push(chunk, timestamp, payload));
      }
      case "mark":
        return this.#events.post({ type: "mark-reached", name: message.mark.name });
      case "dtmf":
        return this.#events.post({ type: "digit-pressed", digit: message.dtmf.digit });
      case "stop":
        return this.#end("hung-up", CLOSED_NORMALLY);
      default:
        return message satisfies never;
    }
  }

  #createLeg(sender: StreamSender): Leg {
    const send = (order: () => void) => {
      if (this.#state.phase !== "open") return;
      order();
      if (sender.isStuck()) this.#lose("line-stuck", "lost");
    };
    return {
      faults: this.#faults,
      listen: (post) => this.#events.listen(post),
      play: (mulaw) => send(() => sender.media(mulaw)),
      mark: (name) => send(() => sender.mark(name)),
      clear: () => send(() => sender.clear()),
      close: () => this.#close(),
    };
  }

  /** Silence is counted in looks: a process that stood still has looked once, and what came meanwhile is still to be read. */
  #watch(sender: StreamSender): void {
    const { clock, silentMs } = this.#options;
    if (this.#silentLooks++ * WATCH_EVERY_MS >= silentMs) return this.#lose("line-silent", "dead");
    if (sender.isStuck()) return this.#lose("line-stuck", "lost");
    this.#timer = clock.at(clock.nowMs() + WATCH_EVERY_MS, () => this.#watch(sender));
  }

  #refuse(reason: string): void {
    this.#options.log.warn("media-stream-refused", { reason });
    this.#end("lost", POLICY_VIOLATION);
  }

  #lose(fault: "line-silent" | "line-stuck", reason: LegEnd): void {
    this.#count(fault);
    this.#end(reason, LINE_LOST);
  }

  /** Our own end: the peer gets a moment to answer, and is not listened to any more. */
  #close(): void {
    if (this.#state.phase !== "open") return;
    const { clock } = this.#options;
    this.#state = { phase: "closing" };
    this.#timer.cancel();
    this.#timer = clock.at(clock.nowMs() + CLOSE_WAIT_MS, () => this.#end("lost", CLOSED_NORMALLY));
    this.#socket.close(CLOSED_NORMALLY);
  }

  #end(reason: LegEnd, closeCode: number): void {
    const last = this.#state;
    if (last.phase === "ended") return;
    this.#state = { phase: "ended" };
    this.#timer.cancel();
    this.#socket.close(closeCode);
    if (last.phase === "waiting" || last.phase === "admitting") {
      return this.#resolveOpened(undefined);
    }
    if (last.phase === "open") this.#post(last.sequencer.flush());
    this.#events.post({ type: "leg-ended", reason });
  }

  #post(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (frame.filled) this.#count("frame-filled");
      this.#events.post({ type: "frame-received", ...frame });
    }
  }

  #count(fault: string, error?: unknown): void {
    const times = (this.#faults.get(fault) ?? 0) + 1;
    this.#faults.set(fault, times);
    if (times === 1) this.#options.log.debug("media-stream-fault", { fault, error });
  }
}
