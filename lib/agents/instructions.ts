/**
 * The texts of an agent that are made for one call: variables in double braces stand for what is known of it.
 *
 * @module
 */

import type { AgentConfig, VoicemailConfig } from "./agent_config.ts";

/** What is put in place of the variables. */
export interface CallVariables {
  /** Who calls, as the network says it. */
  readonly caller: string;
  /** Who was called. */
  readonly called: string;
  /** Date and time of the call, as it should be spoken of. */
  readonly time: string;
}

/** Names that may stand in double braces. */
export const VARIABLE_NAMES: readonly (keyof CallVariables)[] = ["caller", "called", "time"];

const VARIABLE = /\{\{(\w+)\}\}/g;

/** Longest value, in characters: enough for any number, name or date. */
const LONGEST_VALUE = 100;

/** What may steer a terminal, a line or the direction of text, and halves of characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Puts the values in place of the variables. Values are data: what cannot be seen is taken out of them, they are cut at
 * 100 characters, and braces in them mean nothing.
 */
export function fillIn(
  template: string,
  values: CallVariables & Readonly<Record<string, string>>,
): string {
  return template.replace(
    VARIABLE,
    (all, name: string) => Object.hasOwn(values, name) ? plain(values[name] ?? "") : all,
  );
}

/** An agent for one conversation: its variables are filled in, its own, then `others`, then those of the conversation. */
export function agentFor(
  agent: AgentConfig,
  { caller, called, epochMs, others = {} }: Omit<CallVariables, "time"> & {
    epochMs: number;
    others?: Readonly<Record<string, string>>;
  },
): AgentConfig {
  const time = new Date(epochMs).toISOString().slice(0, 16).replace("T", " ") + " UTC";
  const values = { ...agent.variables, ...others, caller, called, time };
  return {
    ...agent,
    instructions: fillIn(agent.instructions, values),
    greeting: fillIn(agent.greeting, values),
    outbound: agent.outbound && {
      ...agent.outbound,
      voicemail: withMessage(agent.outbound.voicemail, (message) => fillIn(message, values)),
    },
  };
}

/** What is said to a machine, changed. */
function withMessage(
  voicemail: VoicemailConfig,
  change: (message: string) => string,
): VoicemailConfig {
  return voicemail === "hang-up" ? voicemail : { message: change(voicemail.message) };
}

/** Names in double braces that mean nothing here. */
export function unknownVariables(
  template: string,
  known: readonly string[] = VARIABLE_NAMES,
): string[] {
  const names = Array.from(template.matchAll(/\{\{([^{}]*)\}\}/g), ([, name = ""]) => name);
  return names.filter((name) => !known.includes(name));
}

/** What an agent should know of a call that it places, for its instructions; empty if that is nothing. */
export function notesOf(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => `- ${name}: ${plain(value)}`);
  return lines.length === 0 ? "" : ["", "", "What you know of this call:", ...lines].join("\n");
}

function plain(value: string): string {
  return [...value.replace(UNSEEN, "")].slice(0, LONGEST_VALUE).join("");
}
