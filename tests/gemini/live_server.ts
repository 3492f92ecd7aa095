/**
 * A strict stand-in for Gemini Live on loopback: takes what the service takes, notes what it would refuse, and says
 * only what a test tells it to.
 *
 * @module
 */

import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
// @ts-types="@types/ws"
import { type RawData, type WebSocket, WebSocketServer } from "ws";

const FRAME_KINDS = ["setup", "clientContent", "realtimeInput", "toolResponse"];

/** One connection, seen from the service. */
export class Peer {
  /** Path and query of the upgrade request. */
  readonly path: string;
  /** Every frame, parsed. */
  readonly frames: Record<string, unknown>[] = [];
  /** What the service would have refused. */
  readonly violations: string[] = [];
  /** Close code, once the connection is gone. */
  readonly closed: Promise<number>;
  readonly #ws: WebSocket;
  #waiting: (() => void)[] = [];

  constructor(ws: WebSocket, path: string) {
    this.#ws = ws;
    this.path = path;
    ws.on("message", (data, isBinary) => this.#take(data, isBinary));
    ws.on("error", (error) => this.violations.push(error.message));
    this.closed = new Promise((resolve) => ws.on("close", resolve));
  }

  /** Resolves once this many frames have come. */
  async framesCame(count: number): Promise<void> {
    while (this.frames.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Sends a message as the service does: indented JSON in a binary frame. */
  send(message: unknown): void {
    this.sendRaw(new TextEncoder().encode(`${JSON.stringify(message, null, 2)}\n`));
  }

  /** Sends any frame. */
  sendRaw(data: string | Uint8Array): void {
    this.#ws.send(data);
  }

  /** Closes as the service does. */
  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  /** Cuts the line without a close frame. */
  reset(): void {
    this.#ws.terminate();
  }

  /** Stops reading. */
  freeze(): void {
    this.#ws.pause();
  }

  #take(data: RawData, isBinary: boolean): void {
    const frame = JSON.parse(String(data));
    const kinds = Object.keys(frame);
    if (isBinary) this.violations.push("a client frame must be text");
    if (kinds.length !== 1 || !FRAME_KINDS.includes(kinds[0] ?? "")) {
      this.violations.push(`a frame holds one known field, not ${kinds}`);
    }
    if ((kinds[0] === "setup") !== (this.frames.length === 0)) {
      this.violations.push("setup comes first, and once");
    }
    this.frames.push(frame);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** What a server does. */
export interface LiveServerScript {
  /** Answers upgrade requests with this status. */
  readonly refuse?: number;
  /** A connection is there; its frames have not been read. */
  onPeer?(peer: Peer): void;
  /** A setup came; absent: it is taken. */
  onSetup?(peer: Peer): void;
}

/** Listens on a free port of loopback until disposed of. */
export class LiveServer {
  /** Base address for the SDK. */
  readonly url: string;
  /** The first connection. */
  readonly peer: Promise<Peer>;
  /** Upgrade requests so far. */
  upgrades = 0;
  readonly #stop: () => Promise<void>;

  /** Starts a server. */
  static async start(script: LiveServerScript = {}): Promise<LiveServer> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return new LiveServer(http, script);
  }

  private constructor(http: ReturnType<typeof createServer>, script: LiveServerScript) {
    const sockets = new WebSocketServer({ noServer: true });
    const { promise, resolve } = Promise.withResolvers<Peer>();
    this.peer = promise;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    http.on("upgrade", (request, socket, head) => {
      this.upgrades++;
      if (script.refuse !== undefined) {
        (socket as Socket).end(`HTTP/1.1 ${script.refuse} No\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      sockets.handleUpgrade(request, socket as Socket, head, async (ws) => {
        const peer = new Peer(ws, request.url ?? "");
        script.onPeer?.(peer);
        resolve(peer);
        await peer.framesCame(1);
        if (script.onSetup) script.onSetup(peer);
        else peer.send({ setupComplete: {} });
      });
    });
    this.#stop = async () => {
      for (const ws of sockets.clients) ws.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}
