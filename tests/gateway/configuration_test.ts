/** What clients may choose, and what they are told of a choice that cannot be. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AGENT_LINES } from "../../emulators/speech.ts";
import { SocketRig } from "../support/socket_call.ts";
import { GatewayClient } from "./gateway_client.ts";

const MODALITIES = "data.generation_config.response_modalities";

const WISHES = {
  model: "models/gemini-3.1-flash-live-preview",
  voice: "Puck",
  generation_config: {
    temperature: 0.3,
    max_output_tokens: 500,
    top_p: 0.9,
    top_k: 20,
    response_modalities: ["TEXT"],
  },
};

Deno.test("a config is applied, and said to be, once the model has taken it [doc W06 W07 W08 W09 W10 W19]", async () => {
  await using rig = await SocketRig.start();
  await using client = await GatewayClient.open(rig.url);
  client.say({ type: "config", data: WISHES });
  const { message } = await client.next({ type: "config_success" });
  const { applied } = await client.next({ type: "system", state: "configured" });
  assertEquals(message, "Configuration applied");
  assertEquals(applied, {
    agent: "default",
    model: "gemini-3.1-flash-live-preview",
    voice: "Puck",
    modalities: ["TEXT"],
    modelModality: "AUDIO",
  });
  const setup = rig.model.sessions[0]?.setup;
  const { temperature, maxOutputTokens, topP, topK, responseModalities, speechConfig } =
    setup?.generationConfig ?? {};
  assertEquals(setup?.model, "models/gemini-3.1-flash-live-preview");
  assertEquals([temperature, maxOutputTokens, topP, topK], [0.3, 500, 0.9, 20]);
  assertEquals(responseModalities, ["AUDIO"]);
  assertStringIncludes(JSON.stringify(speechConfig), "Puck");
  assertEquals(rig.model.sessions.length, 1);
});

Deno.test("a client that wants text alone gets no audio; one that wants audio gets its text too [doc W04 W09]", async () => {
  await using rig = await SocketRig.start();
  for (const [modality, isAudible] of [["TEXT", false], ["AUDIO", true]] as const) {
    await using client = await GatewayClient.open(rig.url);
    const generation_config = { response_modalities: [modality] };
    client.say({ type: "config", data: { generation_config } });
    client.say({ type: "text", text: "Hello" });
    await client.next({ type: "system", state: "turn-complete" });
    assertEquals(client.text.trim(), AGENT_LINES.greeting);
    assertEquals(client.samples > 0, isAudible);
  }
});

Deno.test("a config in the middle begins another conversation that knows what was said [doc W05]", async () => {
  await using rig = await SocketRig.start();
  await using client = await GatewayClient.open(rig.url);
  client.say({ type: "text", text: "I am called Ada" });
  await client.next({ type: "system", state: "turn-complete" });
  client.say({ type: "config", data: { voice: "Charon" } });
  await client.next({ type: "config_success" });
  client.say({ type: "text", text: "What am I called?" });
  await client.next({ type: "system", state: "turn-complete" });
  const [first, second] = rig.model.sessions;
  assertEquals(first?.closeCode !== undefined, true);
  const instructions = JSON.stringify(second?.setup?.systemInstruction);
  assertStringIncludes(instructions, "Caller: I am called Ada");
  assertStringIncludes(instructions, AGENT_LINES.greeting);
  assertEquals(second?.texts.map(({ text }) => text), ["What am I called?"]);
});

const REFUSED: readonly [
  name: string,
  message: unknown,
  code: string,
  field: string | undefined,
][] = [
  ["no JSON", "{", "json-invalid", undefined],
  ["no object", "[1]", "type-unknown", "type"],
  ["an unknown type", { type: "video" }, "type-unknown", "type"],
  ["no text", { type: "text" }, "message-invalid", "text"],
  ["empty text", { type: "message", data: { text: " " } }, "message-invalid", "data.text"],
  ["a foreign model", config({ model: "gpt-9" }), "model-not-allowed", "data.model"],
  ["an unknown voice", config({ voice: "Ghost" }), "voice-unknown", "data.voice"],
  ["an unknown agent", config({ agent: "nobody" }), "agent-unknown", "data.agent"],
  ["no modality", modalities([]), "modalities-impossible", MODALITIES],
  ["another modality", modalities(["TEXT", "IMAGE"]), "modalities-impossible", MODALITIES],
  [
    "a wrong number",
    config({ generation_config: { temperature: 3 } }),
    "message-invalid",
    "data.generation_config.temperature",
  ],
  ["an unknown wish", config({ colour: "red" }), "message-invalid", "data"],
  ["a used token", config({ resume_token: "0".repeat(32) }), "resume-unknown", "data.resume_token"],
];

Deno.test("what cannot be taken is answered with an error that names the field, and the client stays [doc W18 W42]", async () => {
  await using rig = await SocketRig.start();
  await using client = await GatewayClient.open(rig.url);
  await client.next({ type: "system", state: "flowing" });
  for (const [name, message, code, field] of REFUSED) {
    client.say(message);
    const error = await client.next({ type: "error" });
    assertEquals([error.code, error.field], [code, field], name);
    assert(String(error.message).startsWith("Cannot "), name);
  }
  client.say({ type: "text", text: "Still here" });
  await client.next({ type: "system", state: "turn-complete" });
  assertEquals(rig.model.connects, 1);
});

Deno.test("keys that could change prototypes are refused, and names of fields are in no log [D06]", async () => {
  await using rig = await SocketRig.start();
  await using client = await GatewayClient.open(rig.url);
  const names = ["__proto__", "constructor", "a\\r\\nb", "\\u001b[31mred"];
  for (const name of names) {
    client.say(`{"type":"text","text":"x","${name}":{"polluted":1}}`);
    client.say(`{"type":"config","data":{"${name}":{"polluted":1}}}`);
    for (let n = 0; n < 2; n++) {
      const { message } = await client.next({ type: "error", code: "message-invalid" });
      assertEquals(/\p{Cc}/u.test(String(message)), false);
    }
  }
  assertEquals("polluted" in {}, false);
  assertEquals(rig.logged.filter((line) => /polluted|red/.test(line)), []);
});

function config(data: unknown): unknown {
  return { type: "config", data };
}

function modalities(response_modalities: readonly string[]): unknown {
  return config({ generation_config: { response_modalities } });
}
