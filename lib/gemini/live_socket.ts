/**
 * The socket under a session of the SDK. The SDK keeps it to itself, and without it there is no way to see a frame
 * before the SDK does, to end an attempt that hangs, or to know how much waits to be sent.
 *
 * @module
 */

import { ModelError } from "../call/model.ts";

/** What happens on the socket. No handler may throw. */
export interface SocketEvents {
  /** A frame went out. */
  sent(frame: string): void;
  /** A frame came: text or bytes, as the socket gives them. */
  frame(data: unknown): void;
  /** Something failed; `closed` follows. */
  failed(why: string): void;
  /** The socket is gone; nothing more comes. */
  closed(code: number, reason: string): void;
}

/** What a socket tells, as the SDK takes it. */
export interface WebSocketCallbacks {
  /** It is open. */
  onopen(): void;
  /** A frame came. */
  onmessage(event: { data: unknown }): void;
  /** Something failed; `onclose` follows. */
  onerror(event: { message?: unknown }): void;
  /** It is gone. */
  onclose(event: { code: number; reason: string }): void;
}

/** A socket as the SDK uses it. */
export interface LiveWebSocket {
  /** Opens it. */
  connect(): void;
  /** Sends a text frame. */
  send(frame: string): void;
  /** Begins the closing handshake. */
  close(): void;
  /** The socket beneath: `bufferedAmount`, `close()` and `terminate()` as npm `ws` has them; there from `connect()` on. */
  readonly ws?: unknown;
}

/** Makes sockets: for proxies, and for tests. */
export interface WebSocketFactory {
  /** Makes one that is not open yet. */
  create(url: string, headers: unknown, callbacks: WebSocketCallbacks): LiveWebSocket;
}

interface NodeSocket {
  readonly bufferedAmount: number;
  close(): void;
  terminate(): void;
}

/**
 * The socket of the next session that an SDK client opens; one client, one session.
 *
 * The SDK sees no frame of the service but the one it waits for, `setupComplete`, and gets that from us: its own
 * reader turns a frame that is not JSON, and some that are (`{"text":""}`), into a rejection that nobody can catch and
 * that ends the process.
 */
export class LiveSocket {
  #socket: LiveWebSocket | undefined;
  #sdk: WebSocketCallbacks | undefined;
  #terminated = false;

  /**
   * Waits for the client to open a session.
   *
   * @param live The `live` of a `GoogleGenAI`
   * @param events Takes what happens
   * @param given Makes the socket in place of the SDK
   * @throws {ModelError} If this version of the SDK makes its sockets in another way
   */
  constructor(live: object, events: SocketEvents, given?: WebSocketFactory) {
    const factory: unknown = Reflect.get(live, "webSocketFactory");
    if (!isFactory(factory)) throw sdkChanged("webSocketFactory");
    const maker = given ?? factory;
    const create = maker.create.bind(maker);
    factory.create = (url, headers, sdk) => {
      if (this.#terminated) throw new Error("The attempt was given up");
      this.#sdk = sdk;
      const socket = create(url, headers, {
        onopen: sdk.onopen,
        onmessage: ({ data }) => events.frame(data),
        onerror(event) {
          events.failed(String(event.message));
          sdk.onerror(event);
        },
        onclose(event) {
          events.closed(event.code, event.reason);
          sdk.onclose(event);
        },
      });
      this.#socket = socket;
      return {
        connect() {
          socket.connect();
          if (isNodeSocket(socket.ws)) return;
          socket.close();
          throw sdkChanged("ws");
        },
        send(frame) {
          events.sent(frame);
          socket.send(frame);
        },
        close: () => socket.close(),
      };
    };
  }

  /** Bytes that wait to be sent. */
  get bufferedBytes(): number {
    return this.#nodeSocket?.bufferedAmount ?? 0;
  }

  /** Tells the SDK that the service took the setup. */
  completeSetup(): void {
    this.#sdk?.onmessage({ data: `{"setupComplete":{}}` });
  }

  /** Begins the closing handshake; `closed` follows when the other side has answered. */
  close(): void {
    this.#socket?.close();
  }

  /** Ends the socket at once, in whatever state it is; one not yet made will not be made. */
  terminate(): void {
    this.#terminated = true;
    // A close frame first: Deno 2.5 keeps the line of a terminated socket until the other side drops it.
    this.#nodeSocket?.close();
    this.#nodeSocket?.terminate();
  }

  get #nodeSocket(): NodeSocket | undefined {
    const ws = this.#socket?.ws;
    return isNodeSocket(ws) ? ws : undefined;
  }
}

function isFactory(value: unknown): value is WebSocketFactory {
  return typeof value === "object" && value !== null && "create" in value &&
    typeof value.create === "function";
}

function isNodeSocket(value: unknown): value is NodeSocket {
  return typeof value === "object" && value !== null &&
    "close" in value && typeof value.close === "function" &&
    "terminate" in value && typeof value.terminate === "function" &&
    "bufferedAmount" in value && typeof value.bufferedAmount === "number";
}

function sdkChanged(field: string): ModelError {
  return new ModelError(
    "invalid-argument",
    `Cannot watch the model's socket: this version of @google/genai has no usable "${field}"`,
  );
}
