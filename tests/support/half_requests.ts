/**
 * Requests of which half is sent.
 *
 * @module
 */

/** Requests that do not end; none of them is ever finished. */
export const HALVES: readonly string[] = [
  "",
  "GET /heal",
  "GET /twilio/media HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n",
  "POST /twilio/voice HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",
  "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\n",
];

/** Sends a text and waits until the server ends the connection; gives how long that took. */
export async function endedAfterMs(port: number, text: string): Promise<number> {
  const startedAtMs = performance.now();
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(1_024);
  while (await connection.read(buffer).catch(() => null) !== null);
  return performance.now() - startedAtMs;
}
