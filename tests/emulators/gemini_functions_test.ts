/** What the emulator refuses of functions, thinking and safety, and with which words. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { startGeminiLive } from "../../emulators/gemini_live.ts";
import { systemClock } from "../../lib/clock.ts";
import { GeminiClient } from "./gemini_client.ts";

const AUDIO = { responseModalities: ["AUDIO"] };
const ET = "models/gemini-3.8-live-extended-thinking";
const FLASH_3_1 = "models/gemini-3.1-flash-live-preview";
const NATIVE_2_5 = "models/gemini-2.5-flash-native-audio-latest";

/** What the socket is closed for, or that it is not. */
async function problemOf(setup: Record<string, unknown>): Promise<string | undefined> {
  await using emulator = await startGeminiLive({ clock: systemClock });
  const client = await GeminiClient.connect(emulator.url);
  client.send({ setup: { model: "models/gemini-3.8-live", generationConfig: AUDIO, ...setup } });
  await Promise.race([client.closed, client.next(({ setupComplete }) => setupComplete)]);
  await client.close();
  return emulator.sessions[0]?.violations[0];
}

function taking(parameters: unknown) {
  return { tools: [{ functionDeclarations: [{ name: "f", parameters }] }] };
}

function object(properties: Record<string, unknown>, more: Record<string, unknown> = {}) {
  return taking({ type: "OBJECT", properties, ...more });
}

function thinking(model: string, thinkingConfig: Record<string, unknown>) {
  return { model, generationConfig: { ...AUDIO, thinkingConfig } };
}

const CASES: readonly [setup: Record<string, unknown>, problem: string | undefined][] = [
  [object({ a: { type: "STRING", format: "date-time" } }, { required: ["a"] }), undefined],
  [object({ a: { type: "ARRAY", items: { type: "INTEGER" }, minItems: "1" } }), undefined],
  [taking({ type: "OBJECT", properties: {} }), "f.properties: should be non-empty"],
  [object({ a: { type: "OBJECT" } }), "f.a.properties: should be non-empty"],
  [object({ a: { type: "ARRAY" } }), "f.a.items: missing field"],
  [object({ a: { type: "STRING", format: "date" } }), "f.a.format: only 'enum' and 'date-time'"],
  [object({ a: { type: "INTEGER", enum: ["1"] } }), "f.a.enum: only allowed for STRING"],
  [object({ a: { type: "STRING" } }, { required: ["b"] }), "f.required: b is not defined"],
  [object({ a: { type: "string" } }), "type is wrong"],
  [object({ a: { type: "STRING", const: "x" } }), 'Unknown name "const"'],
  [thinking(ET, { thinkingLevel: "LOW" }), undefined],
  [thinking(ET, { thinkingLevel: "MINIMAL" }), "Thinking level is not supported"],
  [thinking(ET, { thinkingBudget: 100 }), "a thinking budget is not supported"],
  [thinking(FLASH_3_1, { thinkingLevel: "MINIMAL" }), undefined],
  [thinking(NATIVE_2_5, { thinkingBudget: 0 }), undefined],
  [thinking(NATIVE_2_5, { thinkingLevel: "LOW" }), "Thinking level is not supported"],
  [{ model: FLASH_3_1, proactivity: { proactiveAudio: true } }, "proactive audio is not known"],
  [{ safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "OFF" }] }, undefined],
  [{ safetySettings: [{ category: "HARM_CATEGORY_POLITICS", threshold: "OFF" }] }, "category"],
  [
    { safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "NEVER" }] },
    "threshold is wrong",
  ],
];

Deno.test("startGeminiLive() refuses what the service does of schemas, thinking, proactivity and safety, and nothing else", async () => {
  for (const [setup, problem] of CASES) {
    const found = await problemOf(setup);
    if (problem === undefined) assertEquals(found, undefined, JSON.stringify(setup));
    else assertStringIncludes(found ?? "nothing", problem, JSON.stringify(setup));
  }
});
