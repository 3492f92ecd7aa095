import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { startGeminiLive } from "../../emulators/gemini_live.ts";
import type { Answer, Delivery, ModelScript } from "../../emulators/model_script.ts";
import { assertBetween, GeminiClient, scaledClock, SETUP, tone } from "./gemini_client.ts";

/** Ten seconds of the emulator pass in one of ours. */
const SPEED = 10;
const clock = scaledClock(SPEED);
const SAID = tone(1_000, 16_000);
const SHORT: Answer = { text: "One two three four", pcm: tone(1_000, 24_000) };
const LONG: Answer = { text: "And so on and on", pcm: tone(20_000, 24_000) };

function script(answers: ModelScript["answers"], delivery: Partial<Delivery> = {}): ModelScript {
  return { answers, hear: () => "Is that so?", delivery: { thinkMs: 20, ...delivery } };
}

/** Messages of one kind, with the time of the emulator at which they came. */
function moments(client: GeminiClient, mark: string): number[] {
  return client.frames.filter(({ text }) => text.includes(mark)).map(({ atMs }) => atMs * SPEED);
}

Deno.test("startGeminiLive() answers faster than real time, and completes the turn when it was heard", async () => {
  const answer = { text: "One two three four", pcm: tone(5_000, 24_000) };
  await using emulator = await startGeminiLive({ clock, script: script([answer]) });
  const client = await GeminiClient.ready(emulator.url);
  client.speak(SAID);
  await client.turnComplete();
  await client.close();
  assertEquals(client.heard, answer.pcm);
  assertEquals(client.story, [
    ...["inputTranscription", "audio", "generationComplete", "turnComplete"],
  ]);
  const audio = moments(client, "inlineData");
  assertEquals(audio.length, 125);
  const [first = 0, last = 0] = [audio[0], audio.at(-1)];
  const [complete = 0] = moments(client, "turnComplete");
  assertBetween(last - first, 1_400, 4_000);
  assertBetween(complete - first, 4_900, 8_000);
  const [sent] = emulator.sessions[0]?.sent ?? [];
  assertEquals([sent?.outcome, sent?.turn, sent?.samplesSent], ["complete", 0, answer.pcm.length]);
  assertEquals([sent?.text, sent?.textSent], [answer.text, " One two three four"]);
});

Deno.test("startGeminiLive() sends words in step with the audio when they are bundled", async () => {
  await using emulator = await startGeminiLive({ clock, script: script([SHORT]) });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  await client.turnComplete();
  await client.close();
  const content = client.received.flatMap(({ serverContent }) => serverContent ?? []);
  const words = content.filter((c) => c.outputTranscription);
  assert(words.every((c) => c.modelTurn));
  assertEquals(words.map((c) => c.outputTranscription?.text), [" One", " two", " three", " four"]);
  const chunks = content.filter((c) => c.modelTurn);
  assertEquals(words.map((c) => chunks.indexOf(c)), [0, 6, 12, 18]);
});

Deno.test("startGeminiLive() sends words apart from the audio when told to", async () => {
  const delivery = { outputTranscription: "separate", inputTranscription: "after" } as const;
  await using emulator = await startGeminiLive({ clock, script: script([SHORT], delivery) });
  const client = await GeminiClient.ready(emulator.url);
  client.speak(SAID);
  await client.turnComplete();
  await client.close();
  assertEquals(client.story, [
    ...Array(4).fill(["outputTranscription", "audio"]).flat(),
    ...["generationComplete", "inputTranscription", "turnComplete"],
  ]);
});

Deno.test("startGeminiLive() tells the caller's words only when asked for", async () => {
  const { inputAudioTranscription: _, ...setup } = SETUP;
  await using emulator = await startGeminiLive({ clock, script: script([SHORT]) });
  const client = await GeminiClient.ready(emulator.url, setup);
  client.speak(SAID);
  await client.turnComplete();
  await client.close();
  assertEquals(client.story.includes("inputTranscription"), false);
});

Deno.test("startGeminiLive() sends what 3.1 sends besides when told to", async () => {
  const delivery = { heartbeats: true, strayUsage: true, transcribesText: true, chunkMs: 500 };
  const answer = { ...SHORT, thought: "Let me see." };
  await using emulator = await startGeminiLive({ clock, script: script([answer], delivery) });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  await client.turnComplete();
  await client.close();
  assertEquals(client.story, [
    ...["empty", "usageMetadata", "inputTranscription", "text", "audio"],
    ...["generationComplete", "turnComplete"],
  ]);
  assert(client.received.some((m) => m.serverContent?.modelTurn?.parts[0]?.thought));
});

Deno.test("startGeminiLive() writes when an answer has no sound, and says why when it has nothing", async () => {
  const pcm = new Int16Array();
  const answers = [{ text: "Hi", pcm }, { text: "", pcm, turnCompleteReason: "RESPONSE_REJECTED" }];
  await using emulator = await startGeminiLive({ clock, script: script(answers) });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  assertEquals((await client.turnComplete()).serverContent?.turnCompleteReason, undefined);
  client.write("Go on.");
  const { serverContent } = await client.turnComplete();
  assertEquals(serverContent, { turnComplete: true, turnCompleteReason: "RESPONSE_REJECTED" });
  await client.close();
  const parts = client.received.flatMap((m) => m.serverContent?.modelTurn?.parts ?? []);
  assertEquals(parts, [{ text: "Hi" }]);
});

Deno.test("startGeminiLive() stays silent when the script has no answer", async () => {
  await using emulator = await startGeminiLive({
    clock,
    script: script([undefined as never, SHORT]),
  });
  const client = await GeminiClient.ready(emulator.url);
  client.speak(SAID);
  client.write("Hello?");
  await client.turnComplete();
  await client.close();
  assertEquals(client.story, [
    ...["inputTranscription", "audio"],
    ...["generationComplete", "turnComplete"],
  ]);
  assertEquals(emulator.sessions[0]?.sent.map(({ turn }) => turn), [1]);
});

Deno.test("startGeminiLive() breaks off when activity starts while it sends", async () => {
  await using emulator = await startGeminiLive({ clock, script: script([LONG, SHORT]) });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  await client.next((m) => m.serverContent?.modelTurn);
  client.speak(SAID);
  await client.turnComplete();
  const before = client.story;
  await client.turnComplete();
  await client.close();
  assertEquals(before.slice(0, 3), ["audio", "interrupted", "turnComplete"]);
  const [broken, whole] = emulator.sessions[0]?.sent ?? [];
  assertEquals([broken?.outcome, whole?.outcome], ["interrupted", "complete"]);
  assertLess(broken?.samplesSent ?? 0, LONG.pcm.length);
  assertEquals(client.heard.length, (broken?.samplesSent ?? 0) + SHORT.pcm.length);
});

Deno.test("startGeminiLive() breaks off when activity starts while the answer is assumed to play", async () => {
  await using emulator = await startGeminiLive({
    clock,
    script: script([LONG, SHORT], { pace: 100 }),
  });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  await client.next((m) => m.serverContent?.generationComplete);
  client.speak(SAID);
  await client.turnComplete();
  await client.turnComplete();
  await client.close();
  assertEquals(client.story, [
    ...["audio", "generationComplete", "interrupted", "turnComplete"],
    ...["inputTranscription", "audio", "generationComplete", "turnComplete"],
  ]);
  const [broken] = emulator.sessions[0]?.sent ?? [];
  assertEquals([broken?.outcome, broken?.samplesSent], ["interrupted", LONG.pcm.length]);
});

Deno.test("startGeminiLive() lets late audio out before interrupted when told to", async () => {
  const delivery = { lateAudioMs: 400 };
  await using emulator = await startGeminiLive({ clock, script: script([LONG], delivery) });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  await client.next((m) => m.serverContent?.modelTurn);
  client.send({ realtimeInput: { activityStart: {} } });
  const startedMs = performance.now() * SPEED;
  await client.turnComplete();
  const audio = moments(client, "inlineData").filter((atMs) => atMs > startedMs + 50);
  await client.close();
  assertGreater(audio.length, 10);
  const [interrupted = 0] = moments(client, '"interrupted"');
  assertBetween(interrupted - startedMs, 390, 3_000);
  assertEquals(emulator.sessions[0]?.sent[0]?.outcome, "interrupted");
});

Deno.test("startGeminiLive() ends late audio when the next turn comes first", async () => {
  const delivery = { lateAudioMs: 60_000 };
  await using emulator = await startGeminiLive({ clock, script: script([LONG, SHORT], delivery) });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  await client.next((m) => m.serverContent?.modelTurn);
  client.speak(SAID);
  await client.turnComplete();
  await client.turnComplete();
  await client.close();
  const outcomes = emulator.sessions[0]?.sent.map(({ outcome }) => outcome);
  assertEquals(outcomes, ["interrupted", "complete"]);
});

Deno.test("startGeminiLive() lets the caller wait when interruption is switched off", async () => {
  const realtimeInputConfig = {
    ...SETUP.realtimeInputConfig,
    activityHandling: "NO_INTERRUPTION",
  };
  await using emulator = await startGeminiLive({ clock, script: script([SHORT, LONG, SHORT]) });
  const client = await GeminiClient.ready(emulator.url, { ...SETUP, realtimeInputConfig });
  client.write("Begin.");
  await client.next((m) => m.serverContent?.modelTurn);
  client.speak(SAID);
  await client.turnComplete();
  await client.next((m) => m.serverContent?.modelTurn);
  client.write("Stop.");
  await client.turnComplete();
  await client.turnComplete();
  await client.close();
  const outcomes = emulator.sessions[0]?.sent.map(({ outcome }) => outcome);
  assertEquals(outcomes, ["complete", "interrupted", "complete"]);
});

Deno.test("startGeminiLive() answers text at once outside of windows, and not when it only adds", async () => {
  await using emulator = await startGeminiLive({ clock, script: script([SHORT]) });
  const client = await GeminiClient.ready(emulator.url);
  const turns = [{ role: "user", parts: [{ text: "He is " }, { text: "deaf." }] }];
  client.send({ clientContent: { turns, turnComplete: false } });
  client.send({ realtimeInput: { text: "Say hello." } });
  await client.turnComplete();
  await client.close();
  const [session] = emulator.sessions;
  const texts = session?.texts.map(({ by, text, asksForAnswer }) => [by, text, asksForAnswer]);
  assertEquals(texts, [
    ["client-content", "He is deaf.", false],
    ["realtime-input", "Say hello.", true],
  ]);
  assertEquals(session?.sent.length, 1);
});

Deno.test("startGeminiLive() takes the first content for history when the setup says so", async () => {
  await using emulator = await startGeminiLive({ clock, script: script([SHORT]) });
  const historyConfig = { initialHistoryInClientContent: true };
  const client = await GeminiClient.ready(emulator.url, { ...SETUP, historyConfig });
  const turns = [{ role: "model", parts: [{ text: "Good evening." }] }];
  client.send({ clientContent: { turns, turnComplete: true } });
  client.write("Begin.");
  await client.turnComplete();
  await client.close();
  const asked = emulator.sessions[0]?.texts.map(({ asksForAnswer }) => asksForAnswer);
  assertEquals(asked, [false, true]);
});

Deno.test("startGeminiLive() bills the whole context with each turn", async () => {
  const systemInstruction = { role: "user", parts: [{ text: "x".repeat(400) }] };
  await using emulator = await startGeminiLive({ clock, script: script([SHORT, SHORT]) });
  const client = await GeminiClient.ready(emulator.url, { ...SETUP, systemInstruction });
  client.speak(SAID);
  const first = (await client.turnComplete()).usageMetadata;
  client.speak(SAID);
  const second = (await client.turnComplete()).usageMetadata;
  await client.close();
  assertEquals([first?.promptTokenCount, first?.responseTokenCount], [100 + 25 + 25, 25]);
  assertEquals(first?.totalTokenCount, 175);
  assertEquals(second?.promptTokenCount, 100 + 3 * 25 + 25);
  const details = second?.promptTokensDetails.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
  assertEquals(details, 175);
});

Deno.test("startGeminiLive() cuts the context when it is longer than the setup allows", async () => {
  const contextWindowCompression = {
    triggerTokens: "60",
    slidingWindow: { targetTokens: "30" },
  };
  await using emulator = await startGeminiLive({ clock, script: script([SHORT, SHORT]) });
  const client = await GeminiClient.ready(emulator.url, { ...SETUP, contextWindowCompression });
  client.speak(SAID);
  assertEquals((await client.turnComplete()).usageMetadata?.promptTokenCount, 25 + 25);
  client.speak(SAID);
  assertEquals((await client.turnComplete()).usageMetadata?.promptTokenCount, 30 + 25);
  await client.close();
});
