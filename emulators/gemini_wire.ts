/**
 * The server's end of one Gemini Live socket, and what can be wrong with it.
 *
 * @module
 */

import type { Clock, Timer } from "../lib/clock.ts";

/** How messages are framed; Google sends binary frames. */
export type Framing = "binary" | "text";

/** A message to the client, before it is JSON. */
export type ServerMessage = Readonly<Record<string, unknown>>;

/** A socket as npm `ws` has it, or one without a network. */
export interface WireSocket {
  /** Where it stands. */
  readonly readyState: number;
  /** What `readyState` is while it is open. */
  readonly OPEN: number;
  /** Answers the other side's close frame, or begins the handshake. */
  close: (code?: number, reason?: string) => void;
  /** Calls `take` for each ping. */
  on(event: "ping", take: (data: Uint8Array) => void): unknown;
  /** Calls `take` when it is gone. */
  on(event: "close", take: () => void): unknown;
  /** Sends a frame: text, or bytes. */
  send: (frame: string | Uint8Array) => void;
  /** Answers a ping. */
  pong(data: Uint8Array): void;
  /** Reads nothing more. */
  pause(): void;
  /** Ends it without a close frame. */
  terminate(): void;
}

/** The reason of a close frame holds no more bytes than this. */
const LONGEST_REASON = 123;

/** Sends messages as Google does, and misbehaves when told to. */
export class GeminiWire {
  readonly #socket: WireSocket;
  readonly #clock: Clock;
  readonly #framing: Framing;
  readonly #timers = new Set<Timer>();
  #isMute = false;
  #pongDelayMs = 0;

  /**
   * Takes a socket over.
   *
   * @param socket An open socket that answers no ping by itself
   * @param options Whose time to wait by, and the kind of frame to send
   */
  constructor(socket: WireSocket, options: { clock: Clock; framing: Framing }) {
    this.#socket = socket;
    this.#clock = options.clock;
    this.#framing = options.framing;
    socket.on("ping", (data) => this.#pong(data));
    socket.on("close", () => this.#timers.forEach((timer) => timer.cancel()));
  }

  /** Whether messages still go out. */
  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /**
   * Sends a message as UTF-8 JSON, indented by two spaces, with a final newline.
   *
   * @returns Whether it went out
   */
  send(message: ServerMessage): boolean {
    const json = JSON.stringify(message, null, 2) + "\n";
    return this.sendRaw(this.#framing === "text" ? json : new TextEncoder().encode(json));
  }

  /**
   * Sends a frame that may be anything: text as a text frame, bytes as a binary one.
   *
   * @returns Whether it went out
   */
  sendRaw(frame: string | Uint8Array): boolean {
    if (!this.isOpen || this.#isMute) return false;
    this.#socket.send(frame);
    return true;
  }

  /** Closes with a code and a reason, which is cut where a close frame ends. */
  close(code: number, reason: string): void {
    const bytes = new TextEncoder().encode(reason).subarray(0, LONGEST_REASON);
    this.#socket.close(code, new TextDecoder().decode(bytes, { stream: true }));
  }

  /** Drops the connection without a close frame. */
  reset(): void {
    this.#socket.terminate();
  }

  /** Says nothing from now on; the socket stays open. */
  mute(): void {
    this.#isMute = true;
  }

  /** Reads nothing from now on, so that the client's data piles up. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Leaves the client's close frame without an answer. */
  ignoreClose(): void {
    this.#socket.close = () => {};
  }

  /** Answers the client's close frame this late, and sends frames meanwhile. */
  delayClose(ms: number, frames: readonly (string | Uint8Array)[]): void {
    const close = this.#socket.close.bind(this.#socket);
    this.#socket.close = (code, reason) => {
      for (const frame of frames) this.sendRaw(frame);
      this.#after(ms, () => close(code, reason));
    };
  }

  /** Answers pings this late from now on. */
  delayPongs(ms: number): void {
    this.#pongDelayMs = ms;
  }

  #pong(data: Uint8Array): void {
    this.#after(this.#pongDelayMs, () => {
      if (this.isOpen) this.#socket.pong(data);
    });
  }

  #after(ms: number, act: () => void): void {
    const timer = this.#clock.at(this.#clock.nowMs() + ms, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
  }
}
