import { assertEquals } from "@std/assert";
import type { Answer, ModelTurn } from "../../emulators/model_script.ts";
import { SocketRig, until } from "../support/socket_call.ts";
import { GatewayClient } from "./gateway_client.ts";

const SOUND = new Int16Array(2_400).fill(1_000);
const MESSAGE = { name: "Ada", callBack: "", text: "Hello" };
const DAY = "2026-11-22";

const CALLS: Readonly<Record<string, NonNullable<Answer["calls"]>>> = {
  Tables: [{ name: "find_table", args: { day: DAY, guests: 4 } }],
  Message: [{ name: "take_message", args: MESSAGE }, { name: "fly", args: {} }],
  Bye: [{ name: "hang_up", args: {} }],
};

const answers = ({ words }: ModelTurn): Answer => ({
  text: ` ${words} it is.`,
  pcm: SOUND,
  calls: CALLS[words] ?? [],
});

function start(): Promise<SocketRig> {
  return SocketRig.start({
    model: { script: { answers } },
    agent: {
      tools: [{ use: "find_table", blocking: true }, "take_message", "hang_up"],
    },
  });
}

async function ask(client: GatewayClient, text: string): Promise<void> {
  client.say({ type: "text", text });
  await client.next({ type: "system", state: "turn-complete" });
}

function wordsOf({ told }: GatewayClient): string {
  return told.filter(({ type }) => type === "response").map(({ text }) => text).join("");
}

Deno.test("an agent uses its tools at the gateway too; what needs a telephone call is refused in words", async () => {
  await using rig = await start();
  await using client = await GatewayClient.open(rig.url);
  await ask(client, "Tables");
  await ask(client, "Message");
  const [session] = rig.model.sessions;
  const responses = session?.toolResponses.toSorted((a, b) => a.id.localeCompare(b.id));
  assertEquals(responses?.map(({ name, response }) => [name, response]), [
    ["find_table", { output: { free: ["17:30", "18:00", "18:30"] } }],
    ["take_message", { error: "This is no telephone call: no message is kept" }],
    ["fly", { error: "There is no tool of this name" }],
  ]);
  assertEquals(session?.violations, []);
  assertEquals(wordsOf(client), " Tables it is. Message it is.");
});

Deno.test("an agent that hangs up at the gateway ends the conversation when its words were told", async () => {
  await using rig = await start();
  const client = await GatewayClient.open(rig.url);
  await ask(client, "Bye");
  assertEquals(await client.closed, 1000);
  assertEquals(wordsOf(client), " Bye it is.");
  await until(
    () => rig.logged.some((line) => line.includes('"ending":"agent-hung-up"')),
    "the conversation is over",
  );
});
