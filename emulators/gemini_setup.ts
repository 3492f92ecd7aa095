/**
 * The setup message of Gemini Live: what it may hold, and what a model refuses of it.
 *
 * @module
 */

import { z } from "zod";
import { checkFunctions, type Family, type Tool, tool } from "./gemini_functions.ts";
import { invalid, Refusal } from "./gemini_refusal.ts";

/** Words with who said them. */
export interface Content {
  /** `user` or `model`. */
  readonly role?: string | undefined;
  /** Pieces of text, and of other things. */
  readonly parts?: readonly { readonly text?: string | undefined }[] | undefined;
}

/** What a client wants of the session, as it said it, with names in camelCase. */
export interface Setup {
  /** Begins with `models/`. */
  readonly model: string;
  /** How answers are made. */
  readonly generationConfig?: {
    readonly responseModalities?: readonly string[] | undefined;
    readonly temperature?: number | undefined;
    readonly topP?: number | undefined;
    readonly topK?: number | undefined;
    readonly maxOutputTokens?: number | undefined;
    readonly enableAffectiveDialog?: boolean | undefined;
    readonly speechConfig?: {
      readonly languageCode?: string | undefined;
      readonly voiceConfig?: {
        readonly prebuiltVoiceConfig?: { readonly voiceName?: string | undefined } | undefined;
      } | undefined;
    } | undefined;
    readonly thinkingConfig?: {
      readonly thinkingBudget?: number | undefined;
      readonly thinkingLevel?: string | undefined;
    } | undefined;
  } | undefined;
  /** The task of the model. */
  readonly systemInstruction?: Content | undefined;
  /** What it may use. */
  readonly tools?: readonly Tool[] | undefined;
  /** A `null` here is kept, for it is refused. */
  readonly sessionResumption?: { readonly handle?: string | null | undefined } | undefined;
  /** Present if the caller's words are wanted. */
  readonly inputAudioTranscription?: Readonly<Record<string, unknown>> | undefined;
  /** Present if the answer's words are wanted; they come anyway. */
  readonly outputAudioTranscription?: Readonly<Record<string, unknown>> | undefined;
  /** How turns are taken. */
  readonly realtimeInputConfig?: {
    readonly automaticActivityDetection?: {
      readonly disabled?: boolean | undefined;
      readonly startOfSpeechSensitivity?: string | undefined;
      readonly endOfSpeechSensitivity?: string | undefined;
      readonly prefixPaddingMs?: number | undefined;
      readonly silenceDurationMs?: number | undefined;
    } | undefined;
    readonly activityHandling?: string | undefined;
    readonly turnCoverage?: string | undefined;
  } | undefined;
  /** When the context is cut, and to what. */
  readonly contextWindowCompression?: {
    readonly triggerTokens?: string | number | undefined;
    readonly slidingWindow?: { readonly targetTokens?: string | number | undefined } | undefined;
  } | undefined;
  /** Whether the model may stay silent. */
  readonly proactivity?: { readonly proactiveAudio?: boolean | undefined } | undefined;
  /** What is withheld. */
  readonly safetySettings?:
    | readonly { readonly category: string; readonly threshold: string }[]
    | undefined;
  /** Whether the first client content is history. */
  readonly historyConfig?:
    | { readonly initialHistoryInClientContent?: boolean | undefined }
    | undefined;
}

const anything = z.unknown().optional();
const text = z.string().optional();
const flag = z.boolean().optional();
const number = z.number().optional();
const count = z.int().nonnegative().optional();
/** An int64 is written as a string; protobuf's JSON takes a number too. */
const int64 = z.union([z.string().regex(/^\d+$/), z.int().nonnegative()]).optional();

/** `Content`, checked. */
export const content: z.ZodType<Content> = z.strictObject({
  role: text,
  parts: z.array(z.strictObject({
    text,
    inlineData: anything,
    functionCall: anything,
    functionResponse: anything,
    thought: flag,
  })).optional(),
});

const sensitivity = (edge: "START" | "END") =>
  z.enum([`${edge}_SENSITIVITY_HIGH`, `${edge}_SENSITIVITY_LOW`]).optional();

const transcription = z.strictObject({
  languageCode: text,
  languageCodes: z.array(z.string()).optional(),
  customVocabulary: anything,
  wordTimestamp: anything,
  diarization: anything,
  mode: z.enum(["VERBATIM", "SMART"]).optional(),
  sourceText: anything,
}).optional();

const generationConfig = z.strictObject({
  responseModalities: z.array(z.enum(["AUDIO", "TEXT"])).optional(),
  temperature: number,
  topP: number,
  topK: number,
  candidateCount: count,
  maxOutputTokens: count,
  seed: z.int().optional(),
  presencePenalty: number,
  frequencyPenalty: number,
  mediaResolution: text,
  enableAffectiveDialog: flag,
  speechConfig: z.strictObject({
    languageCode: text,
    voiceConfig: z.strictObject({
      prebuiltVoiceConfig: z.strictObject({ voiceName: text }).optional(),
    }).optional(),
  }).optional(),
  thinkingConfig: z.strictObject({
    thinkingBudget: z.int().optional(),
    thinkingLevel: z.enum(["MINIMAL", "LOW", "MEDIUM", "HIGH"]).optional(),
    includeThoughts: flag,
  }).optional(),
  translationConfig: z.strictObject({ targetLanguageCode: text, echoTargetLanguage: flag })
    .optional(),
}).optional();

const harm = (kind: string) => z.literal(`HARM_CATEGORY_${kind}`);

const safetySettings = z.array(z.strictObject({
  category: z.union(
    ["HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT"].map(harm),
  ),
  threshold: z.enum([
    ...["OFF", "BLOCK_NONE", "BLOCK_ONLY_HIGH"] as const,
    ...["BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE"] as const,
  ]),
})).optional();

/** A setup with no name in it that Google does not know. */
export const setup: z.ZodType<Setup> = z.strictObject({
  model: z.string(),
  generationConfig,
  systemInstruction: content.optional(),
  tools: z.array(tool).optional(),
  sessionResumption: z.strictObject({ handle: z.string().nullish() }).optional(),
  inputAudioTranscription: transcription,
  outputAudioTranscription: transcription,
  realtimeInputConfig: z.strictObject({
    automaticActivityDetection: z.strictObject({
      disabled: flag,
      startOfSpeechSensitivity: sensitivity("START"),
      endOfSpeechSensitivity: sensitivity("END"),
      prefixPaddingMs: count,
      silenceDurationMs: count,
    }).optional(),
    activityHandling: z.enum(["START_OF_ACTIVITY_INTERRUPTS", "NO_INTERRUPTION"]).optional(),
    turnCoverage: z.enum([
      "TURN_INCLUDES_ONLY_ACTIVITY",
      "TURN_INCLUDES_ALL_INPUT",
      "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO",
    ]).optional(),
    interimTranscriptTimestampEnabled: flag,
  }).optional(),
  contextWindowCompression: z.strictObject({
    triggerTokens: int64,
    slidingWindow: z.strictObject({ targetTokens: int64 }).optional(),
  }).optional(),
  proactivity: z.strictObject({ proactiveAudio: flag, proactiveVideo: flag }).optional(),
  historyConfig: z.strictObject({ initialHistoryInClientContent: flag }).optional(),
  avatarConfig: anything,
  safetySettings,
  labels: anything,
});

/** Every model that speaks; one that is not here does not exist. */
const MODELS: ReadonlyMap<string, Family> = new Map([
  ["models/gemini-3.8-live", "3.8"],
  ["models/gemini-3.8-live-extended-thinking", "3.8-ET"],
  ["models/gemini-3.1-flash-live-preview", "3.1"],
  ["models/gemini-2.5-flash-native-audio-latest", "2.5"],
  ["models/gemini-2.5-flash-native-audio-preview-12-2025", "2.5"],
  ["models/gemini-2.5-flash-native-audio-preview-09-2025", "2.5"],
]);

/** The prebuilt voices; case counts. */
const VOICES: ReadonlySet<string> = new Set(
  ("Zephyr Puck Charon Kore Fenrir Leda Orus Aoede Callirrhoe Autonoe Enceladus Iapetus Umbriel " +
    "Algieba Despina Erinome Algenib Rasalgethi Laomedeia Achernar Alnilam Schedar Gacrux " +
    "Pulcherrima Achird Zubenelgenubi Vindemiatrix Sadachbia Sadaltager Sulafat").split(" "),
);

/**
 * Judges a well-formed setup by the rules of its model.
 *
 * @param wanted The setup
 * @param version API version of the path, for Google's text
 * @returns The model's family
 * @throws {Refusal} If that model cannot do it
 */
export function checkSetup(wanted: Setup, version: string): Family {
  const family = MODELS.get(wanted.model);
  if (!family) {
    const why = `is not found for API version ${version}, or is not supported for`;
    throw new Refusal(1008, `${wanted.model} ${why} bidiGenerateContent.`);
  }
  const { responseModalities = [], speechConfig, thinkingConfig, enableAffectiveDialog } =
    wanted.generationConfig ?? {};
  if (responseModalities.length !== 1 || responseModalities[0] !== "AUDIO") {
    const asked = responseModalities.join(", ");
    throw new Refusal(
      1007,
      `The requested combination of response modalities (${asked}) is not supported`,
    );
  }
  const voice = speechConfig?.voiceConfig?.prebuiltVoiceConfig?.voiceName;
  if (voice !== undefined && !VOICES.has(voice)) throw invalid("there is no such voice");
  if (speechConfig?.languageCode && family === "2.5") {
    throw new Refusal(1007, `Unsupported language code '${speechConfig.languageCode}'`);
  }
  checkThinking(thinkingConfig ?? {}, family);
  checkFunctions(wanted, family);
  if (family.startsWith("3.8")) {
    if (wanted.proactivity?.proactiveAudio === false) {
      throw invalid("proactive audio cannot be switched off");
    }
    if (enableAffectiveDialog !== undefined) throw invalid("affective dialog is built in");
  } else if (wanted.proactivity && version !== "v1alpha") {
    throw invalid("proactive audio is not known here");
  }
  return family;
}

/** 2.5 is told a number, extended thinking and 3.1 a word, and 3.8 nothing. */
function checkThinking(
  { thinkingBudget, thinkingLevel }: { thinkingBudget?: unknown; thinkingLevel?: unknown },
  family: Family,
): void {
  const takesLevel = family === "3.1" || family === "3.8-ET" && thinkingLevel !== "MINIMAL";
  if (thinkingLevel !== undefined && !takesLevel) {
    throw new Refusal(1007, "Thinking level is not supported for this model");
  }
  if (thinkingBudget !== undefined && family !== "2.5") {
    throw invalid("a thinking budget is not supported for this model");
  }
}
