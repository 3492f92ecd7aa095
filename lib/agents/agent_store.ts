/**
 * The agents of a server: read at its start, and again when it is told to. A call keeps the agent it began with.
 *
 * @module
 */

import type { AgentConfig } from "./agent_config.ts";
import { AgentFileError, parseAgentFile } from "./agent_file.ts";
import { VOICES } from "./model_fields.ts";
import { DEFAULT_MODEL } from "./model_family.ts";
import { modelOddities, modelRefusals } from "./model_refusals.ts";

/** How agents are read. */
export interface LoadOptions {
  /** The model that the server uses in place of the agents' own. */
  readonly model?: string | undefined;
  /** What else is wrong with an agent, a line each that begins with its field. */
  readonly check?: (agent: AgentConfig) => readonly string[];
}

/** Finds agents. */
export interface Agents {
  /** The agent of that name, if there is one. */
  get(name: string): AgentConfig | undefined;
  /** The agent that takes the calls of a number. */
  forNumber(number: string): AgentConfig | undefined;
}

/** What was read in one go. */
interface Shelf {
  readonly agents: ReadonlyMap<string, AgentConfig>;
  readonly warnings: readonly string[];
}

/** The one that takes what no other does. */
const DEFAULT_AGENT = "default";

/** The agents of a server, by name and by number. */
export class AgentStore implements Agents {
  readonly #path: string;
  readonly #options: LoadOptions;
  #shelf: Shelf;

  /** @internal */
  constructor(path: string, options: LoadOptions, shelf: Shelf) {
    this.#path = path;
    this.#options = options;
    this.#shelf = shelf;
  }

  /** Names of all agents, in alphabetical order; `default` is always among them. */
  get names(): readonly string[] {
    return [...this.#shelf.agents.keys()].sort();
  }

  /** What is allowed and yet looks like a mistake, a line each. */
  get warnings(): readonly string[] {
    return this.#shelf.warnings;
  }

  /** The agent of that name, if there is one. */
  get(name: string): AgentConfig | undefined {
    return this.#shelf.agents.get(name);
  }

  /** The agent that takes the calls of a number: the one that has it, or the one named `default`. */
  forNumber(number: string): AgentConfig | undefined {
    const { agents } = this.#shelf;
    return agents.values().find(({ numbers }) => numbers.includes(number)) ??
      agents.get(DEFAULT_AGENT);
  }

  /**
   * Reads all files again. If anything is wrong in them the agents stay as they are.
   *
   * @throws {AgentFileError} With everything that is wrong
   */
  async reload(): Promise<void> {
    this.#shelf = await readShelf(this.#path, this.#options);
  }
}

/**
 * Reads every `*.jsonc` of a folder, or one file.
 *
 * @param path The folder or the file
 * @throws {AgentFileError} With everything that is wrong in all of them, or if none is named `default`
 */
export async function loadAgents(path: string, options: LoadOptions = {}): Promise<AgentStore> {
  return new AgentStore(path, options, await readShelf(path, options));
}

async function readShelf(path: string, { model, check }: LoadOptions): Promise<Shelf> {
  const agents = new Map<string, AgentConfig>();
  const owners = new Map<string, string>();
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const file of await agentFiles(path)) {
    const agent = await readAgent(file, problems);
    if (!agent) continue;
    if (agents.has(agent.name)) problems.push(`${file}: name: another file has ${agent.name} too`);
    agents.set(agent.name, agent);
    for (const number of agent.numbers) {
      const owner = owners.get(number);
      if (owner) problems.push(`${file}: numbers: ${owner} has one of them too`);
      owners.set(number, agent.name);
    }
    const wrong = [
      ...modelRefusals(agent, model ?? agent.model ?? DEFAULT_MODEL),
      ...modelRefusals(agent, agent.fallbackModel, "fallbackModel"),
      ...check?.(agent) ?? [],
    ];
    problems.push(...wrong.map((line) => `${file}: ${line}`));
    const odd = [
      ...oddities(agent),
      ...modelOddities(model ?? agent.model ?? DEFAULT_MODEL),
      ...modelOddities(agent.fallbackModel, "fallbackModel"),
    ];
    warnings.push(...odd.map((line) => `${file}: ${line}`));
  }
  if (problems.length === 0 && !agents.has(DEFAULT_AGENT)) {
    problems.push(`${path}: no agent is named default; expected one that answers every call`);
  }
  if (problems.length > 0) throw new AgentFileError([...new Set(problems)]);
  return { agents, warnings };
}

async function agentFiles(path: string): Promise<string[]> {
  try {
    if (!(await Deno.stat(path)).isDirectory) return [path];
    const entries = await Array.fromAsync(Deno.readDir(path));
    const names = entries.map(({ name }) => name).filter((name) => name.endsWith(".jsonc"));
    return names.sort().map((name) => `${path.replace(/\/$/, "")}/${name}`);
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

function oddities({ voice, tools, destinations }: AgentConfig): string[] {
  const lines = VOICES.includes(voice) ? [] : [`voice: ${voice} is none of the known ones`];
  tools.forEach(({ scheduling }, index) => {
    if (scheduling !== "immediate") return;
    lines.push(`tools.${index}.scheduling: the service has no immediate; interrupt is meant`);
  });
  const canTransfer = tools.some((tool) => "use" in tool && tool.use === "transfer_call");
  if (!canTransfer && Object.keys(destinations).length > 0) {
    lines.push("destinations: nobody is put through without transfer_call among the tools");
  }
  return lines;
}
