/**
 * Reads a request's body without trusting its sender.
 *
 * @module
 */

import type { Clock } from "../../lib/clock.ts";

/** A body, or why it was not read to its end. */
export type BodyText = { text: string } | { refused: "too-large" | "too-slow" };

/**
 * Reads a body as UTF-8 and stops at the first byte or millisecond too many. A declared length above the cap is
 * refused unread; one that is absent or too small changes nothing.
 *
 * @param options `maxBytes` of the body; `deadlineMs` for all of it
 * @throws {Error} If the sender goes away in the middle
 */
export async function readBody(
  request: Request,
  options: { clock: Clock; maxBytes: number; deadlineMs: number },
): Promise<BodyText> {
  const { clock, maxBytes, deadlineMs } = options;
  if (Number(request.headers.get("content-length")) > maxBytes) return { refused: "too-large" };
  if (!request.body) return { text: "" };

  const reader = request.body.getReader();
  const deadline = Promise.withResolvers<"too-slow">();
  const timer = clock.at(clock.nowMs() + deadlineMs, () => deadline.resolve("too-slow"));
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    while (true) {
      const piece = await Promise.race([reader.read(), deadline.promise]);
      if (piece === "too-slow") return { refused: "too-slow" };
      if (piece.done) return { text: text + decoder.decode() };
      bytes += piece.value.length;
      if (bytes > maxBytes) return { refused: "too-large" };
      text += decoder.decode(piece.value, { stream: true });
    }
  } finally {
    timer.cancel();
    await reader.cancel();
  }
}

/** How long a small body may take. */
const SMALL_BODY_MS = 5_000;

/**
 * Reads a small body as JSON.
 *
 * @returns Nothing if it is none, too large or too slow
 * @throws {Error} If the sender goes away in the middle
 */
export async function readJson(
  request: Request,
  options: { clock: Clock; maxBytes: number },
): Promise<unknown> {
  const body = await readBody(request, { ...options, deadlineMs: SMALL_BODY_MS });
  return "text" in body ? jsonOf(body.text) : undefined;
}

/** What a text says in JSON; nothing if it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
