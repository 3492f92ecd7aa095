/** The clients in `examples/`, run against a server with an emulated model. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readWav } from "../../audio/wav.ts";
import { AGENT_LINES, agentLine, callerLine } from "../../emulators/speech.ts";
import { GatewayClient, samplesOf, toWav } from "../../examples/gateway_client.js";
import { SocketRig, until } from "../support/socket_call.ts";

const TOKEN = "console-token-of-the-tests";
const GREETING = AGENT_LINES.greeting;

/** What a message has that is asked for here. */
type Message = { readonly type: string; readonly [field: string]: unknown };

async function connected(rig: SocketRig, options: { token?: string; port?: number } = {}) {
  const told: Message[] = [];
  const client = new GatewayClient({
    url: `ws://127.0.0.1:${options.port ?? rig.server.port}/api/gemini/ws`,
    ...(options.token === undefined ? {} : { token: options.token }),
    onMessage: (message: Message) => void told.push(message),
    wait: () => Promise.resolve(),
  });
  await client.connect();
  const has = (what: object) =>
    told.some((message) => Object.entries(what).every(([name, value]) => message[name] === value));
  const waitFor = (what: object) => until(() => has(what), JSON.stringify(what));
  return { client, told, waitFor };
}

Deno.test("the JavaScript client writes, speaks, shows and hears at the same time, by a ticket [doc W24 W26 W29]", async () => {
  await using rig = await SocketRig.start({ settings: { consoleToken: TOKEN } });
  const { client, told, waitFor } = await connected(rig, { token: TOKEN });
  client.sendText("Hello");
  await waitFor({ state: "turn-complete" });
  const pieces = told.filter(({ type }) => type === "audio").map(samplesOf);
  const pcm = Int16Array.from(pieces.flatMap((piece) => [...piece]));
  assertEquals(pcm, agentLine("greeting").pcm24k);
  const wav = readWav(toWav(pcm));
  assertEquals([wav.hz, wav.channels], [24_000, [pcm]]);
  told.length = 0;
  client.sendImage(Uint8Array.of(0xff, 0xd8, 0xff));
  client.sendAudio(callerLine("table").pcm16k);
  await waitFor({ state: "turn-complete" });
  assertEquals(textOf(told), AGENT_LINES["which-day"]);
  assertEquals(rig.model.sessions[0]?.pictures.length, 1);
  client.close();
  await waitFor({ type: "closed" });
});

Deno.test("the JavaScript client comes back by its token when its socket is lost [doc W39]", async () => {
  await using rig = await SocketRig.start();
  await using line = cuttable(rig.server.port);
  const { client, told, waitFor } = await connected(rig, { port: line.port });
  await waitFor({ state: "flowing" });
  line.cut();
  await waitFor({ type: "retrying" });
  client.sendText("Hello");
  await waitFor({ state: "resumed" });
  await waitFor({ state: "turn-complete" });
  assertEquals(textOf(told), GREETING);
  assertEquals(rig.model.connects, 1);
  client.close();
  await waitFor({ type: "closed" });
});

Deno.test("the JavaScript client as a program answers lines; quit leaves [doc W27]", async () => {
  await using rig = await SocketRig.start();
  const output = await talkTo(rig, [Deno.execPath(), "run", "-A", "--no-check"], "js");
  assertStringIncludes(output, GREETING);
});

const PYTHON = await hasWebsockets();

Deno.test({
  name: PYTHON
    ? "the Python client answers lines; quit leaves [doc W25 W26 W27]"
    : "SKIPPED, because there is no python3 with the package websockets: the Python client [doc W25]",
  ignore: !PYTHON,
  fn: async () => {
    await using rig = await SocketRig.start();
    const output = await talkTo(rig, ["python3"], "py");
    assertStringIncludes(output, GREETING);
  },
});

/** Runs a client as a program in a folder of its own: a line, its answer, `quit`. @returns What it wrote */
async function talkTo(rig: SocketRig, command: readonly string[], ending: string): Promise<string> {
  const [program = "", ...args] = command;
  const file = new URL(`../../examples/gateway_client.${ending}`, import.meta.url).pathname;
  const cwd = await Deno.makeTempDir();
  await using child = new Deno.Command(program, {
    args: [...args, file, `ws://127.0.0.1:${rig.server.port}/api/gemini/ws`],
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("Hello\n"));
  const isDone = () => rig.model.sessions[0]?.sent[0]?.outcome === "complete";
  await until(isDone, "the answer is over", 30_000);
  await writer.write(new TextEncoder().encode("quit\n"));
  await writer.close();
  const [{ code }, output] = await Promise.all([child.status, new Response(child.stdout).text()]);
  await Deno.remove(cwd, { recursive: true });
  assertEquals(code, 0);
  return output;
}

async function hasWebsockets(): Promise<boolean> {
  try {
    const args = ["-c", "import websockets"];
    return (await new Deno.Command("python3", { args, stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function textOf(told: readonly Message[]): string {
  return told.filter(({ type }) => type === "response").map(({ text }) => text).join("").trim();
}

/** A port that leads to another one, and can lose what goes through it. */
function cuttable(to: number) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const pass = async (from: Deno.TcpConn, on: Deno.TcpConn) => {
    try {
      await from.readable.pipeTo(on.writable);
    } catch {
      // The line was cut.
    }
  };
  const passing: Promise<void>[] = [];
  const serving = (async () => {
    for await (const near of listener) {
      const far = await Deno.connect({ hostname: "127.0.0.1", port: to });
      open.add(near).add(far);
      passing.push(pass(near, far), pass(far, near));
    }
  })();
  const cut = () => {
    for (const connection of open) {
      try {
        connection.close();
      } catch (error) {
        assert(error instanceof Deno.errors.BadResource);
      }
    }
    open.clear();
  };
  return {
    port: listener.addr.port,
    cut,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      cut();
      await serving;
      await Promise.all(passing);
    },
  };
}
