/** What becomes of a client's conversation when one of its two links breaks. */
import { assert, assertEquals } from "@std/assert";
import { AGENT_LINES, agentLine } from "../../emulators/speech.ts";
import { API_KEY, SocketRig, until } from "../support/socket_call.ts";
import { GatewayClient } from "./gateway_client.ts";

Deno.test("a model that breaks comes back, and the client's socket stays open [doc W38]", async () => {
  const lost = { type: "close", code: 1011, reason: "Internal error." } as const;
  await using rig = await SocketRig.start({
    model: {
      script: {
        answers: () => greeting(),
        faults: [{ ...lost, when: { at: "turn", turn: 0 }, connection: 0 }],
      },
    },
  });
  await using client = await GatewayClient.open(rig.url);
  client.say({ type: "text", text: "Hello" });
  await client.next({ type: "system", state: "model-reconnecting" });
  await client.next({ type: "system", state: "model-reconnected" });
  await client.next({ type: "system", state: "turn-complete" });
  assertEquals(client.text.trim(), AGENT_LINES.greeting);
  assertEquals(rig.model.connects, 2);
});

Deno.test("a model that refuses is an error before the socket closes [doc W37]", async () => {
  await using rig = await SocketRig.start({ model: { badKey: API_KEY } });
  const client = await GatewayClient.open(rig.url);
  const { message } = await client.next({ type: "error", code: "model-authentication" });
  await client.next({ type: "system", state: "closing" });
  assertEquals(await client.closed, 1011);
  assert(!String(message).includes(API_KEY));
});

Deno.test("without a key the client is told at once [doc W20 W40]", async () => {
  await using rig = await SocketRig.start({ isKeyMissing: true });
  const client = await GatewayClient.open(rig.url);
  const { message } = await client.next({ type: "error", code: "no-api-key" });
  assert(String(message).startsWith("No API key configured"));
  assertEquals(await client.closed, 1011);
  assertEquals(rig.model.connects, 0);
});

Deno.test("a client that drops comes back by its token, and gets what was said meanwhile [doc W39]", async () => {
  await using rig = await SocketRig.start();
  const first = await GatewayClient.open(rig.url);
  const { resumeToken: token, resumeSeconds } = await first.next({
    type: "system",
    state: "configured",
  });
  assertEquals(resumeSeconds, 60);
  first.say({ type: "text", text: "Hello" });
  await until(() => rig.model.sessions[0]?.texts.length === 1, "the text arrived");
  await first.drop();
  await until(() => rig.model.sessions[0]?.sent[0]?.outcome === "complete", "the answer is over");
  await using second = await GatewayClient.open(rig.url);
  second.say({ type: "config", data: { resume_token: token } });
  const { resumeToken: next } = await second.next({ type: "system", state: "resumed" });
  await second.next({ type: "system", state: "turn-complete" });
  assertEquals((first.text + second.text).trim(), AGENT_LINES.greeting);
  assertEquals(second.samples, 0);
  second.say({ type: "text", text: "Go on" });
  await second.next({ type: "system", state: "turn-complete" });
  assertEquals(second.samples, agentLine("greeting").pcm24k.length);
  assertEquals(rig.model.connects, 1);
  assert(next !== token);
});

Deno.test("a token is good once, and for whoever has it: the older socket is closed [doc W39]", async () => {
  await using rig = await SocketRig.start();
  const first = await GatewayClient.open(rig.url);
  const { resumeToken: token } = await first.next({ type: "system", state: "configured" });
  await using second = await GatewayClient.open(rig.url);
  second.say({ type: "config", data: { resume_token: token } });
  await second.next({ type: "system", state: "resumed" });
  assertEquals(await first.closed, 4000);
  await using third = await GatewayClient.open(rig.url);
  third.say({ type: "config", data: { resume_token: token } });
  await third.next({ type: "error", code: "resume-unknown" });
  await third.next({ type: "system", state: "flowing" });
  assertEquals(rig.model.connects, 2);
  assertEquals(rig.logged.filter((line) => line.includes(String(token))), []);
});

Deno.test("a client that says goodbye does not come back [doc W27 W31]", async () => {
  await using rig = await SocketRig.start();
  const first = await GatewayClient.open(rig.url);
  const { resumeToken: token } = await first.next({ type: "system", state: "configured" });
  await first.close(1000);
  await until(() => rig.model.sessions[0]?.closeCode !== undefined, "the model is left");
  await using second = await GatewayClient.open(rig.url);
  second.say({ type: "config", data: { resume_token: token } });
  await second.next({ type: "error", code: "resume-unknown" });
});

Deno.test("a server that stops says so to its clients", async () => {
  const rig = await SocketRig.start();
  const client = await GatewayClient.open(rig.url);
  await client.next({ type: "system", state: "flowing" });
  const [code] = await Promise.all([client.closed, rig[Symbol.asyncDispose]()]);
  assertEquals([code, client.states.at(-1)], [1001, "closing"]);
});

function greeting() {
  const { text, pcm24k } = agentLine("greeting");
  return { text, pcm: pcm24k };
}
