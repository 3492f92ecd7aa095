/**
 * A client of the gateway for tests: a bare socket that keeps what it is told.
 *
 * @module
 */

import WebSocket from "ws";
import { CLIENT_SOCKET_PATH } from "../../routes/client_gateway.ts";
import { until } from "../support/socket_call.ts";

/** A message as it came. */
export type Told = Readonly<Record<string, unknown>> & { readonly type: string };

/** How a socket is opened. */
export interface ClientOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  readonly path?: string;
}

/** One socket. */
export class GatewayClient implements AsyncDisposable {
  readonly told: Told[] = [];
  readonly socket: WebSocket;
  /** Resolves with the close code; never rejects. */
  readonly closed: Promise<number>;
  /** Which sub-protocol was chosen. */
  protocol = "";
  /** How many messages were there when the last wait ended. */
  #seen = 0;

  private constructor(url: string, { headers = {}, protocols = [], path }: ClientOptions) {
    const address = url.replace("http", "ws") + (path ?? CLIENT_SOCKET_PATH);
    this.socket = new WebSocket(address, [...protocols], { headers });
    this.socket.on("message", (data) => this.told.push(JSON.parse(String(data))));
    this.closed = new Promise((resolve) => this.socket.on("close", resolve));
  }

  /** Opens a socket. */
  static async open(url: string, options: ClientOptions = {}): Promise<GatewayClient> {
    const client = new GatewayClient(url, options);
    await new Promise((resolve, reject) => {
      client.socket.once("open", resolve);
      client.socket.once("error", reject);
    });
    client.socket.on("error", () => {});
    client.protocol = client.socket.protocol;
    return client;
  }

  /** Asks for a socket that is to be refused. @returns The status of the answer, 101 if it is let in */
  static async statusOf(url: string, options: ClientOptions = {}): Promise<number> {
    const { socket } = new GatewayClient(url, options);
    const { promise, resolve } = Promise.withResolvers<number>();
    socket.on("open", () => resolve(101));
    socket.on("unexpected-response", (request, response) => {
      resolve(response.statusCode ?? 0);
      response.resume();
      request.destroy();
    });
    socket.on("error", () => resolve(0));
    const status = await promise;
    socket.terminate();
    return status;
  }

  /** Says something. */
  say(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Says samples as a microphone would, but as fast as it can. */
  speak(pcm: Int16Array, sampleRate?: number): void {
    const size = Math.floor((sampleRate ?? 16_000) / 10);
    for (let from = 0; from < pcm.length; from += size) {
      const { buffer, byteOffset, byteLength } = pcm.slice(from, from + size);
      const data = new Uint8Array(buffer, byteOffset, byteLength).toBase64();
      this.say({ type: "audio", data, ...(sampleRate === undefined ? {} : { sampleRate }) });
    }
  }

  /** Waits for a message that comes after the last one that was waited for. */
  async next(what: { type: string; state?: string; code?: string }): Promise<Told> {
    const fits = (told: Told) =>
      Object.entries(what).every(([name, value]) => told[name] === value);
    const find = () => this.told.findIndex((told, n) => n >= this.#seen && fits(told));
    await until(() => find() >= 0, `${JSON.stringify(what)} in ${this.#short()}`);
    const at = find();
    this.#seen = at + 1;
    return this.told[at] ?? { type: "none" };
  }

  /** All states, first to last. */
  get states(): unknown[] {
    return this.told.filter(({ type }) => type === "system").map(({ state }) => state);
  }

  /** The texts of answers, joined. */
  get text(): string {
    return this.told.filter(({ type }) => type === "response").map(({ text }) => text).join("");
  }

  /** What was heard of the client, joined. */
  get heard(): string {
    return this.told.filter(({ state }) => state === "heard").map(({ text }) => text).join("");
  }

  /** All audio of answers, in samples. */
  get samples(): number {
    return this.told.filter(({ type }) => type === "audio")
      .reduce((sum, { data }) => sum + Uint8Array.fromBase64(String(data)).length / 2, 0);
  }

  /** Closes and waits for the answer. */
  async close(code = 1000): Promise<void> {
    this.socket.close(code);
    await this.closed;
  }

  /** The network is gone. */
  async drop(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #short(): string {
    return JSON.stringify(this.told.map(({ type, state, code }) => state ?? code ?? type));
  }
}
