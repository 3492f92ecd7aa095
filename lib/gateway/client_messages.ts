/**
 * What clients say: JSON in text frames, checked where it comes in.
 *
 * @module
 */

import { z } from "zod";
import { bytesToPcm } from "../../audio/pcm.ts";
import { MODEL_INPUT_HZ } from "../../audio/rates.ts";

/** A modality that a client may ask for. */
export type Modality = "TEXT" | "AUDIO";

/** What a client wants; what is absent is left to the server. */
export interface ClientConfig {
  /** Model id. */
  readonly model?: string | undefined;
  /** Name of a prebuilt voice. */
  readonly voice?: string | undefined;
  /** Name of an agent. */
  readonly agent?: string | undefined;
  /** How answers are made. */
  readonly generation: {
    readonly temperature?: number | undefined;
    readonly topP?: number | undefined;
    readonly topK?: number | undefined;
    readonly maxOutputTokens?: number | undefined;
  };
  /** Which parts of answers it wants, at least one. */
  readonly modalities?: readonly Modality[] | undefined;
  /** Token of a conversation to go on with. */
  readonly resumeToken?: string | undefined;
}

/** One message of a client. */
export type ClientMessage =
  | { readonly type: "config"; readonly config: ClientConfig }
  | { readonly type: "text"; readonly text: string }
  /** Samples at a rate of the client's. */
  | { readonly type: "audio"; readonly pcm: Int16Array; readonly hz: number }
  /** A still picture, base64. */
  | { readonly type: "image"; readonly data: string; readonly mimeType: string };

/** What may be wrong with a message; programs compare these. */
export type ClientMessageFault =
  | "json-invalid"
  | "type-unknown"
  | "message-invalid"
  | "modalities-impossible"
  | "audio-format"
  | "image-format";

/** A message that cannot be taken. The text names the field, and never what stands in it. */
export class ClientMessageError extends Error {
  /** Tells it from other errors. */
  override name = "ClientMessageError";
  /** What is wrong. */
  readonly code: ClientMessageFault;
  /** Where, such as `data.voice`; absent if it is the whole message. */
  readonly field: string | undefined;

  /** An error of one message. */
  constructor(code: ClientMessageFault, message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** Longest text of one message, in characters. */
const LONGEST_TEXT = 32_000;
/** A longer frame is long by sound or a picture: in base64 nothing nests and nothing is listed. */
const LONGEST_PLAIN_FRAME = 65_536;
/** Brackets and commas of such a frame; to read a megabyte of them would hold up every call. */
const MOST_PUNCTUATION = 1_000;
const LOWEST_HZ = 8_000;
const HIGHEST_HZ = 96_000;

const words = z.string("expected a text").max(LONGEST_TEXT, "expected 32,000 characters at most")
  .refine((text) => text.trim() !== "", "expected words");
const name = z.string("expected a name").min(1, "expected a name").max(200, "expected a name");
const base64 = z.string("expected base64").min(1, "expected base64");
const mimeType = z.string("expected a media type").max(200, "expected a media type").optional();
const RATE = `expected a whole number from ${LOWEST_HZ} to ${HIGHEST_HZ}`;
const rate = z.int(RATE).min(LOWEST_HZ, RATE).max(HIGHEST_HZ, RATE).optional();

const config = strict({
  model: name.optional(),
  voice: name.optional(),
  agent: name.optional(),
  generation_config: strict({
    temperature: between(0, 2).optional(),
    top_p: between(0, 1).optional(),
    top_k: z.int("expected a whole number").min(1, "expected 1 or more").optional(),
    max_output_tokens: z.int("expected a whole number").min(1, "expected 1 or more").optional(),
    response_modalities: z.array(z.unknown(), "expected a list").optional(),
  }).optional(),
  resume_token: name.optional(),
});

const SHAPES = {
  config: strict({ type: z.literal("config"), data: config.optional() }),
  message: strict({ type: z.literal("message"), data: strict({ text: words }) }),
  text: strict({ type: z.literal("text"), text: words }),
  audio: strict({ type: z.literal("audio"), data: base64, sampleRate: rate, mimeType }),
  image: strict({ type: z.literal("image"), data: base64, mimeType }),
};

/**
 * Reads one text frame.
 *
 * @throws {ClientMessageError} If it is no message, or not one that can be taken
 */
export function parseClientMessage(frame: string): ClientMessage {
  const json = parseJson(frame);
  const type = typeof json === "object" && json !== null && "type" in json ? json.type : undefined;
  switch (type) {
    case "config":
      return { type, config: readConfig(shaped(SHAPES.config, { type, json }).data ?? {}) };
    case "message":
      return { type: "text", text: shaped(SHAPES.message, { type, json }).data.text };
    case "text":
      return { type, text: shaped(SHAPES.text, { type, json }).text };
    case "audio":
      return readAudio(shaped(SHAPES.audio, { type, json }));
    case "image":
      return readImage(shaped(SHAPES.image, { type, json }));
    default:
      throw new ClientMessageError(
        "type-unknown",
        `Cannot take message: "type" is none of ${Object.keys(SHAPES).join(", ")}`,
        "type",
      );
  }
}

function parseJson(frame: string): unknown {
  if (frame.length > LONGEST_PLAIN_FRAME && isTangled(frame)) {
    const why = "it is long, and not by sound or a picture";
    throw new ClientMessageError("message-invalid", `Cannot take message: ${why}`);
  }
  try {
    return JSON.parse(frame);
  } catch {
    throw new ClientMessageError("json-invalid", "Cannot take message: it is not JSON");
  }
}

function shaped<Shape extends { type: string }>(
  schema: z.ZodType<Shape>,
  { type, json }: { type: Shape["type"]; json: unknown },
): Shape {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join(".") ?? "";
  // What a client called its fields is for no log and no terminal.
  const why = issue?.code === "unrecognized_keys"
    ? `${path === "" ? "it" : `"${path}"`} has a field that is not known`
    : `"${path}" is invalid; ${issue?.message}`;
  throw new ClientMessageError("message-invalid", `Cannot take ${type}: ${why}`, path || undefined);
}

function readConfig(given: z.infer<typeof config>): ClientConfig {
  const { generation_config: generation = {}, resume_token: resumeToken } = given;
  const { model, voice, agent } = given;
  const { temperature, top_p: topP, top_k: topK, max_output_tokens: maxOutputTokens } = generation;
  return {
    model,
    voice,
    agent,
    generation: { temperature, topP, topK, maxOutputTokens },
    modalities: readModalities(generation.response_modalities),
    resumeToken,
  };
}

function readModalities(given: readonly unknown[] | undefined): Modality[] | undefined {
  if (!given) return undefined;
  const known = given.filter((modality) => modality === "TEXT" || modality === "AUDIO");
  if (known.length > 0 && known.length === given.length) return [...new Set(known)];
  throw new ClientMessageError(
    "modalities-impossible",
    'Cannot take config: "data.generation_config.response_modalities" is impossible; ' +
      'expected ["AUDIO"], ["TEXT"] or both',
    "data.generation_config.response_modalities",
  );
}

function readAudio(given: z.infer<typeof SHAPES.audio>): ClientMessage {
  const bytes = decode(given.data, "audio");
  const { type, rate } = audioType(given.mimeType);
  const container = containerOf(bytes, type);
  if (container) throw audioFormat(`it is ${container}`, "data");
  if (type !== undefined && type !== "audio/pcm" && type !== "audio/l16") {
    throw audioFormat("its type is another", "mimeType");
  }
  const hz = given.sampleRate ?? rate ?? MODEL_INPUT_HZ;
  if (rate !== undefined && !(rate >= LOWEST_HZ && rate <= HIGHEST_HZ && rate === hz)) {
    throw new ClientMessageError(
      "message-invalid",
      `Cannot take audio: "mimeType" has another rate than "sampleRate", or is invalid; ${RATE}`,
      "mimeType",
    );
  }
  if (bytes.length % 2 === 1) {
    throw new ClientMessageError(
      "message-invalid",
      'Cannot take audio: "data" has half a sample; expected 16-bit samples, two bytes each',
      "data",
    );
  }
  return { type: "audio", pcm: bytesToPcm(bytes), hz };
}

function audioFormat(why: string, field: string): ClientMessageError {
  return new ClientMessageError(
    "audio-format",
    `Cannot take audio: ${why}; expected raw PCM, 16 bits, little-endian, one channel. In a browser ` +
      "capture samples by an AudioWorklet instead of a MediaRecorder",
    field,
  );
}

function isTangled(frame: string): boolean {
  let left = MOST_PUNCTUATION;
  for (let at = 0; at < frame.length && left > 0; at++) {
    const letter = frame[at];
    if (letter === "," || letter === "[" || letter === "{") left--;
  }
  return left === 0;
}

/** The type without its parameters, and the rate among them. */
function audioType(mimeType = ""): { type: string | undefined; rate: number | undefined } {
  const [type = "", ...parameters] = mimeType.toLowerCase().split(";").map((part) => part.trim());
  const given = parameters.find((parameter) => parameter.startsWith("rate="))?.slice(5);
  return { type: type || undefined, rate: given === undefined ? undefined : Number(given) };
}

/** What a recorder or a file wraps sound in, by its type or first bytes. */
function containerOf(bytes: Uint8Array, type = ""): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  if (type.endsWith("/webm") || head.startsWith("\x1aE\xdf\xa3")) return "WebM";
  if (type.endsWith("/ogg") || head.startsWith("OggS")) return "Ogg";
  if (head.startsWith("RIFF") && head.endsWith("WAVE")) return "a WAV file with its header";
  if (type.endsWith("/mp4") || head.slice(4, 8) === "ftyp") return "MP4";
  return undefined;
}

function readImage(given: z.infer<typeof SHAPES.image>): ClientMessage {
  const bytes = decode(given.data, "image");
  const seen = bytes[0] === 0xff && bytes[1] === 0xd8
    ? "image/jpeg"
    : bytes[0] === 0x89 && bytes[1] === 0x50
    ? "image/png"
    : undefined;
  if (seen !== undefined && (given.mimeType ?? seen).toLowerCase() === seen) {
    return { type: "image", data: bytes.toBase64(), mimeType: seen };
  }
  throw new ClientMessageError(
    "image-format",
    'Cannot take image: "data" is not what "mimeType" says; expected image/jpeg or image/png',
    seen === undefined ? "data" : "mimeType",
  );
}

function decode(data: string, what: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(data);
  } catch {
    throw new ClientMessageError(
      "message-invalid",
      `Cannot take ${what}: "data" is invalid; expected base64`,
      "data",
    );
  }
}

function between(low: number, high: number) {
  const expected = `expected a number from ${low} to ${high}`;
  return z.number(expected).min(low, expected).max(high, expected);
}

function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, { error: (issue) => expectedObject(issue.code) });
}

/** Unknown keys have an issue of their own. */
function expectedObject(code: string | undefined): string | undefined {
  return code === "invalid_type" ? "expected an object" : undefined;
}
