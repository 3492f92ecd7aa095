/**
 * Reads what the model says: one server message of Gemini Live becomes facts of the call.
 *
 * @module
 */

import type { FunctionCall, ModelEvent, TokenKinds, Usage } from "../call/model.ts";
import { isRecord, unknownFields } from "./live_shape.ts";

/** What was wrong with a part of a message; the part is left out, except for the odd byte, which alone is. */
export type MessageFault =
  | "message-not-an-object"
  | "part-not-audio"
  | "audio-wrong-rate"
  | "audio-bad-base64"
  | "audio-odd-length"
  | "call-without-name-or-id"
  | "time-left-unreadable";

/** A fact from one connection. */
export type ConnectionEvent =
  | ModelEvent
  /** The connection will be closed. */
  | { type: "model-going-away"; timeLeftMs: number };

/** What stood in one server message. */
export interface ServerMessage {
  /** Whether the service took the setup; the first message of a connection says so. */
  readonly setupComplete: boolean;
  /** Facts, in the order in which the call must learn them. */
  readonly events: ConnectionEvent[];
  /** What was wrong and left out. */
  readonly faults: MessageFault[];
  /** Fields that this version does not know, as {@linkcode unknownFields} names them. */
  readonly unknown: string[];
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads one server message. Every part of every field is read, whatever stands beside it, and the facts come out in
 * one fixed order: what ends the old answer, then what belongs to the new one, then what ends that, then housekeeping.
 *
 * @param message What the JSON of a frame held, of any type; never throws
 */
export function readServerMessage(message: unknown): ServerMessage {
  const faults: MessageFault[] = isRecord(message) ? [] : ["message-not-an-object"];
  const fields = record(message);
  const content = record(fields.serverContent);
  const parts = list(record(content.modelTurn).parts).map(record).filter((part) => !part.thought);
  const events: ConnectionEvent[] = [
    ...(content.interrupted === true ? [{ type: "generation-interrupted" } as const] : []),
    ...callerActivity(record(fields.voiceActivity)),
    ...functionCalls(record(fields.toolCall), faults),
    ...cancellations(record(fields.toolCallCancellation)),
    ...parts.flatMap((part) => audio(record(part.inlineData), faults)),
    ...words("agent-text-received", parts),
    ...words("caller-words-received", [record(content.inputTranscription)]),
    ...words("agent-words-received", [record(content.outputTranscription)]),
    ...endings(content),
    ...goAway(fields.goAway, faults),
    ...resumption(fields.sessionResumptionUpdate),
    ...usage(record(fields.usageMetadata)),
    ...grounding(record(content.groundingMetadata)),
  ];
  const setupComplete = isRecord(fields.setupComplete);
  return { setupComplete, events, faults, unknown: unknownFields(message) };
}

function functionCalls(toolCall: Fields, faults: MessageFault[]): ModelEvent[] {
  const calls: FunctionCall[] = [];
  for (const { id, name, args } of list(toolCall.functionCalls).map(record)) {
    // A call without an id cannot be answered.
    if (isText(id) && isText(name)) calls.push({ id, name, args: record(args) });
    else faults.push("call-without-name-or-id");
  }
  return calls.length === 0 ? [] : [{ type: "functions-called", calls }];
}

function cancellations(cancellation: Fields): ModelEvent[] {
  const ids = list(cancellation.ids).filter(isText);
  return ids.length === 0 ? [] : [{ type: "functions-cancelled", ids }];
}

function audio({ mimeType, data }: Fields, faults: MessageFault[]): ModelEvent[] {
  if (!isText(data)) return [];
  // JSON may hold an object here that cannot even be made a string.
  const mime = isText(mimeType) ? mimeType.toLowerCase() : "";
  const [type, ...parameters] = mime.split(";").map((s) => s.trim());
  if (type !== "audio/pcm") {
    faults.push("part-not-audio");
    return [];
  }
  // Vertex AI names no rate and means the same.
  const rate = parameters.find((parameter) => parameter.startsWith("rate="));
  if (rate !== undefined && rate !== "rate=24000") {
    faults.push("audio-wrong-rate");
    return [];
  }
  const pcm = decodePcm(data, faults);
  return pcm.length === 0 ? [] : [{ type: "agent-audio-received", pcm }];
}

/** PCM on the wire is little-endian, as is every machine that runs this. */
function decodePcm(base64: string, faults: MessageFault[]): Int16Array {
  try {
    const bytes = Uint8Array.fromBase64(base64);
    if (bytes.length % 2 === 1) faults.push("audio-odd-length");
    return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
  } catch {
    faults.push("audio-bad-base64");
    return new Int16Array();
  }
}

/** The pieces join to whole text as they are, so spaces at their ends are kept. */
function words(
  type: "agent-text-received" | "caller-words-received" | "agent-words-received",
  pieces: readonly Fields[],
): ModelEvent[] {
  return pieces.map(({ text }) => text).filter(isText).map((text) => ({ type, text }));
}

/** The Gemini API says `type`; the SDK's types, and Vertex AI, say `voiceActivityType`. */
function callerActivity(activity: Fields): ModelEvent[] {
  switch (activity.type ?? activity.voiceActivityType) {
    case "ACTIVITY_START":
      return [{ type: "caller-activity-started" }];
    case "ACTIVITY_END":
      return [{ type: "caller-activity-ended" }];
    default:
      return [];
  }
}

function endings(content: Fields): ModelEvent[] {
  const events: ModelEvent[] = [];
  if (content.generationComplete === true) events.push({ type: "generation-completed" });
  if (content.turnComplete === true) {
    const reason = content.turnCompleteReason;
    events.push({ type: "model-turn-completed", reason: isText(reason) ? reason : undefined });
  }
  return events;
}

/** A time left that is missing or cannot be read counts as none. */
function goAway(value: unknown, faults: MessageFault[]): ConnectionEvent[] {
  if (!isRecord(value)) return [];
  const { timeLeft } = value;
  const seconds = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(isText(timeLeft) ? timeLeft : "")?.[1];
  if (seconds === undefined && timeLeft !== undefined) faults.push("time-left-unreadable");
  return [{ type: "model-going-away", timeLeftMs: Math.round(Number(seconds ?? 0) * 1000) }];
}

function resumption(update: unknown): ModelEvent[] {
  if (!isRecord(update)) return [];
  const { newHandle, resumable } = update;
  const handle = resumable === true && isText(newHandle) ? newHandle : undefined;
  return [{ type: "resumption-updated", handle }];
}

/** Vertex AI says `candidates` where the Gemini API says `response`. */
function usage(counts: Fields): ModelEvent[] {
  const tokens = {
    promptTokens: count(counts.promptTokenCount),
    responseTokens: count(counts.responseTokenCount ?? counts.candidatesTokenCount),
    totalTokens: count(counts.totalTokenCount),
  };
  if (Object.values(tokens).every((number) => number === 0)) return [];
  const promptKinds = tokenKinds(counts.promptTokensDetails);
  const responseKinds = tokenKinds(counts.responseTokensDetails ?? counts.candidatesTokensDetails);
  const thoughtTokens = count(counts.thoughtsTokenCount);
  const toolTokens = count(counts.toolUsePromptTokenCount);
  const usage: Usage = {
    ...tokens,
    ...(promptKinds ? { promptKinds } : {}),
    ...(responseKinds ? { responseKinds } : {}),
    ...(thoughtTokens > 0 ? { thoughtTokens } : {}),
    ...(toolTokens > 0 ? { toolTokens } : {}),
  };
  return [{ type: "usage-reported", usage }];
}

function tokenKinds(details: unknown): TokenKinds | undefined {
  const entries = list(details).map(record);
  if (entries.length === 0) return undefined;
  const sumOf = (isAudio: boolean) =>
    entries.filter(({ modality }) => (modality === "AUDIO") === isAudio)
      .reduce((sum, { tokenCount }) => sum + count(tokenCount), 0);
  return { audio: sumOf(true), text: sumOf(false) };
}

/** Vertex AI sends an empty object with every turn. */
function grounding(grounding: Fields): ModelEvent[] {
  return Object.keys(grounding).length === 0 ? [] : [{ type: "grounding-reported", grounding }];
}

function record(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
