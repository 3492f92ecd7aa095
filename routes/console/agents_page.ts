/**
 * `GET /agents` and `GET /api/agents`: who answers, and what looks wrong.
 *
 * @module
 */

import { html } from "hono/html";
import type { Agents } from "../../lib/agents/agent_store.ts";
import type { AgentConfig } from "../../lib/agents/agent_config.ts";
import { type Html, pageResponse } from "./layout.ts";

/** The agents of a server. */
export interface AgentBook extends Agents {
  /** Names of all, in order. */
  readonly names: readonly string[];
  /** What is allowed and yet looks like a mistake, a line each. */
  readonly warnings: readonly string[];
}

/** What an agent's page needs beside the agents. */
export interface AgentsPageDeps {
  /** The agents of the server. */
  readonly agents: AgentBook;
  /** Whether it is known that an agent's model cannot be had at the moment. */
  readonly isModelDown: (agent: AgentConfig) => boolean;
}

/** All agents as they are configured. */
export function answerAgents(deps: AgentsPageDeps): Response {
  const list = agentsOf(deps).map((agent) => ({ ...agent, isModelDown: deps.isModelDown(agent) }));
  return Response.json({ agents: list, warnings: deps.agents.warnings }, {
    headers: { "cache-control": "no-store" },
  });
}

/** The page of agents. */
export function answerAgentsPage(deps: AgentsPageDeps): Promise<Response> {
  const { warnings } = deps.agents;
  return pageResponse({
    title: "Agents",
    place: "/agents",
    body: html`<h1>Agents</h1>${
      warnings.length === 0 ? "" : html`
        <section class="note bad">
          <h2>What looks wrong</h2>
          <ul>${warnings.map((line) => html`<li>${line}</li>`)}</ul>
        </section>
      `
    }${agentsOf(deps).map((agent) => card(agent, deps))}`,
  });
}

function agentsOf({ agents }: AgentsPageDeps): AgentConfig[] {
  return agents.names.map((name) => agents.get(name)).filter((agent) => agent !== undefined);
}

function card(agent: AgentConfig, { isModelDown }: AgentsPageDeps): Html {
  const { turns, bargeIn, deadAir, digits, limits, records } = agent;
  const silence = deadAir
    ? `asked after ${deadAir.askAfterMs} ms, ${deadAir.asks.length} times, then goodbye`
    : "the agent waits";
  return html`<section class="card"><h2>${agent.name}</h2>${
    isModelDown(agent)
      ? html`<p class="note bad">Its model cannot be had at the moment: callers hear an apology.</p>`
      : ""
  }<dl class="facts">
  <dt>Takes calls to</dt><dd>${numbersOf(agent)}</dd>
  <dt>Places calls to</dt><dd>${agent.outbound?.allow.join(", ") ?? "nobody"}</dd>
  <dt>Model</dt><dd>${agent.model ?? "the server's"}</dd>
  <dt>Voice</dt><dd>${agent.voice}${agent.language === undefined ? "" : `, ${agent.language}`}</dd>
  <dt>A turn ends</dt><dd>after a pause of ${turns.hangoverMs} ms</dd>
  <dt>Interruptions</dt><dd>${bargeIn.mode}</dd>
  <dt>A silent caller</dt><dd>${silence}</dd>
  <dt>Keys</dt><dd>${digits.policy}</dd>
  <dt>Tools</dt><dd>${toolsOf(agent)}</dd>
  <dt>Is kept</dt><dd>${records.transcript ? "what was said" : "nothing that was said"}${
    records.recording ? " and the sound" : ""
  }, for ${records.keepDays} days</dd>
  <dt>Longest call</dt><dd>${limits.maxCallSeconds} s</dd>
  <dt>Greeting</dt><dd>${agent.greeting}</dd>
</dl><details><summary>Instructions</summary><pre>${agent.instructions}</pre></details></section>`;
}

function numbersOf({ name, numbers }: AgentConfig): string {
  const rest = name === "default" ? ["every number that no other agent has"] : [];
  return [...numbers, ...rest].join(", ") || "no number";
}

function toolsOf({ tools }: AgentConfig): string {
  return tools.map((tool) => "use" in tool ? tool.use : tool.name).join(", ") || "none";
}
