/**
 * What an agent is: the settings of one file in `agents/`.
 *
 * @module
 */

import type { TurnSettings } from "../turns/turn_settings.ts";

/** How the model makes its answers; what is absent is left to the model. */
export interface GenerationSettings {
  /** 0 to 2. */
  readonly temperature?: number | undefined;
  /** 0 to 1. */
  readonly topP?: number | undefined;
  /** At least 1. */
  readonly topK?: number | undefined;
  /** Longest answer, in tokens. */
  readonly maxOutputTokens?: number | undefined;
}

/** How long things may take. */
export interface CallLimits {
  /** Longest call; the smaller of this and the server's own limit counts. */
  readonly maxCallSeconds: number;
}

/** One agent, checked. */
export interface AgentConfig {
  /** What it is called in files, logs and tokens. */
  readonly name: string;
  /** What the model is told about its task; `{{caller}}`, `{{called}}` and `{{time}}` are filled in per call. */
  readonly instructions: string;
  /** What the agent says first, spoken by the model when it answers; the same variables. */
  readonly greeting: string;
  /** A prebuilt voice of the model. */
  readonly voice: string;
  /** BCP-47 code of the language it begins with; absent: the model hears for itself. */
  readonly language?: string | undefined;
  /** Model id; absent: the server's. */
  readonly model?: string | undefined;
  /** How answers are made. */
  readonly generation: GenerationSettings;
  /** The numbers by which turns are taken. */
  readonly turns: TurnSettings;
  /** How long things may take. */
  readonly limits: CallLimits;
}
