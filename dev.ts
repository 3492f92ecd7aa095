/**
 * The same server on this machine, offline if need be: without a Gemini key the model is an emulator that says back
 * what it heard. `deno task dev`.
 *
 * @module
 */

import { dirname, resolve } from "node:path";
import { startGeminiLive } from "./emulators/gemini_live.ts";
import { echoScript } from "./emulators/demo_script.ts";
import { systemClock, type Timer } from "./lib/clock.ts";
import type { Settings } from "./lib/env.ts";
import { runProcess } from "./main.ts";
import type { RunningServer } from "./routes/server.ts";

const ENCODER = new TextEncoder();

function print(...lines: string[]): void {
  Deno.stdout.writeSync(ENCODER.encode(lines.join("\n") + "\n"));
}

/** Puts the emulator in the place of a model for which there is no key. */
async function withSomeModel(settings: Settings): Promise<Settings> {
  if (settings.modelAccess) {
    print("Model: Gemini Live.");
    return settings;
  }
  const emulator = await startGeminiLive({ clock: systemClock, script: echoScript() });
  print(
    "Model: an EMULATOR, because GEMINI_API_KEY is not set. It says back what it heard.",
    "For the real one put GEMINI_API_KEY=... into .env (see .env.example).",
  );
  return {
    ...settings,
    modelAccess: { type: "gemini-api", apiKey: "emulator" },
    modelBaseUrl: emulator.url,
  };
}

/** Editors write a file in several steps. */
const WRITTEN_MS = 200;

/** Has agent files read again when they change. Editors put another file in a file's place: its folder is watched. */
async function followAgents(path: string, server: RunningServer): Promise<void> {
  const { isDirectory } = await Deno.stat(path);
  const folder = isDirectory ? path : dirname(path);
  let timer: Timer | undefined;
  for await (const { kind, paths } of Deno.watchFs(folder, { recursive: false })) {
    const isAgent = paths.some((each) =>
      isDirectory ? each.endsWith(".jsonc") : each === resolve(path)
    );
    if (kind === "access" || !isAgent) continue;
    timer?.cancel();
    timer = systemClock.at(systemClock.nowMs() + WRITTEN_MS, () => void server.reloadAgents());
  }
}

let agentsPath = "";
const server = await runProcess("dev", (settings) => {
  agentsPath = settings.agentsPath;
  return withSomeModel(settings);
});
followAgents(agentsPath, server);
const local = `http://localhost:${server.port}`;
const url = server.port === 8000 ? "" : ` --url ${local}`;
print(
  "",
  `Offhook listens on ${local}: open it in a browser to see calls, and ${local}/try to make one.`,
  "",
  "Call it from here, in another terminal:",
  `  npx -y deno@2.9.6 task call${url}        (with Deno installed: deno task call${url})`,
  "",
);
if (server.origin === local) {
  print(
    "Let a telephone number call it: make this server reachable over https (a tunnel will do), put that",
    "address into PUBLIC_URL and the account's token into TWILIO_AUTH_TOKEN in .env, and start again.",
    "",
  );
} else {
  print(
    "Set for the number in the Twilio console, under Voice:",
    `  A call comes in       Webhook, HTTP POST   ${server.origin}/twilio/voice`,
    `  Call status changes   HTTP POST            ${server.origin}/twilio/status`,
    "",
  );
}
