/**
 * Whether the models of all agents answer, and take what the agent files ask of them.
 *
 * @module
 */

import type { AgentConfig } from "../lib/agents/agent_config.ts";
import { DEFAULT_MODEL, modelFamily } from "../lib/agents/model_family.ts";
import { liveSetup } from "../lib/gemini/live_setup.ts";
import { Session } from "../lib/session/session.ts";
import { SessionError } from "../lib/session/session_errors.ts";
import type { DoctorParts, Finding } from "./doctor_checks.ts";

/** Looks at each agent's model, and at the one that goes on in its place, with all that the agent's file says. */
export async function lookAtModels(parts: DoctorParts): Promise<readonly Finding[]> {
  const { settings, agents } = parts;
  if (!settings.modelAccess) {
    return [{ what: "Model", verdict: "skipped", text: "not looked at: there is no key" }];
  }
  const findings: Finding[] = [];
  for (const name of agents.names) {
    const agent = agents.get(name);
    const models = [settings.modelId ?? agent?.model ?? DEFAULT_MODEL, agent?.fallbackModel];
    for (const model of new Set(models)) {
      if (!agent || model === undefined) continue;
      const error = await refusalOf(parts, agent, model);
      findings.push(findingOf(`Model ${model} of ${name}`, error));
      // The same key would be refused each time.
      if (error?.code === "authentication_failed") return findings;
    }
  }
  return findings;
}

/** Why a model does not take an agent, if it does not. */
async function refusalOf(
  { settings, toolBox, clock }: DoctorParts,
  agent: AgentConfig,
  model: string,
): Promise<SessionError | undefined> {
  const { modelAccess, modelBaseUrl: baseUrl, modelApiVersion: apiVersion } = settings;
  const tools = toolBox.declarations(agent, modelFamily(model).tools);
  const { instructions } = agent;
  using session = new Session({
    apiKey: modelAccess?.type === "gemini-api" ? modelAccess.apiKey : undefined,
    baseUrl,
    apiVersion,
    model,
    setup: (begin) => liveSetup(agent, { ...begin, instructions, model, tools }),
    clock,
  });
  try {
    await session.connect();
  } catch (error) {
    if (error instanceof SessionError) return error;
    throw error;
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  model_not_found: "check GEMINI_MODEL and the agent's model",
  invalid_message: "look at what the agent's file asks of the model",
  authentication_failed: "check GEMINI_API_KEY",
};

function findingOf(what: string, error: SessionError | undefined): Finding {
  if (!error) return { what, verdict: "ok", text: "answers, and takes all that the file says" };
  const advice = ADVICE[error.code] ?? "try again in a while";
  return { what, verdict: "wrong", text: error.message, advice };
}
