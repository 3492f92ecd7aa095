/**
 * The first message of a connection for a program that has no agent file.
 *
 * @module
 */

import { ActivityHandling, Behavior, type LiveConnectConfig, Modality } from "@google/genai";
import type { GenerationSettings } from "../agents/agent_config.ts";
import { modelFamily } from "../agents/model_family.ts";
import type { Content } from "./live_content.ts";
import { generationFields, turnCoverage } from "./live_generation.ts";
import type { LiveBegin, LiveSetup } from "./live_setup.ts";

/** A function that the model may ask for. */
export interface FunctionDeclaration {
  /** Name to ask for. */
  readonly name: string;
  /** What it does, and when to use it. */
  readonly description: string;
  /** What it takes: a schema of OBJECT, STRING, NUMBER, INTEGER, BOOLEAN and ARRAY. */
  readonly parameters: object;
  /** Whether the model waits for it, where it has a choice; `false` unless given. */
  readonly isBlocking?: boolean;
}

/** What a program may say of its conversation; each field has a default. */
export interface SessionConfig {
  /** The task of the model. */
  readonly systemInstruction?: string | Content | undefined;
  /** One of the two; sound unless given. With `TEXT` the model speaks all the same, and its words alone are told. */
  readonly responseModalities?: readonly ("AUDIO" | "TEXT")[] | undefined;
  /** A prebuilt voice, such as `Kore`; short for `speechConfig`. */
  readonly voice?: string | undefined;
  /** The voice in the SDK's form, and the language where the model takes one. */
  readonly speechConfig?: {
    readonly languageCode?: string;
    readonly voiceConfig?: { readonly prebuiltVoiceConfig?: { readonly voiceName?: string } };
  } | undefined;
  /** How answers are made; what the model does not take is left out. */
  readonly generationConfig?: GenerationSettings | undefined;
  /** Who finds the turns in the sound: the service, or the program by `startActivity()` and `endActivity()`. */
  readonly activityDetection?: "automatic" | "manual" | undefined;
  /** Whether the model may look things up on the web; `grounding` then says where. */
  readonly search?: boolean | undefined;
  /** Functions that the program answers itself. */
  readonly functionDeclarations?: readonly FunctionDeclaration[] | undefined;
}

/** The context is cut as in calls; see `live_setup.ts`. */
const CONTEXT_WINDOW = { triggerTokens: "8000", slidingWindow: { targetTokens: "4000" } };

/**
 * Makes the setup.
 *
 * @param begin `model`; how the connection begins
 */
export function programSetup(
  config: SessionConfig,
  begin: LiveBegin & { readonly model: string },
): LiveSetup {
  const { generationConfig = {}, voice, speechConfig } = config;
  const detectsItself = config.activityDetection === "manual";
  const voiceName = voice ?? speechConfig?.voiceConfig?.prebuiltVoiceConfig?.voiceName;
  const languageCode = speechConfig?.languageCode;
  return {
    model: begin.model,
    config: {
      ...generationFields(generationConfig, begin.model),
      // Every model that there is speaks and does nothing else.
      responseModalities: [Modality.AUDIO],
      speechConfig: {
        ...(voiceName ? { voiceConfig: { prebuiltVoiceConfig: { voiceName } } } : {}),
        ...(languageCode ? { languageCode } : {}),
      },
      systemInstruction: instructions(config.systemInstruction, begin.recap),
      ...toolsOf(config, begin.model),
      sessionResumption: begin.handle ? { handle: begin.handle } : {},
      inputAudioTranscription: {},
      outputAudioTranscription: {},
      realtimeInputConfig: {
        automaticActivityDetection: { disabled: detectsItself },
        activityHandling: ActivityHandling.START_OF_ACTIVITY_INTERRUPTS,
        turnCoverage: turnCoverage(generationConfig),
      },
      contextWindowCompression: CONTEXT_WINDOW,
    },
  };
}

function instructions(given: string | Content = "", recap = ""): string {
  const text = typeof given === "string"
    ? given
    : given.parts.map((part) => "text" in part ? part.text : "").join("");
  return [text, recap].filter(Boolean).join("\n\n");
}

function toolsOf(
  { functionDeclarations: declarations = [], search }: SessionConfig,
  model: string,
): LiveConnectConfig {
  const canChoose = modelFamily(model).tools === "either";
  const functionDeclarations = declarations.map(({ isBlocking, parameters, ...declaration }) => ({
    ...declaration,
    ...(isEmpty(parameters) ? {} : { parameters }),
    // A model that has no choice refuses to be told.
    ...(canChoose ? { behavior: isBlocking ? Behavior.BLOCKING : Behavior.NON_BLOCKING } : {}),
  }));
  const tools = [
    ...(functionDeclarations.length > 0 ? [{ functionDeclarations }] : []),
    ...(search ? [{ googleSearch: {} }] : []),
  ];
  return tools.length > 0 ? { tools } : {};
}

/** An object without fields is refused: a function that takes nothing says nothing. */
function isEmpty(parameters: object): boolean {
  return !("properties" in parameters) || Object.keys(parameters.properties ?? {}).length === 0;
}
