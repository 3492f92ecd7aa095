/**
 * HTTP/1.1 by hand: what `fetch` would put right or refuse to send.
 *
 * @module
 */

/** A request, byte for byte; nothing is added but the line ends. */
export interface RawRequest {
  readonly method?: string;
  /** Path and query, or a whole URL. */
  readonly target: string;
  /** In this order; `Host` and lengths too have to be given. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends one request on a connection of its own and reads one response, whatever the server still waits for. */
export async function sendRaw(port: number, request: RawRequest): Promise<RawResponse> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const { method = "POST", target, headers, body = "" } = request;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
  await connection.write(new TextEncoder().encode(text));
  return await readResponse(connection, { hasBody: method !== "HEAD" });
}

/** Reads one response; after HEAD it has no body, whatever its length is said to be. */
export async function readResponse(
  connection: Deno.Conn,
  { hasBody }: { hasBody: boolean } = { hasBody: true },
): Promise<RawResponse> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  while (true) {
    const response = parse(text);
    if (response && (!hasBody || isWhole(response))) return response;
    const count = await connection.read(buffer);
    if (count === null) {
      throw new Error(`Cannot read response: it ended after ${text.length} bytes`);
    }
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
}

function isWhole({ headers, body }: RawResponse): boolean {
  return new TextEncoder().encode(body).length >= Number(headers.get("content-length"));
}

/** The response as far as it is there, from the end of its head on. */
function parse(text: string): RawResponse | undefined {
  const [head = "", body] = text.split(/\r\n\r\n(.*)/s);
  if (body === undefined) return undefined;
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  return { status: Number(statusLine.split(" ")[1]), headers, body };
}
