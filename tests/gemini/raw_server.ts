/**
 * A server that speaks just enough to be a bad one: it may keep silent at any point of a connection's beginning.
 *
 * @module
 */

/** A listener on loopback that takes one connection. */
export class RawServer {
  /** Base address for the SDK. */
  readonly url: string;
  readonly #listener: Deno.TcpListener;
  #connection: Deno.TcpConn | undefined;

  constructor() {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.url = `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Takes the connection and reads its upgrade request. */
  async accept(): Promise<string> {
    this.#connection = await this.#listener.accept();
    return await this.read() ?? "";
  }

  /** What came next, as text; absent once the other side has ended the connection. */
  async read(): Promise<string | undefined> {
    const buffer = new Uint8Array(65_536);
    const length = await this.#connection?.read(buffer).catch(() => null);
    return length ? new TextDecoder().decode(buffer.subarray(0, length)) : undefined;
  }

  /** Resolves once the other side has ended the connection. */
  async ended(): Promise<void> {
    while (await this.read() !== undefined);
  }

  /** Answers the upgrade request; `frame`, a short text, goes out in the same packet. */
  async upgrade(request: string, frame?: string): Promise<void> {
    const key = /^sec-websocket-key: (.*)\r$/im.exec(request)?.[1];
    const magic = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    const accept = new Uint8Array(await crypto.subtle.digest("SHA-1", magic)).toBase64();
    await this.#write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
      frame,
    );
  }

  /** Sends a short text frame. */
  async send(frame: string): Promise<void> {
    await this.#write("", frame);
  }

  /** Drops the connection. */
  drop(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  [Symbol.dispose](): void {
    this.drop();
    this.#listener.close();
  }

  async #write(head: string, frame: string | undefined): Promise<void> {
    const encoder = new TextEncoder();
    const bytes = frame === undefined
      ? encoder.encode(head)
      : Uint8Array.of(...encoder.encode(head), 0x81, frame.length, ...encoder.encode(frame));
    await this.#connection?.write(bytes);
  }
}
