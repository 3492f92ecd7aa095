/**
 * Which fields a server message of Gemini Live is known to have, so that new ones are noticed.
 *
 * @module
 */

/** What a field holds; `any` is not looked into, an object lists its known fields, an array has one sort of item. */
type Shape =
  | "any"
  | "boolean"
  | "number"
  | "string"
  | "object"
  | readonly [Shape]
  | { readonly [field: string]: Shape };

const TRANSCRIPTION: Shape = {
  text: "string",
  finished: "any",
  languageCode: "any",
  speakerLabel: "any",
  words: "any",
  startOffset: "any",
  endOffset: "any",
};

/** Every field of the published protocol; `any` stands for those that we have no use for. */
const SERVER_MESSAGE: Shape = {
  setupComplete: "object",
  serverContent: {
    modelTurn: {
      role: "any",
      parts: [{
        text: "string",
        thought: "boolean",
        thoughtSignature: "any",
        inlineData: { mimeType: "string", data: "string" },
      }],
    },
    inputTranscription: TRANSCRIPTION,
    interimInputTranscription: "any",
    outputTranscription: TRANSCRIPTION,
    generationComplete: "boolean",
    interrupted: "boolean",
    turnComplete: "boolean",
    turnCompleteReason: "string",
    waitingForInput: "any",
    interactionStatus: "any",
    groundingMetadata: "object",
    urlContextMetadata: "any",
  },
  toolCall: { functionCalls: [{ id: "string", name: "string", args: "object" }] },
  toolCallCancellation: { ids: ["string"] },
  goAway: { timeLeft: "string" },
  sessionResumptionUpdate: {
    newHandle: "string",
    resumable: "boolean",
    lastConsumedClientMessageIndex: "any",
  },
  voiceActivity: "any",
  voiceActivityDetectionSignal: "any",
  usageMetadata: {
    promptTokenCount: "number",
    responseTokenCount: "number",
    candidatesTokenCount: "number",
    totalTokenCount: "number",
    cachedContentTokenCount: "any",
    toolUsePromptTokenCount: "any",
    thoughtsTokenCount: "any",
    promptTokensDetails: "any",
    cacheTokensDetails: "any",
    responseTokensDetails: "any",
    candidatesTokensDetails: "any",
    toolUsePromptTokensDetails: "any",
    trafficType: "any",
    serviceTier: "any",
  },
};

/** A message with more new fields than this is rubbish, and the first ones say enough. */
const MOST_UNKNOWN = 16;

/** Longest part of an unknown name that is kept: names come from the wire too. */
const NAME_CHARACTERS = 40;

/**
 * Lists what a server message has that the protocol does not know.
 *
 * @returns Paths such as `serverContent.newField`, or `goAway.timeLeft=number` where a known field holds another type;
 * never a value; each path once, at most 16
 */
export function unknownFields(message: unknown): string[] {
  const found = new Set<string>();
  compare(message, SERVER_MESSAGE, { path: "", found });
  return [...found];
}

/** Whether a value is an object with named fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function compare(value: unknown, shape: Shape, at: { path: string; found: Set<string> }): void {
  const { path, found } = at;
  if (value === undefined || value === null || shape === "any") return;
  if (found.size >= MOST_UNKNOWN) return;
  if (typeof shape === "string") {
    if (kindOf(value) !== shape) found.add(`${path}=${kindOf(value)}`);
  } else if (isItems(shape)) {
    if (!Array.isArray(value)) found.add(`${path}=${kindOf(value)}`);
    else for (const item of value) compare(item, shape[0], { path: `${path}[]`, found });
  } else if (!isRecord(value)) {
    found.add(`${path}=${kindOf(value)}`);
  } else {
    for (const name of Object.keys(value)) {
      const field = path === "" ? name : `${path}.${name}`;
      const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (known !== undefined) compare(value[name], known, { path: field, found });
      else if (found.size < MOST_UNKNOWN) found.add(field.slice(0, path.length + NAME_CHARACTERS));
    }
  }
}

function isItems(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}
