import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ActivityDetector, type Detected } from "../../emulators/gemini_detection.ts";
import { startGeminiLive } from "../../emulators/gemini_live.ts";
import type { Delivery, ModelScript } from "../../emulators/model_script.ts";
import { systemClock } from "../../lib/clock.ts";
import { assertBetween, GeminiClient, SETUP, tone } from "./gemini_client.ts";

const clock = systemClock;
const QUIET = new Int16Array(16_000);
const NUMBERS = { prefixPaddingMs: 40, silenceDurationMs: 200 };
const SPOKEN = tone(500, 16_000);

function setupOf(numbers: Record<string, unknown> = NUMBERS, more: Record<string, unknown> = {}) {
  const automaticActivityDetection = { disabled: false, ...numbers };
  return { ...SETUP, ...more, realtimeInputConfig: { automaticActivityDetection } };
}

function script(delivery: Partial<Delivery> = {}): ModelScript {
  return {
    answers: () => ({ text: "yes", pcm: tone(800, 24_000) }),
    hear: () => "something",
    delivery: { thinkMs: 0, pace: 50, ...delivery },
  };
}

function joined(...parts: Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

/** What is found, with lengths in place of sound. */
function found(detector: ActivityDetector, pcm: Int16Array, chunk = 320): unknown[] {
  const all: Detected[] = [];
  for (let at = 0; at < pcm.length; at += chunk) {
    all.push(...detector.hear(pcm.slice(at, at + chunk)));
  }
  return all.map((one) =>
    one.type === "began" ? ["began", one.atMs] : ["ended", one.atMs, one.pcm.length / 16]
  );
}

Deno.test("ActivityDetector believes in speech after the padding, and in its end after the silence", () => {
  const pcm = joined(QUIET, SPOKEN, QUIET);
  const expected = [["began", 1_040], ["ended", 1_700, 700]];
  for (const chunk of [1, 160, 320, 777, pcm.length]) {
    assertEquals(found(new ActivityDetector(NUMBERS), pcm, chunk), expected);
  }
});

Deno.test("ActivityDetector takes no click for speech, and no short pause for an end", () => {
  const click = joined(QUIET, tone(30, 16_000), QUIET);
  assertEquals(found(new ActivityDetector(NUMBERS), click), []);
  const paused = joined(SPOKEN, QUIET.subarray(0, 190 * 16), SPOKEN, QUIET);
  assertEquals(found(new ActivityDetector(NUMBERS), paused).length, 2);
});

Deno.test("ActivityDetector hears softer speech, and ends sooner, the more readily it is told to", () => {
  const soft = (gain: number) => tone(500, 16_000).map((sample) => sample * gain);
  const numbers = (word: string) => ({
    ...NUMBERS,
    startOfSpeechSensitivity: `START_SENSITIVITY_${word}`,
    endOfSpeechSensitivity: `END_SENSITIVITY_${word}`,
  });
  // The whole tone is -15 dBFS: these are -39 and -43.
  const heardAt = (word: string | undefined, gain: number) => {
    const detector = new ActivityDetector(word === undefined ? NUMBERS : numbers(word));
    return found(detector, joined(soft(gain), QUIET)).length > 0;
  };
  assertEquals([heardAt("HIGH", 0.063), heardAt(undefined, 0.063), heardAt("LOW", 0.063)], [
    true,
    true,
    false,
  ]);
  assertEquals([heardAt("HIGH", 0.04), heardAt(undefined, 0.04)], [true, false]);
  // A tail at -48 dBFS is a pause to HIGH alone.
  const tail = joined(SPOKEN, soft(0.0225), soft(0.0225));
  assertEquals(found(new ActivityDetector(numbers("HIGH")), tail).length, 2);
  assertEquals(found(new ActivityDetector(numbers("LOW")), tail).length, 1);
});

Deno.test("startGeminiLive() finds turns itself, answers them and keeps the rest apart", async () => {
  await using emulator = await startGeminiLive({ clock, script: script({ tellsActivity: true }) });
  const client = await GeminiClient.ready(emulator.url, setupOf());
  client.sendAudio(joined(QUIET, SPOKEN, QUIET));
  await client.turnComplete();
  await client.close();
  const [session] = emulator.sessions;
  assertEquals(session?.violations, []);
  assertEquals(session?.windows.map(({ pcm }) => pcm.length / 16), [700]);
  assertEquals(session?.droppedAudioBytes, (2_500 - 700) * 32);
  assertEquals(client.story, [
    "voiceActivity",
    "inputTranscription",
    "audio",
    "generationComplete",
    "turnComplete",
  ]);
  const told = client.received.flatMap(({ voiceActivity }) => voiceActivity ?? []);
  assertEquals(told, [
    { type: "ACTIVITY_START", audioOffset: "1.04s" },
    { type: "ACTIVITY_END", audioOffset: "1.7s" },
  ]);
});

Deno.test("startGeminiLive() breaks an answer off when it finds the caller speaking, also in its assumed playback", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const client = await GeminiClient.ready(emulator.url, setupOf());
  client.write("hello");
  await client.next((message) => message.serverContent?.generationComplete);
  client.sendAudio(joined(SPOKEN, QUIET));
  await client.next((message) => message.serverContent?.interrupted);
  await client.turnComplete();
  await client.turnComplete();
  await client.close();
  const outcomes = emulator.sessions[0]?.sent.map(({ outcome }) => outcome);
  assertEquals(outcomes, ["interrupted", "complete"]);
});

Deno.test("startGeminiLive() lets an answer end, then takes the turn it found, when it may not interrupt", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const setup = setupOf();
  const realtimeInputConfig = { ...setup.realtimeInputConfig, activityHandling: "NO_INTERRUPTION" };
  const client = await GeminiClient.ready(emulator.url, { ...setup, realtimeInputConfig });
  const startedMs = clock.nowMs();
  client.write("hello");
  await client.next((message) => message.serverContent?.generationComplete);
  client.sendAudio(joined(SPOKEN, QUIET));
  await client.turnComplete();
  assertBetween(clock.nowMs() - startedMs, 790, 10_000);
  await client.turnComplete();
  await client.close();
  const outcomes = emulator.sessions[0]?.sent.map(({ outcome }) => outcome);
  assertEquals(outcomes, ["complete", "complete"]);
});

for (
  const [model, ends] of [["gemini-3.8-live", 0], ["gemini-3.1-flash-live-preview", 1]] as const
) {
  Deno.test(`startGeminiLive() ${ends ? "ends the turn" : "ignores it"} when audioStreamEnd comes and the model is ${model}`, async () => {
    await using emulator = await startGeminiLive({ clock, script: script() });
    const client = await GeminiClient.ready(
      emulator.url,
      setupOf(NUMBERS, { model: `models/${model}` }),
    );
    client.sendAudio(SPOKEN);
    client.send({ realtimeInput: { audioStreamEnd: true } });
    client.write("next");
    await client.turnComplete();
    if (ends) await client.turnComplete();
    await client.close();
    const [session] = emulator.sessions;
    assertEquals(session?.violations, []);
    assertEquals(session?.audioStreamEnds, 1);
    assertEquals(session?.sent.length, 1 + ends);
  });
}

Deno.test("startGeminiLive() writes down an audioStreamEnd where turns are marked", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const client = await GeminiClient.ready(emulator.url);
  client.send({ realtimeInput: { audioStreamEnd: true } });
  client.write("next");
  await client.turnComplete();
  await client.close();
  const [violation, ...others] = emulator.sessions[0]?.violations ?? [];
  assertStringIncludes(violation ?? "", "audioStreamEnd is ignored");
  assertEquals(others, []);
});

Deno.test("startGeminiLive() answers nothing that was not loud", async () => {
  await using emulator = await startGeminiLive({ clock, script: script() });
  const client = await GeminiClient.ready(emulator.url, setupOf());
  client.sendAudio(joined(QUIET, QUIET));
  client.write("next");
  await client.turnComplete();
  await client.close();
  const [session] = emulator.sessions;
  assertEquals(session?.windows, []);
  assert(session?.sent.length === 1);
});
