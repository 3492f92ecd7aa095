/** Whole conversations of clients over real sockets; the model is the emulator. */
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { convertRate } from "../../audio/file_to_pcm.ts";
import { AGENT_LINES, agentLine, callerLine } from "../../emulators/speech.ts";
import { SocketRig, until } from "../support/socket_call.ts";
import { GatewayClient } from "./gateway_client.ts";

const GREETING = AGENT_LINES.greeting;

Deno.test("a client connects, the model connects, the defaults hold, messages flow, either side closes [doc W01 W02 W05 W17 W36 W46]", async () => {
  await using rig = await SocketRig.start();
  const client = await GatewayClient.open(rig.url);
  const { applied, resumeToken } = await client.next({ type: "system", state: "configured" });
  await client.next({ type: "system", state: "flowing" });
  assertEquals(client.told[0], {
    type: "system",
    state: "client-connected",
    message: "Connected to Offhook",
    protocolVersion: 1,
  });
  assertEquals(client.states, [
    "client-connected",
    "model-connecting",
    "model-connected",
    "configured",
    "flowing",
  ]);
  assertEquals(client.told[2]?.message, "Connected to Gemini Live");
  assertEquals(applied, {
    agent: "default",
    model: "gemini-3.8-live",
    voice: "Kore",
    modalities: ["TEXT", "AUDIO"],
    modelModality: "AUDIO",
  });
  assertEquals(String(resumeToken).length, 32);
  assertEquals(client.told.filter(({ type }) => type === "config_success"), []);
  await client.close();
  await until(() => rig.model.sessions[0]?.closeCode !== undefined, "the model is left [doc W31]");
});

Deno.test("`message` and `text` are answered with text and audio, in exactly these fields [doc W03 W04 W11 W12 W15 W16 W32 W33 W42]", async () => {
  await using rig = await SocketRig.start();
  await using client = await GatewayClient.open(rig.url);
  client.say({ type: "message", data: { text: "Good evening" } });
  await client.next({ type: "system", state: "turn-complete" });
  assertEquals(client.text.trim(), GREETING);
  assertEquals(client.samples, agentLine("greeting").pcm24k.length);
  const audio = client.told.find(({ type }) => type === "audio");
  assertEquals(Object.keys(audio ?? {}), ["type", "data", "format", "sampleRate"]);
  assertEquals([audio?.format, audio?.sampleRate], ["pcm16", 24_000]);
  client.say({ type: "text", text: "Once more" });
  await client.next({ type: "system", state: "turn-complete" });
  assertEquals(client.samples, 2 * agentLine("greeting").pcm24k.length);
  const [session] = rig.model.sessions;
  assertEquals(session?.texts.map(({ text, asksForAnswer }) => [text, asksForAnswer]), [
    ["Good evening", true],
    ["Once more", true],
  ]);
  assertEquals(session?.violations, []);
});

Deno.test("what a client says is found in its audio and answered, at 16 kHz and at other rates [doc W13 W14]", async () => {
  await using rig = await SocketRig.start();
  const { pcm16k, text } = callerLine("table");
  for (const hz of [undefined, 48_000, 24_000, 44_100, 8_000]) {
    await using client = await GatewayClient.open(rig.url);
    const said = withSilence(pcm16k);
    client.speak(hz === undefined ? said : convertRate(said, { fromHz: 16_000, toHz: hz }), hz);
    await client.next({ type: "system", state: "turn-complete" });
    assertEquals(client.heard.trim(), text, `${hz} Hz`);
    assertEquals(client.text.trim(), AGENT_LINES["which-day"], `${hz} Hz`);
    const begun = client.states.indexOf("speech-started");
    assertGreater(client.states.indexOf("speech-ended"), begun);
  }
  for (const session of rig.model.sessions) {
    assertEquals([session.windows.length, session.droppedAudioBytes], [1, 0]);
    assertEquals(session.violations, []);
  }
});

Deno.test("a client that stops to send audio has finished, without silence behind it [doc W42]", async () => {
  await using rig = await SocketRig.start();
  await using client = await GatewayClient.open(rig.url);
  client.speak(callerLine("table").pcm16k.subarray(0, 24_000));
  await client.next({ type: "system", state: "speech-started" });
  await client.next({ type: "system", state: "speech-ended" });
  await client.next({ type: "system", state: "turn-complete" });
});

Deno.test("text ends the turn that is being spoken, and belongs to it [doc W42]", async () => {
  await using rig = await SocketRig.start();
  await using client = await GatewayClient.open(rig.url);
  client.speak(callerLine("table").pcm16k);
  client.say({ type: "text", text: "and a high chair" });
  await client.next({ type: "system", state: "speech-ended" });
  await client.next({ type: "system", state: "turn-complete" });
  const [session] = rig.model.sessions;
  assertEquals(session?.texts.map(({ text, by, asksForAnswer }) => [text, by, asksForAnswer]), [
    ["and a high chair", "realtime-input", false],
  ]);
  assertEquals([session?.windows.length, session?.violations], [1, []]);
});

Deno.test("a client that speaks during an answer stops it, and hears no more of it [doc W01]", async () => {
  const delivery = { pace: 1, lateAudioMs: 300 };
  await using rig = await SocketRig.start({
    model: { script: { answers: () => agentAnswer("by-the-window"), delivery } },
  });
  await using client = await GatewayClient.open(rig.url);
  client.say({ type: "text", text: "Where can we sit?" });
  await client.next({ type: "audio" });
  client.speak(callerLine("stop").pcm16k);
  await client.next({ type: "system", state: "speech-started" });
  const samples = client.samples;
  await client.next({ type: "system", state: "interrupted" });
  assertEquals(client.samples, samples);
  assert(samples < agentLine("by-the-window").pcm24k.length);
  assertEquals(rig.model.sessions[0]?.violations, []);
});

Deno.test("pictures go along with the next turn, spoken or written [doc W03]", async () => {
  await using rig = await SocketRig.start();
  await using client = await GatewayClient.open(rig.url);
  const picture = new Uint8Array(300_004);
  picture.set([0xff, 0xd8, 0xff, 0xe0]);
  const data = picture.toBase64();
  client.say({ type: "image", data, mimeType: "image/jpeg" });
  client.speak(withSilence(callerLine("table").pcm16k));
  await client.next({ type: "system", state: "turn-complete" });
  client.say({ type: "image", data: Uint8Array.of(0x89, 0x50, 0x4e, 0x47).toBase64() });
  client.say({ type: "text", text: "What is this?" });
  await client.next({ type: "system", state: "turn-complete" });
  const [session] = rig.model.sessions;
  assertEquals(session?.pictures, [
    { mimeType: "image/jpeg", bytes: 300_004, isInWindow: true },
    { mimeType: "image/png", bytes: 4, isInWindow: false },
  ]);
  assertEquals(session?.violations, []);
});

Deno.test("two clients do not hear one another", async () => {
  await using rig = await SocketRig.start();
  await using one = await GatewayClient.open(rig.url);
  await using other = await GatewayClient.open(rig.url);
  one.say({ type: "text", text: "Hello" });
  await one.next({ type: "system", state: "turn-complete" });
  await other.next({ type: "system", state: "flowing" });
  assertEquals(other.text, "");
  assertStringIncludes(one.text, GREETING);
});

/** A second of silence behind it. */
function withSilence(pcm16k: Int16Array): Int16Array {
  const samples = new Int16Array(pcm16k.length + 16_000);
  samples.set(pcm16k);
  return samples;
}

function agentAnswer(name: Parameters<typeof agentLine>[0]) {
  const { text, pcm24k } = agentLine(name);
  return { text, pcm: pcm24k };
}
