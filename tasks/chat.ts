/**
 * `deno task chat [agent] [--dump]`: the agent of the telephone, in writing. Without `GEMINI_API_KEY` the model is an
 * emulator. `quit` leaves. With `--dump` every message to and from the model goes to standard error, whole.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { startGeminiLive } from "../emulators/gemini_live.ts";
import type { ModelScript } from "../emulators/model_script.ts";
import { agentFor } from "../lib/agents/instructions.ts";
import { modelFamily } from "../lib/agents/model_family.ts";
import type { AgentConfig } from "../lib/agents/agent_config.ts";
import { AgentFileError } from "../lib/agents/agent_file.ts";
import { loadAgents } from "../lib/agents/agent_store.ts";
import { DEFAULT_MODEL } from "../lib/agents/model_family.ts";
import { systemClock } from "../lib/clock.ts";
import { readSettings, type Settings, SettingsError } from "../lib/env.ts";
import { liveSetup } from "../lib/gemini/live_setup.ts";
import { Session } from "../lib/session/session.ts";
import { SessionError } from "../lib/session/session_errors.ts";
import { callLess } from "../lib/tools/call_less.ts";
import { HttpClient } from "../lib/tools/http_client.ts";
import { ownTools } from "../lib/tools/own_tools.ts";
import { ToolBox } from "../lib/tools/tool_box.ts";
import { declareTool } from "../lib/tools/tool_declaration.ts";
import { chat, linesOf } from "./chat_loop.ts";
import { print } from "./terminal.ts";

const ENCODER = new TextEncoder();

/** The emulator understands nothing: it says back what is typed. */
const SCRIPT: ModelScript = {
  answers: ({ index, words }) => ({
    text: index === 0 ? " Hello, what can I do for you?" : ` You said: ${words}`,
    pcm: new Int16Array(1_200),
  }),
};

/** Messages may hold what people say: they go where the chat itself does not. */
function showMessage(direction: "sent" | "received", message: string): void {
  const arrow = direction === "sent" ? "->" : "<-";
  Deno.stderr.writeSync(ENCODER.encode(`${arrow} ${message.trimEnd()}\n`));
}

/** The agent of a name, its texts filled in. */
async function agentOf(settings: Settings, name: string, toolBox: ToolBox): Promise<AgentConfig> {
  const agents = await loadAgents(settings.agentsPath, {
    model: settings.modelId,
    check: (agent) => toolBox.problems(agent),
  });
  const agent = agents.get(name);
  if (!agent) throw new AgentFileError([`There is no agent "${name}"`]);
  return agentFor(agent, {
    caller: "somebody who writes",
    called: "the chat",
    epochMs: systemClock.epochMs(),
  });
}

/** The model's address and key: the emulator's where there is no other. */
async function startModel({ modelAccess, modelBaseUrl: baseUrl, modelApiVersion }: Settings) {
  const apiVersion = modelApiVersion;
  if (modelAccess?.type === "vertex-ai") return { baseUrl, apiVersion, close: undefined };
  if (modelAccess) return { apiKey: modelAccess.apiKey, baseUrl, apiVersion, close: undefined };
  print("Model: an EMULATOR, because GEMINI_API_KEY is not set. It says back what you type.");
  const service = await startGeminiLive({ clock: systemClock, script: SCRIPT });
  return { apiKey: "emulator", baseUrl: service.url, close: () => service.close() };
}

async function run(settings: Settings): Promise<void> {
  const { values, positionals: [name = "default"] } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { dump: { type: "boolean", default: false } },
  });
  const { secrets } = settings;
  const toolBox = new ToolBox({ client: new HttpClient(), secrets, own: ownTools() });
  const agent = await agentOf(settings, name, toolBox);
  const { instructions, greeting } = agent;
  const model = settings.modelId ?? agent.model ?? DEFAULT_MODEL;
  let isLeft = false;
  const control = callLess(() => isLeft = true);
  const tools = toolBox.tools(agent, modelFamily(model).tools, control);
  const declared = tools.map(declareTool);
  const { close, ...access } = await startModel(settings);
  print(`Agent: ${name}. Type "quit" to leave.`, "");
  using session = new Session({
    ...access,
    model,
    tools,
    setup: (begin) => liveSetup(agent, { ...begin, instructions, model, tools: declared }),
    watch: values.dump ? showMessage : undefined,
  });
  try {
    await session.connect();
    await chat({
      session,
      lines: linesOf(Deno.stdin.readable),
      write: (text) => void Deno.stdout.writeSync(ENCODER.encode(text)),
      isLeft: () => isLeft,
      opening: `(Somebody has come to chat in writing. Greet them: "${greeting}")`,
    });
  } finally {
    session.close();
    await toolBox.close();
    await close?.();
  }
}

try {
  await run(readSettings(Deno.env.toObject(), "dev"));
  Deno.exit(0);
} catch (error) {
  if (error instanceof SettingsError || error instanceof AgentFileError) print(...error.lines);
  else if (error instanceof SessionError) print(error.message);
  else if (error instanceof TypeError && "code" in error) {
    print(error.message, "chat [agent] [--dump]");
  } else throw error;
  Deno.exit(1);
}
