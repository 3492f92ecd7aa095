/**
 * `deno task debug`: a page to try the gateway's messages by hand, on a port of its own.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { systemClock } from "../lib/clock.ts";
import { createLog, toConsole } from "../lib/log.ts";
import { startDebugServer } from "./debug_server.ts";
import { print } from "./terminal.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    url: { type: "string", default: "ws://localhost:8000/api/gemini/ws" },
    port: { type: "string", default: "8001" },
  },
});
const { port } = await startDebugServer({
  gateway: values.url,
  token: Deno.env.get("CONSOLE_TOKEN") || undefined,
  port: Number(values.port),
  log: createLog({ level: "warn", clock: systemClock, write: toConsole }),
});
print(`The messages of ${values.url}: http://localhost:${port}`);
