/**
 * Requests and answers between `node:http` and the web's own types.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { rawTarget } from "../../lib/twilio/signature.ts";
import { PeerLeftError } from "./listener.ts";

const MAX_UNWANTED_BYTES = 65_536;

/**
 * The request as routes know it. Its host is never the one it names: what stands in `Host` is for the guards to judge.
 *
 * @throws {TypeError} If its method is one that no route could have
 */
export function toRequest(message: IncomingMessage): Request {
  const { method = "GET", url = "", rawHeaders } = message;
  const headers = new Headers();
  for (let n = 0; n + 1 < rawHeaders.length; n += 2) {
    headers.append(rawHeaders[n] ?? "", rawHeaders[n + 1] ?? "");
  }
  return new Request(`http://localhost${rawTarget(url)}`, {
    method,
    headers,
    body: hasBody(message) ? bodyOf(message) : null,
  });
}

/** Sends an answer: as it comes if it is a stream of events or says how long it is, or else whole. */
export function sendAnswer(answer: Response, response: ServerResponse): Promise<void> {
  const { status, headers, body } = answer;
  // Untouched, the runtime would read all of it.
  if (hasBody(response.req) && !response.req.readableDidRead) readAway(response.req);
  const isStream = headers.has("content-length") ||
    headers.get("content-type")?.startsWith("text/event-stream");
  if (!body || !isStream) return sendWhole(answer, response);
  // What waits for a stream keeps nothing else of the answer; set one by one, its headers would be kept.
  response.writeHead(status, [...headers].flat());
  return sendPieces(body, response);
}

async function sendWhole(answer: Response, response: ServerResponse): Promise<void> {
  response.statusCode = answer.status;
  response.setHeaders(answer.headers);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  await new Promise<void>((resolve) => response.end(bytes, resolve));
}

/**
 * Sends a body piece by piece, the next when the one before has room, and lets go of it when the peer leaves. A pipe of
 * the runtime's does the same, but keeps 16 KB for each reader, and thousands may look on.
 */
async function sendPieces(
  body: ReadableStream<Uint8Array>,
  response: ServerResponse,
): Promise<void> {
  const reader = body.getReader();
  let wake = () => {};
  response.on("drain", () => wake());
  response.on("close", () => {
    wake();
    reader.cancel().catch(() => {});
  });
  // It may break off while the peer takes nothing, and nothing is read.
  reader.closed.catch(() => response.destroy());
  for (;;) {
    const { done, value } = await reader.read();
    if (response.destroyed) return await reader.cancel();
    if (done) break;
    if (response.write(value)) continue;
    await new Promise<void>((resolve) => wake = resolve);
  }
  response.end();
}

/**
 * Reads a body that no route wanted, so that the connection is good for another request. Of one that is too long the rest
 * waits unread, as it does when a route stops in the middle, until the time for a request is over. To close at once would
 * take the answer from a peer that is still sending.
 */
async function readAway(body: IncomingMessage): Promise<void> {
  let left = MAX_UNWANTED_BYTES;
  try {
    for await (const { length } of body.iterator({ destroyOnReturn: false })) {
      left -= length;
      if (left <= 0) return;
    }
  } catch {
    // The peer has left, with the connection.
  }
}

function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method === "GET" || method === "HEAD") return false;
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** The body, read as it is asked for. To cancel it leaves the connection open for the answer. */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = message.iterator({ destroyOnReturn: false });
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (cause) {
        controller.error(new PeerLeftError("Cannot read body: the peer has left", { cause }));
      }
    },
    async cancel() {
      await pieces.return?.();
    },
  }, { highWaterMark: 0 });
}
