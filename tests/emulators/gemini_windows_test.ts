import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { startGeminiLive } from "../../emulators/gemini_live.ts";
import type { Fault, ModelScript } from "../../emulators/model_script.ts";
import { audio, GeminiClient, SETUP, tone } from "./gemini_client.ts";

const clock = systemClock;
const START = { realtimeInput: { activityStart: {} } };
const END = { realtimeInput: { activityEnd: {} } };
const TEXT = { realtimeInput: { text: "hello" } };
const FRAME = tone(20, 16_000);

/** Answers every turn with a word in writing, at once. */
function script(faults: readonly Fault[] = []): ModelScript {
  return {
    answers: () => ({ text: "yes", pcm: new Int16Array() }),
    hear: () => "something",
    delivery: { thinkMs: 0 },
    faults,
  };
}

function audioOf(data: string, mimeType = "audio/pcm;rate=16000"): unknown {
  return { realtimeInput: { audio: { data, mimeType } } };
}

Deno.test("startGeminiLive() hears what is in windows, and drops what is outside", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const client = await GeminiClient.ready(emulator.url);
  const said = tone(1_000, 16_000);
  client.sendAudio(FRAME);
  client.speak(said);
  client.sendAudio(FRAME);
  await client.turnComplete();
  client.speak(FRAME);
  await client.turnComplete();
  await client.close();
  const [session] = emulator.sessions;
  assertEquals(session?.violations, []);
  assertEquals(session?.droppedAudioBytes, 2 * 640);
  assertEquals(session?.windows.map(({ pcm }) => pcm), [said, FRAME]);
  for (const { startedAtMs, endedAtMs = 0 } of session?.windows ?? []) {
    assert(endedAtMs >= startedAtMs && startedAtMs > 0);
  }
});

/** What is sent after setup, and which rule it breaks. */
const REFUSED: { why: string; frames: unknown[]; detail: string }[] = [
  { why: "a window is empty", frames: [START, END], detail: "empty window" },
  { why: "a window has no samples", frames: [START, audioOf(""), END], detail: "empty window" },
  { why: "text comes first in a window", frames: [START, TEXT], detail: "text before audio" },
  {
    why: "video comes first in a window",
    frames: [START, { realtimeInput: { video: { data: "", mimeType: "image/jpeg" } } }],
    detail: "video before audio",
  },
  { why: "a window is opened twice", frames: [START, audio(FRAME), START], detail: "open window" },
  { why: "no window was opened", frames: [END], detail: "without activityStart" },
  { why: "a window is closed twice", frames: [START, audio(FRAME), END, END], detail: "without" },
];

for (const { why, frames, detail } of REFUSED) {
  Deno.test(`startGeminiLive() closes 1007 when ${why}`, async () => {
    await using emulator = await startGeminiLive({ clock, script: script() });
    const client = await GeminiClient.ready(emulator.url);
    for (const frame of frames) client.send(frame);
    assertEquals(await client.closed, { code: 1007, reason: "Precondition check failed" });
    assertEquals(emulator.sessions[0]?.violations.length, 1);
    assertStringIncludes(emulator.sessions[0]?.violations[0] ?? "", detail);
  });
}

/** Frames that are wrong at any time, and what is wrong with them. */
const WRONG: { why: string; frame: unknown; detail: string }[] = [
  { why: "audio has no rate", frame: audioOf("AAA=", "audio/pcm"), detail: "type of audio" },
  { why: "audio is a WAV", frame: audioOf("AAA=", "audio/wav"), detail: "type of audio" },
  { why: "audio has half a sample", frame: audioOf("AAAA"), detail: "half a sample" },
  { why: "audio is not base64", frame: audioOf("a%b="), detail: "not base64" },
  { why: "base64 is not padded", frame: audioOf("AAA"), detail: "not base64" },
  { why: "base64 holds white space", frame: audioOf("AA\nA="), detail: "not base64" },
  { why: "audio has no data", frame: { realtimeInput: { audio: {} } }, detail: "audio.data" },
  {
    why: "realtime input holds two fields",
    frame: { realtimeInput: { activityStart: {}, activityEnd: {} } },
    detail: "exactly one field",
  },
  { why: "realtime input is empty", frame: { realtimeInput: {} }, detail: "exactly one field" },
  {
    why: "a marker has content",
    frame: { realtimeInput: { activityStart: { at: 1 } } },
    detail: `Unknown name "at" at 'realtime_input.activity_start'`,
  },
  {
    why: "content is said by the system",
    frame: { clientContent: { turns: [{ role: "system", parts: [{ text: "x" }] }] } },
    detail: "role",
  },
  {
    why: "the model is to answer itself",
    frame: {
      clientContent: { turns: [{ role: "model", parts: [{ text: "x" }] }], turnComplete: true },
    },
    detail: "ends with the user",
  },
  {
    why: "a response has no name",
    frame: { toolResponse: { functionResponses: [{ id: "fc_1", response: {} }] } },
    detail: "tool_response.function_responses[0].name",
  },
  {
    why: "a response has no object",
    frame: { toolResponse: { functionResponses: [{ id: "fc_1", name: "f", response: "ok" }] } },
    detail: "function_responses[0].response",
  },
  {
    why: "nobody asked for a response",
    frame: { toolResponse: { functionResponses: [{ id: "fc_1", name: "f", response: {} }] } },
    detail: "no such function call is open",
  },
];

for (const { why, frame, detail } of WRONG) {
  Deno.test(`startGeminiLive() closes 1007 when ${why}`, async () => {
    await using emulator = await startGeminiLive({ clock, script: script() });
    const client = await GeminiClient.ready(emulator.url);
    client.send(frame);
    assertEquals((await client.closed).code, 1007);
    assertEquals(emulator.sessions[0]?.violations.length, 1);
    assertStringIncludes(emulator.sessions[0]?.violations[0] ?? "", detail);
  });
}

for (const frame of [START, END]) {
  const marker = Object.keys(frame.realtimeInput)[0];
  Deno.test(`startGeminiLive() closes 1007 when ${marker} comes in automatic mode`, async () => {
    await using emulator = await startGeminiLive({ clock, script: script() });
    const client = await GeminiClient.ready(emulator.url, { ...SETUP, realtimeInputConfig: {} });
    client.send(frame);
    const { code, reason } = await client.closed;
    assertEquals(code, 1007);
    assertStringIncludes(reason, "Explicit activity control is not supported when automatic");
  });
}

Deno.test("startGeminiLive() ignores mediaChunks when the model is 3.8, and writes it down", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const client = await GeminiClient.ready(emulator.url);
  client.send(START);
  client.send({ realtimeInput: { mediaChunks: [{ data: "AAA=", mimeType: "audio/pcm" }] } });
  client.sendAudio(FRAME);
  client.send(END);
  await client.turnComplete();
  await client.close();
  assertEquals(emulator.sessions[0]?.windows[0]?.pcm, FRAME);
  assertEquals(emulator.sessions[0]?.violations.length, 1);
});

Deno.test("startGeminiLive() closes 1007 when mediaChunks come and the model is 3.1", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const model = "models/gemini-3.1-flash-live-preview";
  const client = await GeminiClient.ready(emulator.url, { ...SETUP, model });
  client.send({ realtimeInput: { mediaChunks: [{ data: "AAA=", mimeType: "audio/pcm" }] } });
  const reason = "realtime_input.media_chunks is deprecated. Use audio, video, or text instead.";
  assertEquals(await client.closed, { code: 1007, reason });
});

Deno.test("startGeminiLive() adds text to the turn when it follows audio in a window", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const client = await GeminiClient.ready(emulator.url);
  client.send(START);
  client.sendAudio(FRAME);
  client.send(TEXT);
  client.send(END);
  await client.turnComplete();
  await client.close();
  const [session] = emulator.sessions;
  assertEquals(session?.violations, []);
  assertEquals(session?.texts.map(({ text, asksForAnswer }) => [text, asksForAnswer]), [
    ["hello", false],
  ]);
  assertEquals(session?.sent.length, 1);
});

Deno.test("startGeminiLive() loses an activityStart when it follows too soon and is told to", async () => {
  const faults: Fault[] = [{ type: "lose-start", when: { at: "ready" }, withinMs: 60_000 }];
  await using emulator = await startGeminiLive({ clock, script: script(faults) });
  const client = await GeminiClient.ready(emulator.url);
  client.speak(FRAME);
  client.speak(FRAME);
  client.send(TEXT);
  await client.turnComplete();
  await client.turnComplete();
  await client.close();
  const [session] = emulator.sessions;
  assertEquals(session?.violations, []);
  assertEquals(session?.windows.length, 1);
  assertEquals(session?.droppedAudioBytes, 640);
  assertEquals(session?.sent.map(({ turn }) => turn), [0, 1]);
});
