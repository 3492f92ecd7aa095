/**
 * What the model is told when a connection opens.
 *
 * @module
 */

import {
  ActivityHandling,
  type AutomaticActivityDetection,
  EndSensitivity,
  type LiveConnectConfig,
  Modality,
  type RealtimeInputConfig,
  StartSensitivity,
} from "@google/genai";
import type { AgentConfig } from "../agents/agent_config.ts";
import type { ToolDeclaration } from "../tools/tool_declaration.ts";
import { generationFields, turnCoverage } from "./live_generation.ts";
import { toolFields } from "./live_tools.ts";

/** The first message of a connection, as the SDK takes it. */
export interface LiveSetup {
  /** Model id, with or without `models/`. */
  readonly model: string;
  /**
   * Everything else.
   *
   * @internal
   */
  readonly config: LiveConnectConfig;
}

/** How a connection begins. */
export interface LiveBegin {
  /** Conversation to go on with; absent: a new one. */
  readonly handle?: string | undefined;
  /** What was said so far, for a new one that goes on with an old one. */
  readonly recap?: string | undefined;
}

/**
 * When the context has grown to `triggerTokens` it is cut to `targetTokens`; the instructions stay. Every turn pays
 * for the whole context again, so small numbers keep a long call cheap: 4,000 tokens are more than two minutes of
 * speech. They also lift the limit of 15 minutes that a session without compression has.
 */
const CONTEXT_WINDOW = { triggerTokens: "8000", targetTokens: "4000" } as const;

/**
 * Makes the setup of a connection from an agent.
 *
 * Turns are ours: the service's own activity detection is off, and only audio between `activityStart` and
 * `activityEnd` counts. For an agent with automatic detection it is on, and all audio counts. There is no
 * `enableAffectiveDialog`, because `gemini-3.8-live` refuses to have it set.
 *
 * @param call `instructions` with its variables filled in; `model` that the call uses; `tools` that it may ask for; how
 * the connection begins
 */
export function liveSetup(
  agent: AgentConfig,
  call: LiveBegin & {
    instructions: string;
    model: string;
    tools?: readonly ToolDeclaration[] | undefined;
  },
): LiveSetup {
  const language = takesLanguage(call.model) ? agent.language : undefined;
  return {
    model: call.model,
    config: {
      responseModalities: [Modality.AUDIO],
      ...generationFields(agent.generation, call.model),
      ...toolFields(call.tools ?? [], call.model, agent),
      speechConfig: {
        voiceConfig: { prebuiltVoiceConfig: { voiceName: agent.voice } },
        ...(language === undefined ? {} : { languageCode: language }),
      },
      systemInstruction: call.recap ? `${call.instructions}\n\n${call.recap}` : call.instructions,
      // A handle that is null or empty is refused.
      sessionResumption: call.handle ? { handle: call.handle } : {},
      inputAudioTranscription: {},
      outputAudioTranscription: {},
      realtimeInputConfig: realtimeInput(agent),
      contextWindowCompression: {
        triggerTokens: CONTEXT_WINDOW.triggerTokens,
        slidingWindow: { targetTokens: CONTEXT_WINDOW.targetTokens },
      },
    },
  };
}

type AutomaticDetection = NonNullable<AgentConfig["turns"]["automatic"]>;
type Sensitivity = AutomaticDetection["startSensitivity"];

/** Where the service finds the turns, an agent that is never stopped must say so here: the service hears all. */
function realtimeInput({ turns, bargeIn, generation }: AgentConfig): RealtimeInputConfig {
  const isNeverStopped = turns.automatic !== undefined && bargeIn.mode === "never";
  return {
    automaticActivityDetection: turns.automatic
      ? automaticDetection(turns.automatic)
      : { disabled: true },
    activityHandling: isNeverStopped
      ? ActivityHandling.NO_INTERRUPTION
      : ActivityHandling.START_OF_ACTIVITY_INTERRUPTS,
    turnCoverage: turnCoverage(generation),
  };
}

/** The service has no name for medium: what is not said is that. */
function automaticDetection(settings: AutomaticDetection): AutomaticActivityDetection {
  const { startSensitivity, endSensitivity, prefixPaddingMs, silenceDurationMs } = settings;
  const start = START_SENSITIVITIES[startSensitivity];
  const end = END_SENSITIVITIES[endSensitivity];
  return {
    disabled: false,
    ...(start === undefined ? {} : { startOfSpeechSensitivity: start }),
    ...(end === undefined ? {} : { endOfSpeechSensitivity: end }),
    prefixPaddingMs,
    silenceDurationMs,
  };
}

const START_SENSITIVITIES: Record<Sensitivity, StartSensitivity | undefined> = {
  high: StartSensitivity.START_SENSITIVITY_HIGH,
  medium: undefined,
  low: StartSensitivity.START_SENSITIVITY_LOW,
};

const END_SENSITIVITIES: Record<Sensitivity, EndSensitivity | undefined> = {
  high: EndSensitivity.END_SENSITIVITY_HIGH,
  medium: undefined,
  low: EndSensitivity.END_SENSITIVITY_LOW,
};

/** Models of generation 2 close the connection when a language is named; of an id without a number we cannot tell. */
function takesLanguage(model: string): boolean {
  const generation = /(?:^|\/)gemini-(?:live-)?(\d+)[.-]/.exec(model)?.[1];
  return Number(generation ?? 0) >= 3;
}
