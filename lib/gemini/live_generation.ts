/**
 * How a model is told to make its answers.
 *
 * @module
 */

import {
  HarmBlockThreshold,
  HarmCategory,
  type LiveConnectConfig,
  type SafetySetting,
  type ThinkingConfig,
  ThinkingLevel,
  TurnCoverage,
} from "@google/genai";
import type {
  GenerationSettings,
  SafetyCategory,
  SafetyThreshold,
  ThinkingSettings,
} from "../agents/agent_config.ts";
import { modelFamily } from "../agents/model_family.ts";

const CATEGORIES: Record<SafetyCategory, HarmCategory> = {
  harassment: HarmCategory.HARM_CATEGORY_HARASSMENT,
  "hate-speech": HarmCategory.HARM_CATEGORY_HATE_SPEECH,
  "sexually-explicit": HarmCategory.HARM_CATEGORY_SEXUALLY_EXPLICIT,
  "dangerous-content": HarmCategory.HARM_CATEGORY_DANGEROUS_CONTENT,
};

const THRESHOLDS: Record<SafetyThreshold, HarmBlockThreshold> = {
  off: HarmBlockThreshold.OFF,
  none: HarmBlockThreshold.BLOCK_NONE,
  "only-high": HarmBlockThreshold.BLOCK_ONLY_HIGH,
  "medium-and-above": HarmBlockThreshold.BLOCK_MEDIUM_AND_ABOVE,
  "low-and-above": HarmBlockThreshold.BLOCK_LOW_AND_ABOVE,
};

const COVERAGES: Record<NonNullable<GenerationSettings["turnCoverage"]>, TurnCoverage> = {
  "only-activity": TurnCoverage.TURN_INCLUDES_ONLY_ACTIVITY,
  "all-input": TurnCoverage.TURN_INCLUDES_ALL_INPUT,
  "activity-and-all-video": TurnCoverage.TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO,
};

const LEVELS: Record<NonNullable<ThinkingSettings["level"]>, ThinkingLevel> = {
  minimal: ThinkingLevel.MINIMAL,
  low: ThinkingLevel.LOW,
  medium: ThinkingLevel.MEDIUM,
  high: ThinkingLevel.HIGH,
};

/**
 * Only what is set, and what models of that family take: the rest is left to the model.
 *
 * @internal
 */
export function generationFields(settings: GenerationSettings, model: string): LiveConnectConfig {
  const { temperature, topP, topK, maxOutputTokens, thinking, safety, proactive } = settings;
  const family = modelFamily(model);
  const takesThinking = thinking !== undefined &&
    family.thinking === (thinking.budget === undefined ? "level" : "budget");
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(takesThinking ? { thinkingConfig: thinkingConfig(thinking) } : {}),
    ...(safety === undefined ? {} : { safetySettings: safetySettings(safety) }),
    ...(proactive === undefined || family.proactivity === "none"
      ? {}
      : { proactivity: { proactiveAudio: proactive } }),
  };
}

/**
 * What belongs to a turn. It is always said: its default differs between models.
 *
 * @internal
 */
export function turnCoverage(
  { turnCoverage: coverage = "only-activity" }: GenerationSettings,
): TurnCoverage {
  return COVERAGES[coverage];
}

function thinkingConfig({ budget, level }: ThinkingSettings): ThinkingConfig {
  return {
    ...(budget === undefined ? {} : { thinkingBudget: budget }),
    ...(level === undefined ? {} : { thinkingLevel: LEVELS[level] }),
  };
}

function safetySettings(safety: NonNullable<GenerationSettings["safety"]>): SafetySetting[] {
  const categories = Object.keys(CATEGORIES) as SafetyCategory[];
  return categories.flatMap((category) => {
    const threshold = safety[category];
    if (threshold === undefined) return [];
    return [{ category: CATEGORIES[category], threshold: THRESHOLDS[threshold] }];
  });
}
