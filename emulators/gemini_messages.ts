/**
 * Reads what a client says to Gemini Live, as strictly as Google does: an unknown name or a wrong value closes the socket.
 *
 * @module
 */

import { z } from "zod";
import { bytesToPcm } from "../audio/pcm.ts";
import { invalid, Refusal } from "./gemini_refusal.ts";
import { tool } from "./gemini_functions.ts";
import { type Content, content, type Setup, setup } from "./gemini_setup.ts";

/** A client's answer to a function call. */
export interface FunctionResponse {
  /** Which call it answers. */
  readonly id: string;
  /** The function. */
  readonly name: string;
  /** What came of it, or an `error`. */
  readonly response: Readonly<Record<string, unknown>>;
  /** What the model does with it: `SILENT`, `WHEN_IDLE` or `INTERRUPT`. */
  readonly scheduling?: string | undefined;
  /** More responses of the same call follow. */
  readonly willContinue?: boolean | undefined;
}

/** One message from a client; realtime input is told apart by its one field. */
export type ClientMessage =
  | { type: "setup"; setup: Setup }
  | { type: "client-content"; turns: readonly Content[]; turnComplete: boolean }
  | { type: "audio"; pcm: Int16Array }
  | { type: "video"; mimeType: string; bytes: number }
  | { type: "text"; text: string }
  | { type: "activity-start" }
  | { type: "activity-end" }
  | { type: "audio-stream-end" }
  | { type: "media-chunks" }
  | { type: "tool-response"; responses: readonly FunctionResponse[] }
  | { type: "context-update"; update: Readonly<Record<string, unknown>> };

const blob = z.strictObject({ data: z.string(), mimeType: z.string() });
const nothing = z.strictObject({});

const clientMessage = z.strictObject({
  setup: setup.optional(),
  clientContent: z.strictObject({
    turns: z.array(content).optional(),
    turnComplete: z.boolean().optional(),
  }).optional(),
  realtimeInput: z.strictObject({
    audio: blob.optional(),
    video: blob.optional(),
    text: z.string().optional(),
    activityStart: nothing.optional(),
    activityEnd: nothing.optional(),
    audioStreamEnd: z.boolean().optional(),
    mediaChunks: z.array(blob).optional(),
  }).optional(),
  toolResponse: z.strictObject({
    functionResponses: z.array(z.strictObject({
      id: z.string(),
      name: z.string(),
      response: z.record(z.string(), z.unknown()),
      scheduling: z.enum(["SILENT", "WHEN_IDLE", "INTERRUPT"]).optional(),
      willContinue: z.boolean().optional(),
    })).min(1),
  }).optional(),
  contextUpdate: z.strictObject({
    systemInstruction: content.optional(),
    tools: z.strictObject({ tools: z.array(tool).optional() }).optional(),
  }).optional(),
});

type RealtimeInput = NonNullable<z.infer<typeof clientMessage>["realtimeInput"]>;

/** Under these names stand a client's own objects, whose names are not ours to read. */
const FREE_FORM = new Set([
  ...["parameters", "parametersJsonSchema", "response", "responseJsonSchema"],
  ...["args", "labels", "avatarConfig", "safetySettings"],
]);

/**
 * Reads one frame.
 *
 * @param frame Its payload
 * @param isBinary Whether it was a binary frame, which a client never sends
 * @throws {Refusal} If it is not one well-formed message
 */
export function readClientMessage(frame: string, isBinary: boolean): ClientMessage {
  if (isBinary) throw invalid("clients send text frames");
  const parsed = clientMessage.safeParse(camelCased(parseJson(frame)));
  if (!parsed.success) throw refusalOf(parsed.error);
  const message = parsed.data;
  if (Object.keys(message).length !== 1) throw invalid("a message holds exactly one field");
  if (message.setup) return { type: "setup", setup: message.setup };
  if (message.clientContent) {
    const { turns = [], turnComplete = false } = message.clientContent;
    return { type: "client-content", turns, turnComplete };
  }
  if (message.toolResponse) {
    return { type: "tool-response", responses: message.toolResponse.functionResponses };
  }
  if (message.contextUpdate) return { type: "context-update", update: message.contextUpdate };
  return readRealtimeInput(message.realtimeInput ?? {});
}

function readRealtimeInput(input: RealtimeInput): ClientMessage {
  if (Object.keys(input).length !== 1) throw invalid("realtime input holds exactly one field");
  if (input.audio) return { type: "audio", pcm: readAudio(input.audio) };
  if (input.text !== undefined) return { type: "text", text: input.text };
  if (input.activityStart) return { type: "activity-start" };
  if (input.activityEnd) return { type: "activity-end" };
  if (input.mediaChunks) return { type: "media-chunks" };
  if (input.video) {
    if (!input.video.mimeType.startsWith("image/")) throw invalid("video is not an image");
    const { mimeType, data } = input.video;
    return { type: "video", mimeType, bytes: readBase64(data).length };
  }
  return { type: "audio-stream-end" };
}

/** Google resamples other rates; the emulator hears 16 kHz alone. */
function readAudio({ data, mimeType }: z.infer<typeof blob>): Int16Array {
  if (mimeType !== "audio/pcm;rate=16000") {
    throw invalid('the type of audio is not "audio/pcm;rate=16000"');
  }
  const bytes = readBase64(data);
  if (bytes.length % 2 !== 0) throw invalid("audio has half a sample");
  return bytesToPcm(bytes);
}

function readBase64(data: string): Uint8Array<ArrayBuffer> {
  try {
    if (/\s/.test(data)) throw new SyntaxError("white space");
    return Uint8Array.fromBase64(data, { lastChunkHandling: "strict" });
  } catch (cause) {
    if (cause instanceof SyntaxError) throw invalid("data is not base64");
    throw cause;
  }
}

function parseJson(frame: string): unknown {
  try {
    return JSON.parse(frame);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new Refusal(1007, "Invalid JSON payload received. Unexpected token.");
  }
}

/** Google takes camelCase and snake_case, and holds `null` for absent; a null handle is kept, to be refused. */
function camelCased(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(camelCased);
  if (typeof json !== "object" || json === null) return json;
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(json)) {
    const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (value === null && name !== "handle") continue;
    result[name] = FREE_FORM.has(name) ? value : camelCased(value);
  }
  return result;
}

function refusalOf(error: z.ZodError): Refusal {
  const issue = error.issues[0];
  const path = (issue?.path ?? []).map((step) =>
    typeof step === "number" ? `[${step}]` : "." + String(step).replace(/[A-Z]/g, snakeLetter)
  ).join("").slice(1);
  if (issue?.code !== "unrecognized_keys") return invalid(`${path} is wrong`);
  const place = path === "" ? "" : ` at '${path}'`;
  return new Refusal(
    1007,
    `Invalid JSON payload received. Unknown name "${issue.keys[0]}"${place}: Cannot find field.`,
  );
}

function snakeLetter(letter: string): string {
  return "_" + letter.toLowerCase();
}
