/**
 * A server for the emulated telephone line to call: made by hand, with no part of the product.
 *
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import { scaledClock } from "../support/scaled_clock.ts";
import type { CallerScript } from "../../emulators/caller_script.ts";
import type { PhoneCall } from "../../emulators/phone_call.ts";
import { type DialOptions, PhoneLine } from "../../emulators/phone_line.ts";
import { settle } from "../support/fake_clock.ts";

export const ACCOUNT_SID = `AC${"1".repeat(32)}`;
export const AUTH_TOKEN = "12345";

/** A message of the line, as it came. */
export interface LineText {
  readonly event: string;
  readonly sequenceNumber?: string;
  readonly streamSid?: string;
  readonly start?: Readonly<Record<string, unknown>>;
  readonly media?: {
    readonly track: string;
    readonly chunk: string;
    readonly timestamp: string;
    readonly payload: string;
  };
  readonly mark?: { readonly name: string };
  readonly dtmf?: { readonly track: string; readonly digit: string };
  readonly stop?: Readonly<Record<string, unknown>>;
}

/** A request that came by HTTP. */
export interface Came {
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly form: URLSearchParams;
  readonly headers: Headers;
}

/** The server's end of a stream. */
export interface ServerStream {
  readonly socket: WebSocket;
  readonly headers: Headers;
  readonly url: string;
  /** Messages so far; texts that are no JSON are under `texts` alone. */
  readonly messages: LineText[];
  readonly texts: string[];
  readonly streamSid: string;
  send(message: Record<string, unknown>): void;
  media(mulaw: Uint8Array): void;
  mark(name: string): void;
  clear(): void;
}

/** What a server does; `twiml` answers every request with a document. */
export interface Behaviour {
  twiml?: string | ((came: Came) => string | Response);
  onStart?: (stream: ServerStream) => void;
  onMessage?: (message: LineText, stream: ServerStream) => void;
}

/** Line, server and clock of a test. */
export class Rig implements AsyncDisposable {
  readonly clock;
  readonly line: PhoneLine;
  readonly requests: Came[] = [];
  readonly streams: ServerStream[] = [];
  readonly #behaviour: Behaviour;
  // The runtime's own server drops the connection after its close frame when messages are still to be read.
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #server = createServer(
    (message, response) => this.#answer(message, response),
  ).on("upgrade", (message, socket, head) => this.#upgrade(message, socket, head));

  private constructor(behaviour: Behaviour, factor: number) {
    this.#behaviour = behaviour;
    this.clock = scaledClock(factor);
    this.line = new PhoneLine({
      clock: this.clock,
      accountSid: ACCOUNT_SID,
      authToken: AUTH_TOKEN,
    });
  }

  /** Begins to listen. */
  static async start(behaviour: Behaviour, { factor = 10 } = {}): Promise<Rig> {
    const rig = new Rig(behaviour, factor);
    await new Promise<void>((resolve) => rig.#server.listen(0, "127.0.0.1", resolve));
    return rig;
  }

  /** This server, without a path. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Calls the server. */
  dial(script: CallerScript, options: Partial<DialOptions> = {}): PhoneCall {
    return this.line.dial({
      voiceUrl: `${this.origin}/voice`,
      from: "+15550001111",
      to: "+15550002222",
      script,
      ...options,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.line.close();
    for (const socket of this.#sockets.clients) socket.terminate();
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
    await settle();
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = message.url ?? "";
    const came = {
      method: message.method ?? "",
      path,
      url: this.origin + path,
      form: new URLSearchParams(Buffer.concat(await message.toArray()).toString()),
      headers: headersOf(message),
    };
    this.requests.push(came);
    const { twiml = CONNECT } = this.#behaviour;
    const answer = typeof twiml === "string" ? twiml : twiml(came);
    const { status, headers, body } = typeof answer === "string" ? xml(answer) : answer;
    response.writeHead(status, Object.fromEntries(headers));
    response.end(body && new Uint8Array(await new Response(body).arrayBuffer()));
  }

  #upgrade(message: IncomingMessage, connection: Duplex, head: Buffer): void {
    if (!message.url?.startsWith("/media")) {
      connection.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const handshake = { headers: headersOf(message), url: this.origin + message.url };
    const { onStart, onMessage } = this.#behaviour;
    this.#sockets.handleUpgrade(message, connection, head, (socket) => {
      const stream = serverStream(socket, handshake);
      this.streams.push(stream);
      socket.on("message", (data) => {
        stream.texts.push(String(data));
        const message = parse(String(data));
        if (!message) return;
        stream.messages.push(message);
        if (message.event === "start") onStart?.(stream);
        onMessage?.(message, stream);
      });
    });
  }
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const entries = Object.entries(headersDistinct);
  return new Headers(
    entries.flatMap(([name, values = []]) => values.map((value) => [name, value])),
  );
}

/** The document of a call that is streamed. */
export const CONNECT = `<?xml version="1.0" encoding="UTF-8"?>
<Response><Connect><Stream url="/media"><Parameter name="token" value="a&amp;b"/></Stream></Connect></Response>`;

/** A document as a server answers it. */
export function xml(body: string, type = "text/xml"): Response {
  return new Response(body, { headers: { "content-type": type } });
}

/** So many bytes that are all the same and can be heard. */
export function sound(bytes: number, code = 0x90): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, n) => n % 2 === 0 ? code : code & 0x7f);
}

function serverStream(
  socket: WebSocket,
  handshake: { headers: Headers; url: string },
): ServerStream {
  const messages: LineText[] = [];
  const send = (message: Record<string, unknown>) => socket.send(JSON.stringify(message));
  const streamSid = () => messages.find((message) => message.event === "start")?.streamSid ?? "";
  return {
    ...{ socket, ...handshake, messages, texts: [], send },
    get streamSid() {
      return streamSid();
    },
    media: (mulaw) =>
      send({ event: "media", streamSid: streamSid(), media: { payload: mulaw.toBase64() } }),
    mark: (name) => send({ event: "mark", streamSid: streamSid(), mark: { name } }),
    clear: () => send({ event: "clear", streamSid: streamSid() }),
  };
}

function parse(text: string): LineText | undefined {
  try {
    const message = JSON.parse(text);
    return typeof message === "object" && message !== null ? message : undefined;
  } catch {
    return undefined;
  }
}
