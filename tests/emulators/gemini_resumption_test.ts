import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { startGeminiLive } from "../../emulators/gemini_live.ts";
import type { ModelScript } from "../../emulators/model_script.ts";
import { GeminiClient, scaledClock, SETUP, tone } from "./gemini_client.ts";

const clock = scaledClock(10);
const SAID = tone(1_000, 16_000);
const ANSWERS = ["zero", "one", "two"].map((text) => ({ text, pcm: tone(400, 24_000) }));
const SCRIPT: ModelScript = { answers: ANSWERS, hear: () => "Hm.", delivery: { thinkMs: 20 } };

/** The handle that comes after a turn. */
async function handleAfterTurn(client: GeminiClient): Promise<string> {
  await client.turnComplete();
  return await client.next((m) => m.sessionResumptionUpdate?.newHandle);
}

function resuming(handle: string): unknown {
  return { ...SETUP, sessionResumption: { handle } };
}

Deno.test("startGeminiLive() gives handles after setup and turns, and none while it generates", async () => {
  await using emulator = await startGeminiLive({ clock, script: SCRIPT });
  const client = await GeminiClient.connect(emulator.url);
  client.send({ setup: SETUP });
  const first = await client.next((m) => m.sessionResumptionUpdate);
  client.speak(SAID);
  const second = await client.next((m) => m.sessionResumptionUpdate);
  const third = await client.next((m) => m.sessionResumptionUpdate);
  await client.close();
  assertEquals(second, { resumable: false });
  assert(first.resumable && third.resumable);
  assertNotEquals(first.newHandle, third.newHandle);
});

Deno.test("startGeminiLive() goes on where the handle was given when a session resumes", async () => {
  await using emulator = await startGeminiLive({ clock, script: SCRIPT });
  const before = await GeminiClient.ready(emulator.url);
  before.speak(SAID);
  const handle = await handleAfterTurn(before);
  before.speak(SAID);
  const lost = (await before.turnComplete()).usageMetadata?.promptTokenCount;
  await before.close();
  const after = await GeminiClient.ready(emulator.url, resuming(handle));
  after.speak(SAID);
  const again = (await after.turnComplete()).usageMetadata?.promptTokenCount;
  await after.close();
  const [first, second] = emulator.sessions;
  assertEquals(second?.resumedFrom, handle);
  assertEquals(first?.sent.map(({ text }) => text), ["zero", "one"]);
  assertEquals(second?.sent.map(({ text }) => text), ["one"]);
  assertEquals(again, lost);
});

Deno.test("startGeminiLive() closes 1011 when a session resumes and its old socket is open", async () => {
  await using emulator = await startGeminiLive({ clock, script: SCRIPT });
  const before = await GeminiClient.connect(emulator.url);
  before.send({ setup: SETUP });
  const handle = await before.next((m) => m.sessionResumptionUpdate?.newHandle);
  const after = await GeminiClient.connect(emulator.url);
  after.send({ setup: resuming(handle) });
  assertEquals(await after.closed, { code: 1011, reason: "Internal error encountered." });
  await before.close();
  assertStringIncludes(emulator.sessions[1]?.violations[0] ?? "", "still open");
  const again = await GeminiClient.ready(emulator.url, resuming(handle));
  await again.close();
  assertEquals(emulator.sessions[2]?.violations, []);
});

Deno.test("startGeminiLive() generates nothing after a resume when the script poisons the handle", async () => {
  const answers: ModelScript["answers"] = ({ connection, index }) =>
    connection === 0 ? ANSWERS[index] : undefined;
  await using emulator = await startGeminiLive({ clock, script: { ...SCRIPT, answers } });
  const before = await GeminiClient.ready(emulator.url);
  before.speak(SAID);
  const handle = await handleAfterTurn(before);
  await before.close();
  const after = await GeminiClient.ready(emulator.url, resuming(handle));
  after.speak(SAID);
  await after.next((m) => m.serverContent?.inputTranscription);
  await after.close();
  assertEquals(after.story, ["inputTranscription"]);
  assertEquals(emulator.sessions[1]?.sent, []);
});
