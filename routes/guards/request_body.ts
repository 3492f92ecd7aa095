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
