/**
 * The messages of a media stream: reading what Twilio sends, writing the three that it takes.
 *
 * @see https://www.twilio.com/docs/voice/media-streams/websocket-messages
 * @module
 */

import { z } from "zod";

/** What Twilio sends, as far as we use it. */
export type InboundMessage =
  /** First of all; says nothing that we need. */
  | { event: "connected" }
  /** Once, before any audio. */
  | { event: "start"; streamSid: string; start: StreamStart }
  /** Audio of the caller. */
  | { event: "media"; streamSid: string; media: StreamMedia }
  /** The caller pressed a key. */
  | { event: "dtmf"; streamSid: string; dtmf: { digit: string } }
  /** A mark of ours was reached or cleared. */
  | { event: "mark"; streamSid: string; mark: { name: string } }
  /** The call or the stream is over. */
  | { event: "stop"; streamSid: string };

/** What a stream says of itself. */
export interface StreamStart {
  /** Account of the call. */
  accountSid: string;
  /** The call. */
  callSid: string;
  /** What the audio is. */
  mediaFormat: { encoding: string; sampleRate: number; channels: number };
  /** The one parameter of the TwiML that we use. */
  customParameters?: { token?: string | undefined } | undefined;
}

/** Audio of the caller, of any length from 1 ms. */
export interface StreamMedia {
  /** Counts media messages, from 1. */
  chunk: number;
  /** Media time at which it begins, in milliseconds; does not start at 0. */
  timestamp: number;
  /** Mu-law bytes at 8 kHz, decoded. */
  payload: Uint8Array;
}

/** A message that cannot be read. Names the field, never its value. */
export class MediaStreamMessageError extends Error {
  /** Tells it from other errors. */
  override name = "MediaStreamMessageError";
}

/** Timestamps count milliseconds, so less than one has no place. */
const MIN_PAYLOAD_BYTES = 8;

/** Twilio writes most numbers as strings. */
const number = z.union([
  z.string().regex(/^\d{1,15}(\.\d{1,9})?$/).transform(Number),
  z.number().nonnegative(),
]);

const payload = z.string().transform((base64, context) => {
  try {
    const mulaw = Uint8Array.fromBase64(base64, { lastChunkHandling: "strict" });
    if (mulaw.length >= MIN_PAYLOAD_BYTES) return mulaw;
    context.addIssue("too short");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    context.addIssue("not base64");
  }
  return z.NEVER;
});

const inboundMessage = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("media"),
    streamSid: z.string(),
    media: z.object({
      track: z.literal("inbound").optional(),
      chunk: number.pipe(z.int()),
      timestamp: number,
      payload,
    }),
  }),
  z.object({
    event: z.literal("mark"),
    streamSid: z.string(),
    mark: z.object({ name: z.string() }),
  }),
  z.object({
    event: z.literal("dtmf"),
    streamSid: z.string(),
    dtmf: z.object({ digit: z.string().regex(/^[0-9*#A-D]$/) }),
  }),
  z.object({ event: z.literal("connected") }),
  z.object({
    event: z.literal("start"),
    streamSid: z.string().min(1),
    start: z.object({
      accountSid: z.string(),
      callSid: z.string(),
      mediaFormat: z.object({ encoding: z.string(), sampleRate: number, channels: number }),
      customParameters: z.object({ token: z.string().optional() }).optional(),
    }),
  }),
  z.object({ event: z.literal("stop"), streamSid: z.string() }),
]) satisfies z.ZodType<InboundMessage>;

const anyMessage = z.object({ event: z.string() });

/**
 * Reads one text frame of a media stream.
 *
 * @returns The message, or `undefined` for an event that this version does not know
 * @throws {MediaStreamMessageError} If it is no JSON, has no event, or is a known event of the wrong shape
 */
export function parseInbound(text: string): InboundMessage | undefined {
  const json = parseJson(text);
  const result = inboundMessage.safeParse(json);
  if (result.success) return result.data;
  const field = result.error.issues[0]?.path.join(".");
  if (field === "event" && anyMessage.safeParse(json).success) return undefined;
  const what = field ? `"${field}" is invalid` : "it is not an object";
  throw new MediaStreamMessageError(`Cannot read media-stream message: ${what}`);
}

/** The engine's own error quotes the text, so it goes no further. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MediaStreamMessageError("Cannot read media-stream message: it is not JSON");
  }
}

/** Writes the messages of one stream; what stays the same is written once. */
export class StreamMessageWriter {
  readonly #media: string;
  readonly #mark: string;
  readonly #clear: string;

  /**
   * Writes for one stream.
   *
   * @param streamSid Of its `start` message
   */
  constructor(streamSid: string) {
    const sid = JSON.stringify(streamSid);
    this.#media = `{"event":"media","streamSid":${sid},"media":{"payload":"`;
    this.#mark = `{"event":"mark","streamSid":${sid},"mark":{"name":`;
    this.#clear = `{"event":"clear","streamSid":${sid}}`;
  }

  /** Audio for the caller: mu-law at 8 kHz without any header. */
  media(mulaw: Uint8Array): string {
    return `${this.#media}${mulaw.toBase64()}"}}`;
  }

  /** A name that comes back once everything sent before it was played or cleared. */
  mark(name: string): string {
    return `${this.#mark}${JSON.stringify(name)}}}`;
  }

  /** Drops what was not played yet. */
  clear(): string {
    return this.#clear;
  }
}
