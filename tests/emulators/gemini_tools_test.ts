import { assertEquals, assertStringIncludes } from "@std/assert";
import { startGeminiLive } from "../../emulators/gemini_live.ts";
import type { Delivery, ModelScript } from "../../emulators/model_script.ts";
import { GeminiClient, scaledClock, SETUP, tone } from "./gemini_client.ts";

const clock = scaledClock(10);
const AFTERWARDS = { text: "It is done.", pcm: tone(200, 24_000) };
const CALLS = [{ name: "book", args: { seats: 4 } }, { name: "note", args: {} }];

function script(delivery: Partial<Delivery> = {}): ModelScript {
  const answers = [{ ...AFTERWARDS, calls: CALLS }, AFTERWARDS];
  return { answers, hear: () => "Go on.", delivery: { thinkMs: 20, ...delivery } };
}

function response(id: string, more: Record<string, unknown> = {}): unknown {
  const functionResponse = { id, name: "book", response: { output: "ok" }, ...more };
  return { toolResponse: { functionResponses: [functionResponse] } };
}

Deno.test("startGeminiLive() calls functions, waits for every response, then speaks", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const client = await GeminiClient.ready(emulator.url);
  client.speak(tone(100, 16_000));
  const { functionCalls } = await client.next((m) => m.toolCall);
  assertEquals(functionCalls, [
    { id: "fc_1", name: "book", args: { seats: 4 } },
    { id: "fc_2", name: "note", args: {} },
  ]);
  client.send(response("fc_2", { name: "note" }));
  client.send(response("fc_1", { willContinue: true }));
  client.send(response("fc_1", { scheduling: "INTERRUPT" }));
  await client.turnComplete();
  await client.close();
  assertEquals(client.story, [
    ...["inputTranscription", "toolCall", "audio", "generationComplete", "turnComplete"],
  ]);
  assertEquals(client.heard, AFTERWARDS.pcm);
  const [session] = emulator.sessions;
  assertEquals(session?.toolResponses.map(({ id }) => id), ["fc_2", "fc_1", "fc_1"]);
  assertEquals(session?.violations, []);
});

Deno.test("startGeminiLive() completes the turn that calls functions when told to", async () => {
  const delivery = { completesToolTurn: true, heartbeats: true };
  await using emulator = await startGeminiLive({ clock, script: script(delivery) });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  const { functionCalls } = await client.next((m) => m.toolCall);
  for (const { id } of functionCalls) client.send(response(id));
  await client.turnComplete();
  await client.turnComplete();
  await client.close();
  assertEquals(client.story, [
    ...["empty", "toolCall", "generationComplete", "turnComplete"],
    ...["empty", "audio", "generationComplete", "turnComplete"],
  ]);
});

Deno.test("startGeminiLive() cancels open calls when the caller breaks in, and lets a late response pass", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  await client.next((m) => m.toolCall);
  client.send(response("fc_1"));
  client.speak(tone(100, 16_000));
  const { ids } = await client.next((m) => m.toolCallCancellation);
  assertEquals(ids, ["fc_2"]);
  client.send(response("fc_2"));
  await client.turnComplete();
  await client.turnComplete();
  await client.close();
  assertEquals(client.story, [
    ...["toolCall", "interrupted", "toolCallCancellation", "turnComplete"],
    ...["inputTranscription", "audio", "generationComplete", "turnComplete"],
  ]);
  const [session] = emulator.sessions;
  assertEquals(session?.violations, []);
  assertEquals(session?.sent.map(({ outcome }) => outcome), ["interrupted", "complete"]);
});

Deno.test("startGeminiLive() closes 1007 when a call is answered twice", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  await client.next((m) => m.toolCall);
  client.send(response("fc_1"));
  client.send(response("fc_1"));
  assertEquals((await client.closed).code, 1007);
  assertStringIncludes(emulator.sessions[0]?.violations[0] ?? "", "no such function call is open");
});

Deno.test("startGeminiLive() closes 1007 when extended thinking is told how to schedule", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const model = "models/gemini-3.8-live-extended-thinking";
  const client = await GeminiClient.ready(emulator.url, { ...SETUP, model });
  client.write("Begin.");
  await client.next((m) => m.toolCall);
  client.send(response("fc_1", { scheduling: "WHEN_IDLE" }));
  assertEquals(await client.closed, {
    code: 1007,
    reason: "Function response scheduling is not supported for this model",
  });
});

Deno.test("startGeminiLive() closes 1008 when audio comes while a blocking call is pending [F06]", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const tools = [{ functionDeclarations: [{ name: "book", behavior: "BLOCKING" }] }];
  const client = await GeminiClient.ready(emulator.url, { ...SETUP, tools });
  client.write("Begin.");
  await client.next((m) => m.toolCall);
  const data = new Uint8Array(640).toBase64();
  client.send({ realtimeInput: { audio: { data, mimeType: "audio/pcm;rate=16000" } } });
  assertEquals((await client.closed).code, 1008);
});

Deno.test("startGeminiLive() refuses what a family does not do with functions", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const refused = [
    ["models/gemini-3.1-flash-live-preview", "NON_BLOCKING"],
    ["models/gemini-3.8-live-extended-thinking", "BLOCKING"],
  ];
  for (const [model, behavior] of refused) {
    const tools = [{ functionDeclarations: [{ name: "book", behavior }] }];
    const client = await GeminiClient.connect(emulator.url);
    client.send({ setup: { ...SETUP, model, tools } });
    assertEquals((await client.closed).code, 1007);
  }
});

Deno.test("startGeminiLive() keeps new instructions when they come", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const client = await GeminiClient.ready(emulator.url);
  const systemInstruction = { role: "user", parts: [{ text: "Be brief." }] };
  client.send({ contextUpdate: { systemInstruction } });
  client.write("Begin.");
  await client.next((m) => m.toolCall);
  await client.close();
  assertEquals(emulator.sessions[0]?.contextUpdates, [{ systemInstruction }]);
});
