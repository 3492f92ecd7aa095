/**
 * Calls of an agent that leaves it to the service to find the caller's turns.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { AgentConfig } from "../../lib/agents/agent_config.ts";
import { AUTOMATIC_DETECTIONS, DEFAULT_TURN_SETTINGS } from "../../lib/turns/turn_settings.ts";
import { agentVoice, type Scenario, startCall } from "./scenario.ts";
import type { ModelScript, ScriptedAnswer } from "./scripted_answers.ts";

/** A pause that the caller's voice does not have. */
export const SILENCE_MS = 300;
/** How the agent would have it. */
export const AUTOMATIC = { ...AUTOMATIC_DETECTIONS.medium, silenceDurationMs: SILENCE_MS };
/** Length of a long answer. */
export const LONG_MS = 8_000;

/** A second and a half each. */
export function answers(index: number): ScriptedAnswer {
  return { pcm: agentVoice(1_500, index + 1), text: ` Answer number ${index}.` };
}

/** The second answer is long. */
export function longSecond(index: number): ScriptedAnswer {
  return { ...answers(index), pcm: agentVoice(index === 1 ? LONG_MS : 1_000, index + 1) };
}

/** A call whose service finds the turns itself; `sounds` are what the caller does. */
export async function automaticCall(options: {
  sounds: (call: Scenario) => void;
  ms: number;
  model?: Partial<ModelScript>;
  agent?: Partial<AgentConfig>;
}): Promise<Scenario> {
  const call = await startCall({
    model: {
      answers,
      detection: { prefixPaddingMs: 20, silenceDurationMs: SILENCE_MS },
      ...options.model,
    },
    agent: {
      turns: { ...DEFAULT_TURN_SETTINGS, hangoverMs: 500, automatic: AUTOMATIC },
      ...options.agent,
    },
  });
  options.sounds(call);
  await call.clock.advance(options.ms);
  call.line.hangUp();
  await call.clock.advance(1_000);
  await call.ended;
  assertEquals(call.model.violations, []);
  assertEquals(call.clock.pendingTimers, 0);
  return call;
}

/** Who said what. */
export function spokenIn({ record }: Scenario): string[] {
  return record().transcript.map(({ party, text }) => `${party}:${text}`);
}

/** When the line was cleared. */
export function clearsOf({ line }: Scenario): number[] {
  return line.sent.filter(({ event }) => event === "clear").map(({ atMs }) => atMs);
}
