/**
 * `deno task chat [agent] [--dump]`: the agent of the telephone, in writing. Without `GEMINI_API_KEY` the model is an
 * emulator. `quit` leaves. With `--dump` every message to and from the model goes to standard error, whole.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { startGeminiLive } from "../emulators/gemini_live.ts";
import type { ModelScript } from "../emulators/model_script.ts";
import { fillIn } from "../lib/agents/instructions.ts";
import { AgentFileError } from "../lib/agents/agent_file.ts";
import { loadAgents } from "../lib/agents/agent_store.ts";
import { DEFAULT_MODEL } from "../lib/agents/model_family.ts";
import { systemClock } from "../lib/clock.ts";
import { readSettings, type Settings, SettingsError } from "../lib/env.ts";
import { liveSetup } from "../lib/gemini/live_setup.ts";
import { Session } from "../lib/session/session.ts";
import { SessionError } from "../lib/session/session_errors.ts";
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

async function run(settings: Settings): Promise<void> {
  const { values: { dump }, positionals: [name = "default"] } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { dump: { type: "boolean", default: false } },
  });
  const agents = await loadAgents(settings.agentsPath, { model: settings.modelId });
  const agent = agents.get(name);
  if (!agent) throw new AgentFileError([`There is no agent "${name}"`]);
  const time = new Date().toISOString().slice(0, 16).replace("T", " ") + " UTC";
  const values = { caller: "somebody who writes", called: "the chat", time };
  const instructions = fillIn(agent.instructions, values);
  const model = settings.modelId ?? agent.model ?? DEFAULT_MODEL;
  const service = settings.modelAccess
    ? undefined
    : await startGeminiLive({ clock: systemClock, script: SCRIPT });
  if (service) {
    print("Model: an EMULATOR, because GEMINI_API_KEY is not set. It says back what you type.");
  }
  print(`Agent: ${name}. Type "quit" to leave.`, "");
  const { modelAccess } = settings;
  using session = new Session({
    apiKey: service
      ? "emulator"
      : modelAccess?.type === "gemini-api"
      ? modelAccess.apiKey
      : undefined,
    baseUrl: service?.url ?? settings.modelBaseUrl,
    apiVersion: settings.modelApiVersion,
    model,
    setup: (begin) => liveSetup(agent, { ...begin, instructions, model }),
    watch: dump ? showMessage : undefined,
  });
  try {
    await session.connect();
    await chat({
      session,
      lines: linesOf(Deno.stdin.readable),
      write: (text) => void Deno.stdout.writeSync(ENCODER.encode(text)),
      opening: `(Somebody has come to chat in writing. Greet them: "${
        fillIn(agent.greeting, values)
      }")`,
    });
  } finally {
    session.close();
    await service?.close();
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
