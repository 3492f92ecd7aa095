/**
 * What a client's wishes come to: only what the server offers is taken. Pure.
 *
 * @module
 */

import type { AgentConfig } from "../agents/agent_config.ts";
import type { ClientConfig } from "./client_messages.ts";
import type { Applied, ClientErrorCode } from "./server_messages.ts";

/** What clients may choose from. */
export interface Offer {
  /** Finds an agent by its name. */
  readonly agents: { get(name: string): AgentConfig | undefined };
  /** Name of an agent's own model. */
  readonly modelOf: (agent: AgentConfig) => string;
  /** Models beside that. */
  readonly models: readonly string[];
  /** Voices. */
  readonly voices: readonly string[];
}

/** A conversation as it will be. */
export interface Choice {
  /** Whose instructions count; voice and generation are the client's where it has said so. */
  readonly agent: AgentConfig;
  /** What the client is told of it. */
  readonly applied: Applied;
}

/** Why a wish cannot be had. */
export interface Refused {
  /** For programs. */
  readonly refused: ClientErrorCode;
  /** For people. */
  readonly message: string;
  /** Which wish. */
  readonly field: string;
}

const DEFAULT_AGENT = "default";
const NO_WISHES: ClientConfig = { generation: {} };

/** Chooses. */
export function choose(offer: Offer, wishes: ClientConfig = NO_WISHES): Choice | Refused {
  const { agent: name = DEFAULT_AGENT, modalities = ["TEXT", "AUDIO"] } = wishes;
  const agent = offer.agents.get(name);
  if (!agent) return refuse("agent-unknown", "agent", "there is no agent of this name");
  const own = offer.modelOf(agent);
  const model = wishes.model?.replace(/^models\//, "") ?? own;
  const models = [...new Set([own, ...offer.models])];
  if (!models.includes(model)) {
    return refuse("model-not-allowed", "model", `expected ${models.join(", ")}`);
  }
  const { voice = agent.voice } = wishes;
  if (voice !== agent.voice && !offer.voices.includes(voice)) {
    return refuse("voice-unknown", "voice", `expected ${offer.voices.join(", ")}`);
  }
  const given = Object.entries(wishes.generation).filter(([, value]) => value !== undefined);
  const generation = { ...agent.generation, ...Object.fromEntries(given) };
  // Clients have no telephone in between: their turns are always found here.
  const turns = { ...agent.turns, automatic: undefined };
  return {
    agent: { ...agent, voice, generation, turns },
    applied: { agent: agent.name, model, voice, modalities, modelModality: "AUDIO" },
  };
}

function refuse(refused: ClientErrorCode, field: string, why: string): Refused {
  return {
    refused,
    message: `Cannot take config: "data.${field}" is not offered; ${why}`,
    field: `data.${field}`,
  };
}
