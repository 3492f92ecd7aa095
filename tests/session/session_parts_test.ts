import { assertEquals, assertThrows } from "@std/assert";
import { contentsOf } from "../../lib/session/contents.ts";
import { EventHub } from "../../lib/session/event_hub.ts";
import { Journal } from "../../lib/session/journal.ts";
import { pictureOf, samplesOf } from "../../lib/session/media_types.ts";
import { InvalidMessageError } from "../../lib/session/session_errors.ts";
import { TextLimit } from "../../lib/session/text_limit.ts";

Deno.test("samplesOf() takes 16 kHz PCM alone [J18 J25 J32 L10]", () => {
  const data = Uint8Array.of(1, 0, 255, 255);
  for (const mimeType of ["audio/pcm", "audio/pcm;rate=16000", "Audio/PCM; rate=16000"]) {
    assertEquals([...samplesOf({ mimeType, data })], [1, -1]);
    assertEquals([...samplesOf({ mimeType, data: data.toBase64() })], [1, -1]);
  }
  const wrong: [string, string, Uint8Array<ArrayBuffer> | string][] = [
    ["audio.mimeType", "audio/wav", data],
    ["audio.mimeType", "audio/pcm;rate=8000", data],
    ["audio.mimeType", "audio/pcm;rate=16000;channels=2", data],
    ["audio.data", "audio/pcm", data.slice(1)],
    ["audio.data", "audio/pcm", "not base64!"],
  ];
  for (const [field, mimeType, bytes] of wrong) {
    const error = assertThrows(() => samplesOf({ mimeType, data: bytes }), InvalidMessageError);
    assertEquals(error.field, field);
  }
});

Deno.test("pictureOf() takes JPEG and PNG that are what they say [J18 L52 P10]", () => {
  const jpeg = Uint8Array.of(0xff, 0xd8, 0xff);
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47);
  assertEquals(pictureOf({ mimeType: "image/jpeg", data: jpeg }, "video").data, "/9j/");
  assertEquals(pictureOf({ mimeType: "image/PNG", data: png }, "video").mimeType, "image/png");
  for (const [mimeType, data] of [["image/webp", jpeg], ["image/png", jpeg], ["video/mp4", png]]) {
    assertThrows(
      () => pictureOf({ mimeType: String(mimeType), data: data as typeof jpeg }, "video"),
      InvalidMessageError,
      "video.",
    );
  }
});

Deno.test("contentsOf() takes a text, a turn and lists, and parts of all four kinds [J10 P09 P34 P35]", () => {
  assertEquals(contentsOf("Hi"), [{ role: "user", parts: [{ text: "Hi" }] }]);
  const parts = [
    { text: "Look" },
    { inlineData: { mimeType: "image/jpeg", data: "/9j/" } },
    { functionCall: { name: "f", args: {} } },
    { functionResponse: { name: "f", response: {} } },
  ];
  assertEquals(contentsOf({ role: "model", parts }), [{ role: "model", parts }]);
  assertEquals(contentsOf(["One", { role: "user", parts: [{ text: "Two" }] }]).length, 2);
  const wrong = [
    [],
    { role: "system", parts: [{ text: "Hi" }] },
    { role: "user", parts: [] },
    { role: "user", parts: [{}] },
    { role: "user", parts: [{ text: "a", functionCall: { name: "f", args: {} } }] },
  ] as unknown as Parameters<typeof contentsOf>[0][];
  for (const turns of wrong) assertThrows(() => contentsOf(turns), InvalidMessageError, "turns");
});

Deno.test("TextLimit counts over any minute [E55]", () => {
  const limit = new TextLimit(2);
  assertEquals([0, 10_000, 20_000].map((ms) => limit.take(ms)), [0, 0, 40_000]);
  assertEquals([59_999, 60_000, 60_001].map((ms) => limit.take(ms)), [1, 0, 9_999]);
  assertThrows(() => new TextLimit(0), RangeError);
});

Deno.test("Journal keeps who said what, and tells it within its budget [J12 L47 L48 L55 L57 L58 L59]", () => {
  const journal = new Journal(() => 1_000);
  journal.wrote(contentsOf("What is open?"));
  journal.take({ type: "output-transcription", text: " The" });
  journal.take({ type: "output-transcription", text: " bakery." });
  assertEquals(journal.entries.at(-1)?.isCompleted, false);
  journal.take({ type: "turn-complete", reason: undefined });
  journal.take({ type: "output-transcription", text: " More?" });
  assertEquals(journal.entries.map(({ text }) => text), [
    "What is open?",
    " The bakery.",
    " More?",
  ]);
  assertEquals(journal.entries[1], {
    role: "model",
    text: " The bakery.",
    epochMs: 1_000,
    tokens: 4,
    isCompleted: true,
  });
  assertEquals(journal.recap().includes("You: The bakery."), true);
  for (let n = 0; n < 200; n++) journal.wrote(contentsOf(`Thing ${n} that was said.`));
  const short = journal.recap({ budgetTokens: 500, summaryTokens: 20 });
  assertEquals(short.includes("[Summary of what was said before]"), true);
  assertEquals(short.endsWith("Thing 199 that was said."), true);
  assertEquals(journal.recap().includes("[Summary"), false);
});

Deno.test("EventHub gives every reader all facts, in order, until the end [P18 L15]", async () => {
  const hub = new EventHub(() => {});
  const first = hub.read();
  hub.tell({ type: "text", text: "a" });
  const second = hub.read();
  hub.tell({ type: "text", text: "b" });
  hub.tell({ type: "closed" });
  hub.tell({ type: "text", text: "too late" });
  const read = async (facts: typeof first) =>
    (await Array.fromAsync(facts)).map((fact) => fact.type === "text" ? fact.text : fact.type);
  assertEquals(await read(first), ["a", "b", "closed"]);
  assertEquals(await read(second), ["b", "closed"]);
  assertEquals(await read(hub.read()), []);
});
