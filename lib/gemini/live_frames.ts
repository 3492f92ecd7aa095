/**
 * From a frame of the socket to the message in it.
 *
 * @module
 */

import { type MessageFault, readServerMessage, type ServerMessage } from "./live_events.ts";

/** What was wrong with a whole frame. */
export type FrameFault = "frame-too-large" | "frame-not-json";

/** What stood in one frame. */
export interface FrameContent extends Omit<ServerMessage, "faults"> {
  /** What was wrong and left out. */
  readonly faults: readonly (FrameFault | MessageFault)[];
}

/**
 * A larger frame is dropped unread, because reading it would hold up every other call: 4 MiB took up to 25 ms. A minute of
 * audio fits in.
 */
const LARGEST_FRAME = 4 * 1024 * 1024;

const decoder = new TextDecoder();

/**
 * Reads one frame. The service sends JSON in binary frames; text is taken as well.
 *
 * @param data What the socket gave: text or bytes; anything else is a fault; never throws
 */
export function readFrame(data: unknown): FrameContent {
  if (sizeOf(data) > LARGEST_FRAME) return faulty("frame-too-large");
  let message: unknown;
  try {
    message = JSON.parse(isBytes(data) ? decoder.decode(data) : String(data));
  } catch {
    return faulty("frame-not-json");
  }
  return readServerMessage(message);
}

function faulty(fault: FrameFault): FrameContent {
  return { setupComplete: false, events: [], faults: [fault], unknown: [] };
}

function isBytes(data: unknown): data is ArrayBuffer | Uint8Array<ArrayBuffer> {
  return data instanceof ArrayBuffer || data instanceof Uint8Array;
}

function sizeOf(data: unknown): number {
  if (typeof data === "string") return data.length;
  return isBytes(data) ? data.byteLength : 0;
}
