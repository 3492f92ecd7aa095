import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { startGeminiLive } from "../../emulators/gemini_live.ts";
import { GeminiClient, PATH, SETUP } from "./gemini_client.ts";

const clock = systemClock;

const GOOD_PATHS = [
  PATH,
  `/${PATH}`,
  PATH.replace("v1beta", "v1alpha"),
  `${PATH}Constrained`,
];

for (const path of GOOD_PATHS) {
  Deno.test(`startGeminiLive() sets up when the path is ${path}`, async () => {
    await using emulator = await startGeminiLive({ clock });
    const client = await GeminiClient.connect(emulator.url, { path: `${path}?key=any` });
    client.send({ setup: SETUP });
    await client.next((message) => message.setupComplete);
    assertEquals(client.socket.extensions, "");
    assertEquals((await client.close()).code, 1005);
    assertEquals(emulator.sessions[0]?.path, path);
    assertEquals(emulator.sessions[0]?.violations, []);
  });
}

for (const path of ["/", PATH.replace("v1beta", "v1"), PATH.replace("Content", "Nothing")]) {
  Deno.test(`startGeminiLive() refuses the upgrade when the path is ${path}`, async () => {
    await using emulator = await startGeminiLive({ clock });
    const client = await GeminiClient.connect(emulator.url, { path: `${path}?key=any` });
    assertEquals((await client.closed).code, 1006);
    assertEquals([emulator.connects, emulator.sessions.length], [1, 0]);
  });
}

Deno.test("startGeminiLive() takes the key when it comes as a header", async () => {
  await using emulator = await startGeminiLive({ clock });
  const headers = { "x-goog-api-key": "any" };
  const client = await GeminiClient.connect(emulator.url, { path: PATH, headers });
  client.send({ setup: SETUP });
  await client.next((message) => message.setupComplete);
  await client.close();
});

Deno.test("startGeminiLive() closes 1008 when there is no key", async () => {
  await using emulator = await startGeminiLive({ clock });
  const client = await GeminiClient.connect(emulator.url, { path: PATH });
  client.send({ setup: SETUP });
  const { code, reason } = await client.closed;
  assertEquals(code, 1008);
  assertStringIncludes(reason, "Method doesn't allow unregistered callers");
});

Deno.test("startGeminiLive() closes 1007 after setup when the key is bad", async () => {
  await using emulator = await startGeminiLive({ clock, badKey: "bad" });
  const client = await GeminiClient.connect(emulator.url, { path: `/${PATH}?key=bad` });
  client.send({ setup: SETUP });
  const reason = "API key not valid. Please pass a valid API key.";
  assertEquals(await client.closed, { code: 1007, reason });
});

for (const framing of ["binary", "text"] as const) {
  Deno.test(`startGeminiLive() sends indented JSON when framing is ${framing}`, async () => {
    await using emulator = await startGeminiLive({ clock, framing });
    const client = await GeminiClient.ready(emulator.url);
    await client.close();
    assertEquals(client.frames[0]?.isBinary, framing === "binary");
    assertEquals(client.frames[0]?.text, '{\n  "setupComplete": {}\n}\n');
    assertEquals(client.frames[0]?.text.length, 26);
  });
}

Deno.test("startGeminiLive() reads a setup when its names are in snake_case", async () => {
  await using emulator = await startGeminiLive({ clock });
  const client = await GeminiClient.ready(emulator.url, {
    model: "models/gemini-3.8-live",
    generation_config: { response_modalities: ["AUDIO"] },
    realtime_input_config: { automatic_activity_detection: { disabled: true } },
    context_window_compression: {
      trigger_tokens: "8000",
      sliding_window: { target_tokens: "4000" },
    },
  });
  await client.close();
  assertEquals(emulator.sessions[0]?.setup?.contextWindowCompression, {
    triggerTokens: "8000",
    slidingWindow: { targetTokens: "4000" },
  });
});

/** What is changed in a good setup, and how the socket closes. */
const REFUSED: { why: string; setup: Record<string, unknown>; code?: number; reason: RegExp }[] = [
  {
    why: "a name is unknown",
    setup: { toolConfig: {} },
    reason:
      /^Invalid JSON payload received\. Unknown name "toolConfig" at 'setup': Cannot find field\.$/,
  },
  {
    why: "a name further down is unknown",
    setup: { generationConfig: { responseModalities: ["AUDIO"], stopSequences: [] } },
    reason: /Unknown name "stopSequences" at 'setup\.generation_config': Cannot find field\.$/,
  },
  {
    why: "a name in a list is unknown",
    setup: { tools: [{ functionDeclarations: [{ name: "f", strict: true }] }] },
    reason: /Unknown name "strict" at 'setup\.tools\[0\]\.function_declarations\[0\]'/,
  },
  {
    why: "a name belongs to Vertex AI",
    setup: { sessionResumption: { transparent: true } },
    reason: /Unknown name "transparent" at 'setup\.session_resumption'/,
  },
  {
    why: "the model is unknown",
    setup: { model: "models/gemini-2.5-flash" },
    code: 1008,
    reason:
      /^models\/gemini-2\.5-flash is not found for API version v1beta, or is not supported for bidi/,
  },
  {
    why: "the model has no prefix",
    setup: { model: "gemini-3.8-live" },
    code: 1008,
    reason: /is not found/,
  },
  {
    why: "two modalities are asked for",
    setup: { generationConfig: { responseModalities: ["AUDIO", "TEXT"] } },
    reason: /^The requested combination of response modalities \(AUDIO, TEXT\) is not supported$/,
  },
  {
    why: "text is asked for",
    setup: { generationConfig: { responseModalities: ["TEXT"] } },
    reason: /^The requested combination of response modalities \(TEXT\) is not supported$/,
  },
  { why: "no modality is asked for", setup: { generationConfig: {} }, reason: /combination/ },
  {
    why: "3.8 is asked to think",
    setup: {
      generationConfig: { responseModalities: ["AUDIO"], thinkingConfig: { thinkingLevel: "LOW" } },
    },
    reason: /^Thinking level is not supported for this model$/,
  },
  {
    why: "3.8 is asked to be affective",
    setup: { generationConfig: { responseModalities: ["AUDIO"], enableAffectiveDialog: true } },
    reason: /^Request contains an invalid argument\.$/,
  },
  {
    why: "3.8 is forbidden to stay silent",
    setup: { proactivity: { proactiveAudio: false } },
    reason: /^Request contains an invalid argument\.$/,
  },
  {
    why: "a language is forced on 2.5",
    setup: {
      model: "models/gemini-2.5-flash-native-audio-latest",
      generationConfig: { responseModalities: ["AUDIO"], speechConfig: { languageCode: "es" } },
    },
    reason: /^Unsupported language code 'es'$/,
  },
  {
    why: "there is no such voice",
    setup: {
      generationConfig: {
        responseModalities: ["AUDIO"],
        speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "kore" } } },
      },
    },
    reason: /invalid argument/,
  },
  {
    why: "a sensitivity does not exist",
    setup: {
      realtimeInputConfig: {
        automaticActivityDetection: { startOfSpeechSensitivity: "START_SENSITIVITY_MEDIUM" },
      },
    },
    reason: /invalid argument/,
  },
  {
    why: "an int64 is no number",
    setup: { contextWindowCompression: { triggerTokens: "many" } },
    reason: /invalid argument/,
  },
  ...["", null, "foreign"].map((handle) => ({
    why: `the handle is ${JSON.stringify(handle)}`,
    setup: { sessionResumption: { handle } },
    reason: /^Invalid session handle$/,
  })),
];

for (const { why, setup, code = 1007, reason } of REFUSED) {
  Deno.test(`startGeminiLive() closes ${code} when ${why}`, async () => {
    await using emulator = await startGeminiLive({ clock });
    const client = await GeminiClient.connect(emulator.url);
    client.send({ setup: { ...SETUP, ...setup } });
    const closed = await client.closed;
    assertEquals(closed.code, code);
    assertMatch(closed.reason, reason);
    assertEquals(client.received, []);
    assertEquals(emulator.sessions[0]?.violations.length, 1);
    assertEquals(emulator.sessions[0]?.closeCode, code);
  });
}

Deno.test("startGeminiLive() lets 3.8 with extended thinking be told how much to think", async () => {
  await using emulator = await startGeminiLive({ clock });
  const client = await GeminiClient.ready(emulator.url, {
    ...SETUP,
    model: "models/gemini-3.8-live-extended-thinking",
    generationConfig: { responseModalities: ["AUDIO"], thinkingConfig: { thinkingLevel: "LOW" } },
  });
  await client.close();
  assertEquals(emulator.sessions[0]?.violations, []);
});

/** First frames that are no setup. */
const NO_SETUP: { why: string; frame: unknown }[] = [
  { why: "something else comes first", frame: { realtimeInput: { activityStart: {} } } },
  { why: "a frame is not JSON", frame: "hello" },
  { why: "a frame is binary", frame: new TextEncoder().encode(JSON.stringify({ setup: SETUP })) },
  { why: "a message is empty", frame: {} },
  { why: "a message holds two fields", frame: { setup: SETUP, realtimeInput: { text: "hi" } } },
  { why: "a message is unknown", frame: { config: {} } },
];

for (const { why, frame } of NO_SETUP) {
  Deno.test(`startGeminiLive() closes 1007 when ${why}`, async () => {
    await using emulator = await startGeminiLive({ clock });
    const client = await GeminiClient.connect(emulator.url);
    client.send(frame);
    assertEquals((await client.closed).code, 1007);
    assertEquals(emulator.sessions[0]?.violations.length, 1);
  });
}

Deno.test("startGeminiLive() closes 1007 when setup comes twice", async () => {
  await using emulator = await startGeminiLive({ clock });
  const client = await GeminiClient.ready(emulator.url);
  client.send({ setup: SETUP });
  assertEquals((await client.closed).code, 1007);
  assertStringIncludes(emulator.sessions[0]?.violations[0] ?? "", "only once");
});

Deno.test("startGeminiLive() closes 1007 when anything comes before setupComplete", async () => {
  const faults = [{ type: "delay-setup", when: { at: "setup" }, ms: 60_000 }] as const;
  await using emulator = await startGeminiLive({ clock, script: { answers: [], faults } });
  const client = await GeminiClient.connect(emulator.url);
  client.send({ setup: SETUP });
  client.send({ realtimeInput: { activityStart: {} } });
  assertEquals(await client.closed, { code: 1007, reason: "Precondition check failed" });
});
