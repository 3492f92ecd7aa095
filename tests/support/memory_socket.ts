/**
 * A WebSocket without a network: two ends, and a way between them that takes a test's time. It closes as npm `ws` does.
 *
 * @module
 */

import type { WireSocket } from "../../emulators/gemini_wire.ts";
import type { Clock } from "../../lib/clock.ts";
import type { LiveWebSocket, WebSocketCallbacks } from "../../lib/gemini/live_socket.ts";

const NO_CODE = 1005;
const ABNORMAL_CLOSURE = 1006;

/** What the service makes of its end. */
export interface ServerHandlers {
  /** A frame of the client. */
  received(frame: string): void;
  /** It is gone. */
  closed(code: number): void;
}

/** One socket, with both its ends. */
export class MemorySocket {
  /** The client's end, as the SDK uses it. */
  readonly client: LiveWebSocket;
  /** The service's end. */
  readonly server: WireSocket;
  readonly #clock: Clock;
  readonly #wayMs: number;
  readonly #callbacks: WebSocketCallbacks;
  readonly #accept: (server: WireSocket) => ServerHandlers;
  #handlers: ServerHandlers | undefined;
  #clientState: "connecting" | "open" | "closing" | "closed" = "connecting";
  #serverState: "open" | "closing" | "closed" = "open";
  readonly #onServerClose: (() => void)[] = [];

  /**
   * Opened by nobody yet.
   *
   * @param options `wayMs` is how long each frame takes; `accept` is called when the service has the handshake
   */
  constructor(
    callbacks: WebSocketCallbacks,
    options: { clock: Clock; wayMs: number; accept: (server: WireSocket) => ServerHandlers },
  ) {
    this.#clock = options.clock;
    this.#wayMs = options.wayMs;
    this.#accept = options.accept;
    this.#callbacks = callbacks;
    this.client = this.#clientEnd();
    this.server = this.#serverEnd();
  }

  /** Whether either end still holds it. */
  get isGone(): boolean {
    return this.#clientState === "closed" && this.#serverState === "closed";
  }

  #clientEnd(): LiveWebSocket {
    return {
      connect: () => this.#travel(() => this.#accepted()),
      send: (frame) => {
        if (this.#clientState !== "open") return;
        this.#travel(() => this.#serverState === "open" && this.#handlers?.received(frame));
      },
      close: () => this.#clientCloses(),
      ws: {
        bufferedAmount: 0,
        close: () => this.#clientCloses(),
        terminate: () => this.#clientEnds(ABNORMAL_CLOSURE),
      },
    };
  }

  #serverEnd(): WireSocket {
    const serverState = () => this.#serverState;
    const onClose = this.#onServerClose;
    return {
      OPEN: 1,
      get readyState() {
        return serverState() === "open" ? 1 : 2;
      },
      on: (event: "ping" | "close", take: (data: Uint8Array) => void) =>
        event === "close" && onClose.push(() => take(new Uint8Array())),
      send: (frame) => this.#travel(() => this.#clientHears(frame)),
      close: (code = NO_CODE, reason = "") => this.#serverCloses(code, reason),
      terminate: () => {
        this.#serverEnds(ABNORMAL_CLOSURE);
        this.#travel(() => this.#clientEnds(ABNORMAL_CLOSURE));
      },
      pause: () => {},
      pong: () => {},
    };
  }

  #accepted(): void {
    if (this.#clientState === "closed") return this.#serverEnds(ABNORMAL_CLOSURE);
    this.#handlers = this.#accept(this.server);
    this.#travel(() => {
      if (this.#clientState !== "connecting") return;
      this.#clientState = "open";
      this.#callbacks.onopen();
    });
  }

  #clientHears(frame: string | Uint8Array): void {
    const isListening = this.#clientState === "open" || this.#clientState === "closing";
    if (isListening) this.#callbacks.onmessage({ data: frame });
  }

  #clientCloses(): void {
    if (this.#clientState === "connecting") return this.#clientEnds(ABNORMAL_CLOSURE);
    if (this.#clientState !== "open") return;
    this.#clientState = "closing";
    this.#travel(() => {
      if (this.#serverState === "open") this.server.close();
      this.#serverEnds(NO_CODE);
    });
  }

  /** A client that has not closed yet answers; one that has is done. */
  #serverCloses(code: number, reason: string): void {
    if (this.#serverState !== "open") return;
    this.#serverState = "closing";
    this.#travel(() => {
      this.#clientEnds(code, reason);
      this.#travel(() => this.#serverEnds(code));
    });
  }

  #clientEnds(code: number, reason = ""): void {
    if (this.#clientState === "closed") return;
    this.#clientState = "closed";
    queueMicrotask(() => this.#callbacks.onclose({ code, reason }));
    if (code === ABNORMAL_CLOSURE) this.#travel(() => this.#serverEnds(ABNORMAL_CLOSURE));
  }

  #serverEnds(code: number): void {
    if (this.#serverState === "closed") return;
    this.#serverState = "closed";
    for (const tell of this.#onServerClose) tell();
    this.#handlers?.closed(code);
  }

  #travel(arrive: () => void): void {
    this.#clock.at(this.#clock.nowMs() + this.#wayMs, arrive);
  }
}
