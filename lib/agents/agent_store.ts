/**
 * The agents of a server, read once at its start.
 *
 * @module
 */

import type { AgentConfig } from "./agent_config.ts";
import { AgentFileError, parseAgentFile, VOICES } from "./agent_file.ts";

/** The agents of a server, by name. */
export interface AgentStore {
  /** Names of all agents, in alphabetical order; `default` is always among them. */
  readonly names: readonly string[];
  /** What is allowed and yet looks like a mistake, a line each. */
  readonly warnings: readonly string[];
  /** The agent of that name, if there is one. */
  get(name: string): AgentConfig | undefined;
}

/** What a family of models is known to refuse, and what to do about it. */
const REFUSALS: readonly {
  readonly models: RegExp;
  readonly field: "model" | "language";
  readonly advice: string;
}[] = [
  {
    models: /^gemini-(2\.5-flash-native-audio|live-2\.5-flash)/,
    field: "language",
    advice: "refuses a language; name it in the instructions instead",
  },
  {
    models: /^gemini-(live-2\.5-flash-preview|2\.0-flash-live-001|2\.0-flash-exp|2\.5-flash)$/,
    field: "model",
    advice: "was shut down or is not a Live model; expected one such as gemini-3.8-live",
  },
  {
    models: /-transcribe-live/,
    field: "model",
    advice: "cannot speak; expected one such as gemini-3.8-live",
  },
];

/**
 * Reads every `*.jsonc` of a folder, or one file.
 *
 * @param path The folder or the file
 * @param options `model` is the model that the server uses in place of the agents' own
 * @throws {AgentFileError} With everything that is wrong in all of them, or if none is named `default`
 */
export async function loadAgents(
  path: string,
  options: { model?: string | undefined } = {},
): Promise<AgentStore> {
  const agents = new Map<string, AgentConfig>();
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const file of await agentFiles(path)) {
    const agent = await readAgent(file, problems);
    if (!agent) continue;
    if (agents.has(agent.name)) problems.push(`${file}: name: another file has ${agent.name} too`);
    agents.set(agent.name, agent);
    problems.push(...refusals(agent, options.model).map((line) => `${file}: ${line}`));
    if (!VOICES.includes(agent.voice)) {
      warnings.push(`${file}: voice: ${agent.voice} is none of the known ones`);
    }
  }
  if (problems.length === 0 && !agents.has("default")) {
    problems.push(`${path}: no agent is named default; expected one that answers every call`);
  }
  if (problems.length > 0) throw new AgentFileError(problems);
  return { names: [...agents.keys()].sort(), warnings, get: (name) => agents.get(name) };
}

async function agentFiles(path: string): Promise<string[]> {
  try {
    if (!(await Deno.stat(path)).isDirectory) return [path];
    const entries = await Array.fromAsync(Deno.readDir(path));
    const names = entries.map(({ name }) => name).filter((name) => name.endsWith(".jsonc"));
    return names.sort().map((name) => `${path.replace(/\/+$/, "")}/${name}`);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Reads one agent, or adds what is wrong with it to `problems`. */
async function readAgent(file: string, problems: string[]): Promise<AgentConfig | undefined> {
  try {
    return parseAgentFile(await Deno.readTextFile(file), file);
  } catch (error) {
    const { lines } = error instanceof AgentFileError ? error : unreadable(file, error);
    problems.push(...lines);
  }
}

function unreadable(path: string, error: unknown): AgentFileError {
  const why = error instanceof Deno.errors.NotFound ? "is not there" : "cannot be read";
  return new AgentFileError([`${path}: ${why}; expected agent files`], { cause: error });
}

function refusals(agent: AgentConfig, serverModel: string | undefined): string[] {
  const named = { model: serverModel ?? agent.model, fallbackModel: agent.fallbackModel };
  return Object.entries(named).flatMap(([from, name = ""]) => {
    const id = name.replace(/^models\//, "");
    return REFUSALS
      .filter(({ models, field }) => models.test(id) && (field === "model" || agent[field]))
      .map(({ field, advice }) => `${field === "model" ? from : field}: ${id} ${advice}`);
  });
}
