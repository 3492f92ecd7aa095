/**
 * `deno task doctor`: looks whether all that a telephone call needs is there, and says what to do. `--fix` sets the
 * number's webhooks. Exits 1 if anything is wrong.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { AgentFileError } from "../lib/agents/agent_file.ts";
import { VOICES } from "../lib/agents/model_fields.ts";
import { loadAgents } from "../lib/agents/agent_store.ts";
import { systemClock } from "../lib/clock.ts";
import { readSettings, SettingsError } from "../lib/env.ts";
import { HttpClient } from "../lib/tools/http_client.ts";
import { ownTools } from "../lib/tools/own_tools.ts";
import { ToolBox } from "../lib/tools/tool_box.ts";
import { type Finding, LOOKS } from "./doctor_checks.ts";
import { print } from "./terminal.ts";

const SIGNS: Record<Finding["verdict"], string> = { ok: "ok   ", wrong: "WRONG", skipped: "-    " };

/** Looks at everything; gives whether nothing is wrong. */
async function run(): Promise<boolean> {
  const { values } = parseArgs({
    args: Deno.args,
    options: { fix: { type: "boolean", default: false }, number: { type: "string" } },
  });
  const settings = readSettings(Deno.env.toObject(), "dev");
  const { secrets } = settings;
  const toolBox = new ToolBox({ client: new HttpClient(), secrets, own: ownTools() });
  const agents = await loadAgents(settings.agentsPath, {
    model: settings.modelId,
    check: (agent) => toolBox.problems(agent),
  });
  const parts = {
    settings,
    agents,
    toolBox,
    number: values.number,
    isFixing: values.fix,
    clock: systemClock,
  };
  let isWell = true;
  for (const look of LOOKS) {
    for (const { what, verdict, text, advice } of [await look(parts)].flat()) {
      print(`${SIGNS[verdict]} ${what}: ${text}${advice ? `; ${advice}` : ""}`);
      if (verdict === "wrong") isWell = false;
    }
  }
  print(`      Known voices: ${VOICES.join(", ")}`);
  return isWell;
}

try {
  Deno.exit(await run() ? 0 : 1);
} catch (error) {
  const isUsage = error instanceof TypeError && "code" in error;
  if (error instanceof SettingsError || error instanceof AgentFileError) {
    print(...error.lines.map((line) => `${SIGNS.wrong} ${line}`));
  } else if (isUsage) print(error.message, "doctor [--fix] [--number +15551234567]");
  else throw error;
  Deno.exit(1);
}
