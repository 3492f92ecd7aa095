/**
 * A WebSocket by hand (RFC 6455): frames that no client would send, and what a server makes of them.
 *
 * @module
 */

import { sign } from "./sign.ts";
import { AUTH_TOKEN } from "./socket_call.ts";

/** A frame, as wrong as it may be. */
export interface RawFrame {
  /** 0 to 15; 1 is text. */
  readonly opcode: number;
  /** Text, or bytes. */
  readonly payload?: string | Uint8Array;
  /** Whether it is the last of its message; it is unless told otherwise. */
  readonly fin?: boolean;
  /** The three reserved bits, 0 to 7. */
  readonly rsv?: number;
  /** Whether it is masked; it is unless told otherwise. */
  readonly masked?: boolean;
  /** Length that is declared in place of the payload's. */
  readonly declared?: bigint;
}

/** What came of a connection. */
export interface RawOutcome {
  /** HTTP status of the handshake. */
  readonly status: number;
  /** Code of the server's close frame; 1005 without one in it, 1006 if it just went away; undefined while it is open. */
  readonly closeCode: number | undefined;
  /** Payloads of the pongs that came. */
  readonly pongs: readonly string[];
}

const LAST_PING = "still there?";
const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
const encoder = new TextEncoder();

/** The bytes of a frame. */
export function frameBytes(
  { opcode, payload = "", fin = true, rsv = 0, masked = true, declared }: RawFrame,
): Uint8Array<ArrayBuffer> {
  const body = typeof payload === "string" ? encoder.encode(payload) : payload;
  const length = declared ?? BigInt(body.length);
  const head = [(fin ? 0x80 : 0) | rsv << 4 | opcode];
  const mask = masked ? 0x80 : 0;
  if (length < 126n) head.push(mask | Number(length));
  else if (length < 65_536n) head.push(mask | 126, Number(length) >> 8, Number(length) & 255);
  else {
    head.push(mask | 127);
    for (let shift = 56n; shift >= 0n; shift -= 8n) head.push(Number(length >> shift & 255n));
  }
  const key = masked ? MASK : new Uint8Array();
  const sent = masked ? body.map((byte, n) => byte ^ (MASK[n % 4] ?? 0)) : body;
  return Uint8Array.from([...head, ...key, ...sent]);
}

/** The headers of a handshake, those of Twilio's among them. */
export function handshakeHeaders(socketUrl: string): Record<string, string> {
  return {
    Host: "127.0.0.1",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "X-Twilio-Signature": sign(socketUrl, {}, AUTH_TOKEN),
  };
}

/** What is sent after the handshake: pieces of bytes, with a breath between two. */
export interface RawTalk {
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly version?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
}

/** Opens a socket, sends, asks whether the server is still there, and says what came of it. */
export async function talkRaw(talk: RawTalk): Promise<RawOutcome> {
  const { port, path, method = "GET", version = "1.1", headers, pieces } = talk;
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const asked = `${method} ${path} HTTP/${version}\r\n${lines.join("")}\r\n`;
  const reader = new RawReader(connection);
  await reader.write(encoder.encode(asked));
  const status = await reader.status();
  if (status !== 101) return { status, closeCode: undefined, pongs: [] };
  for (const piece of [...pieces, frameBytes({ opcode: 9, payload: LAST_PING })]) {
    await reader.write(piece);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return { status, ...await reader.rest() };
}

/** Reads what a server sends. */
class RawReader {
  readonly #connection: Deno.Conn;
  #bytes = new Uint8Array();
  #isOver = false;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** A server that has left takes nothing any more. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  async status(): Promise<number> {
    for (;;) {
      const text = new TextDecoder("latin1").decode(this.#bytes);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#bytes = this.#bytes.slice(end + 4);
        return Number(text.split(" ")[1]);
      }
      if (this.#isOver) return 0;
      await this.#more();
    }
  }

  /** Everything up to the close, or up to the pong of the last question. */
  async rest(): Promise<Omit<RawOutcome, "status">> {
    const pongs: string[] = [];
    for (;;) {
      const frame = this.#frame();
      if (frame?.opcode === 8) {
        const [high = 0, low = 0] = frame.payload;
        return { pongs, closeCode: frame.payload.length < 2 ? 1005 : high << 8 | low };
      }
      if (frame?.opcode === 10) pongs.push(new TextDecoder().decode(frame.payload));
      if (pongs.at(-1) === LAST_PING) return { pongs, closeCode: undefined };
      if (frame) continue;
      if (this.#isOver) return { pongs, closeCode: 1006 };
      await this.#more();
    }
  }

  #frame(): { opcode: number; payload: Uint8Array } | undefined {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    if (view.byteLength < 2) return undefined;
    const short = view.getUint8(1) & 127;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (view.byteLength < head) return undefined;
    const length = head === 10
      ? Number(view.getBigUint64(2))
      : head === 4
      ? view.getUint16(2)
      : short;
    if (view.byteLength < head + length) return undefined;
    const payload = this.#bytes.slice(head, head + length);
    const opcode = view.getUint8(0) & 15;
    this.#bytes = this.#bytes.slice(head + length);
    return { opcode, payload };
  }

  async #more(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      const count = await this.#connection.read(buffer);
      this.#isOver = count === null;
      this.#bytes = Uint8Array.from([...this.#bytes, ...buffer.subarray(0, count ?? 0)]);
    } catch (error) {
      if (!isGone(error)) throw error;
      this.#isOver = true;
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe;
}
