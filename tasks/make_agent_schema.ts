/**
 * Writes `agents/agent.schema.json`, by which editors help with agent files. To be run after a change of the fields in
 * `lib/agents/agent_file.ts`: `deno run --allow-write=agents tasks/make_agent_schema.ts`.
 *
 * @module
 */

import { agentFileSchema } from "../lib/agents/agent_file.ts";

/** The text of the file. */
export function agentSchemaText(): string {
  return `${JSON.stringify(agentFileSchema(), null, 2)}\n`;
}

if (import.meta.main) {
  const path = new URL("../agents/agent.schema.json", import.meta.url);
  Deno.writeTextFileSync(path, agentSchemaText());
}
