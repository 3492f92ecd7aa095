/**
 * Gemini Live on this machine: takes the real SDK, keeps the service's rules more strictly than the service does, answers
 * in recorded speech, and fails on demand.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../lib/clock.ts";
import { GeminiMemory } from "./gemini_conversation.ts";
import { FaultPlan } from "./gemini_faults.ts";
import { newSessionRecord, type SessionRecord } from "./gemini_records.ts";
import { Refusal } from "./gemini_refusal.ts";
import { GeminiSession } from "./gemini_session.ts";
import { type Framing, GeminiWire } from "./gemini_wire.ts";
import { demoScript } from "./demo_script.ts";
import type { ModelScript } from "./model_script.ts";

/** How an emulator is started. */
export interface GeminiLiveOptions {
  /** Whose time everything waits by. */
  readonly clock: Clock;
  /** 0 takes a free one. */
  readonly port?: number;
  /** 127.0.0.1 unless given. */
  readonly hostname?: string;
  /** What the model says; the conversation of the demo unless given. */
  readonly script?: ModelScript;
  /** The kind of frame that messages come in. */
  readonly framing?: Framing;
  /** A key that is refused; any other is good. */
  readonly badKey?: string;
}

/** A running emulator. */
export interface GeminiLiveEmulator extends AsyncDisposable {
  /** To be used as `GOOGLE_GEMINI_BASE_URL`. */
  readonly url: string;
  /** Attempts to connect, refused ones among them. */
  readonly connects: number;
  /** When each of them came. */
  readonly connectsAtMs: readonly number[];
  /** The connections that were upgraded, first to last. */
  readonly sessions: readonly SessionRecord[];
  /** Drops all connections and stops listening. */
  close(): Promise<void>;
}

/** One or two slashes, as the SDK makes two of them; `v1` has no Live service. */
const PATH =
  /^\/{1,2}ws\/google\.ai\.generativelanguage\.(v1alpha|v1beta)\.GenerativeService\.BidiGenerateContent(Constrained)?$/;
const LARGEST_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Starts an emulator. */
export async function startGeminiLive(options: GeminiLiveOptions): Promise<GeminiLiveEmulator> {
  const emulator = new GeminiLiveServer(options);
  await emulator.listen();
  return emulator;
}

class GeminiLiveServer implements GeminiLiveEmulator {
  readonly sessions: SessionRecord[] = [];
  readonly connectsAtMs: number[] = [];
  readonly #options: GeminiLiveOptions;
  readonly #script: ModelScript;
  readonly #memory = new GeminiMemory();
  readonly #http: Server;
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: LARGEST_MESSAGE_BYTES,
  });
  readonly #sockets = new Set<Duplex>();

  constructor(options: GeminiLiveOptions) {
    this.#options = options;
    this.#script = options.script ?? demoScript();
    this.#http = createServer((_request, response) => response.writeHead(404).end());
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  get connects(): number {
    return this.connectsAtMs.length;
  }

  get url(): string {
    const { address, port } = this.#http.address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  listen(): Promise<void> {
    const { port = 0, hostname = "127.0.0.1" } = this.#options;
    return new Promise((resolve, reject) => {
      this.#http.once("error", reject);
      this.#http.listen(port, hostname, resolve);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#http.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
      this.#http.closeAllConnections();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    const { clock } = this.#options;
    const openedAtMs = clock.nowMs();
    const connection = this.connectsAtMs.push(openedAtMs) - 1;
    const plan = new FaultPlan(this.#script.faults ?? [], { connection, clock });
    if (plan.find("never-upgrade")) return;
    const [path = "", query = ""] = (request.url ?? "").split("?");
    const version = PATH.exec(path)?.[1];
    const status = plan.find("refuse-upgrade")?.status ?? (version ? 101 : 404);
    if (version === undefined || status !== 101) return refuse(socket, status);
    const record = newSessionRecord({ connection, path, openedAtMs });
    const keyRefusal = this.#judgeKey(request, new URLSearchParams(query));
    this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      this.sessions.push(record);
      const wire = new GeminiWire(webSocket, { clock, framing: this.#options.framing ?? "binary" });
      const session = new GeminiSession({
        clock,
        script: this.#script,
        wire,
        plan,
        memory: this.#memory,
        record,
        version,
        keyRefusal,
      });
      serve(webSocket, session, { record, clock });
    });
  }

  #judgeKey(request: IncomingMessage, query: URLSearchParams): Refusal | undefined {
    const header = request.headers["x-goog-api-key"];
    const key = query.get("key") ?? query.get("access_token") ?? header ?? "";
    if (key === "") {
      const why =
        "Method doesn't allow unregistered callers (callers without established identity).";
      return new Refusal(1008, why);
    }
    if (key !== this.#options.badKey) return undefined;
    return new Refusal(1007, "API key not valid. Please pass a valid API key.");
  }
}

function serve(
  webSocket: WebSocket,
  session: GeminiSession,
  { record, clock }: { record: SessionRecord; clock: Clock },
): void {
  webSocket.on("message", (data, isBinary) => session.receive(String(data), isBinary));
  webSocket.on("error", (error) => record.violations.push(`broken frame: ${error.message}`));
  webSocket.on("close", (code) => {
    record.closeCode = code;
    record.closedAtMs = clock.nowMs();
    session.stop();
  });
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
