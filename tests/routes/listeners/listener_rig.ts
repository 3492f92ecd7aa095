/**
 * A listener whose route is the test's own: `/socket` accepts, everything else is answered as the test says.
 *
 * @module
 */

import { systemClock } from "../../../lib/clock.ts";
import WebSocket from "ws";
import { createLog, type Log } from "../../../lib/log.ts";
import type {
  Answer,
  Connection,
  Listen,
  Listener,
  ServerSocket,
  SocketHandlers,
} from "../../../routes/listeners/listener.ts";
import { FakeClock } from "../../support/fake_clock.ts";

/** What happened on a socket. */
export interface KeptSocket {
  readonly socket: ServerSocket;
  readonly messages: (string | Uint8Array)[];
  /** Every code that `closed` was given. */
  readonly closes: number[];
}

export class ListenerRig implements AsyncDisposable {
  /** Sockets that were opened, in order. */
  readonly sockets: KeptSocket[] = [];
  /** Lines of the log. */
  readonly logged: string[] = [];
  readonly log: Log;
  /** Answers what is not for `/socket`. */
  answer: Answer = () => new Response("not here", { status: 404 });
  /** Makes the handlers of a socket. */
  handlers: () => SocketHandlers = () => this.#keeping();
  #listener: Listener | undefined;
  readonly #peers: PeerSocket[] = [];

  private constructor() {
    const write = (line: string) => void this.logged.push(line);
    this.log = createLog({ level: "info", clock: new FakeClock(), write });
  }

  static async start(listen: Listen): Promise<ListenerRig> {
    const rig = new ListenerRig();
    const at = { hostname: "127.0.0.1", port: 0, clock: systemClock, log: rig.log };
    rig.#listener = await listen(at, (request, connection) => rig.#route(request, connection));
    return rig;
  }

  get listener(): Listener {
    if (!this.#listener) throw new Error("Cannot give listener: it does not listen yet");
    return this.#listener;
  }

  get url(): string {
    return `http://127.0.0.1:${this.listener.port}`;
  }

  /** Opens a socket from the other side. */
  async open(path = "/socket"): Promise<PeerSocket> {
    const peer = new PeerSocket(this.url.replace("http", "ws") + path);
    await peer.opened;
    this.#peers.push(peer);
    return peer;
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close();
    await Promise.all(this.#peers.map(({ closed }) => closed));
  }

  #route(request: Request, connection: Connection): Response | Promise<Response> {
    if (connection.target !== "/socket") return this.answer(request, connection);
    return connection.accept(this.handlers());
  }

  #keeping(): SocketHandlers {
    const messages: (string | Uint8Array)[] = [];
    const closes: number[] = [];
    return {
      opened: (socket) => void this.sockets.push({ socket, messages, closes }),
      message: (data) => void messages.push(data),
      closed: (code) => void closes.push(code),
    };
  }
}

/** The other side of a socket. */
export class PeerSocket {
  /** Resolves when it is open; rejects with the refusal. */
  readonly opened: Promise<void>;
  /** Code of the close frame that came; 1006 if none did. */
  readonly closed: Promise<number>;
  /** What came. */
  readonly messages: (string | Uint8Array)[] = [];
  readonly raw: WebSocket;

  constructor(url: string) {
    this.raw = new WebSocket(url, { perMessageDeflate: false });
    this.opened = new Promise((resolve, reject) => {
      this.raw.on("open", () => resolve());
      this.raw.on("error", reject);
    });
    this.closed = new Promise((resolve) => this.raw.on("close", resolve));
    this.raw.on("message", (data: Uint8Array, isBinary: boolean) => {
      this.messages.push(isBinary ? Uint8Array.from(data) : String(data));
    });
  }

  /** Goes away without a word. */
  async drop(): Promise<void> {
    this.raw.terminate();
    await this.closed;
  }
}
