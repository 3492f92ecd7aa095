import { assertEquals } from "@std/assert";
import { readServerMessage } from "../../lib/gemini/live_events.ts";

function part(fields: unknown): unknown {
  return { serverContent: { modelTurn: { parts: [fields] } } };
}

function sound(mimeType: string, data: string): unknown {
  return part({ inlineData: { mimeType, data } });
}

Deno.test("readServerMessage() keeps one order when everything stands in one message", () => {
  const message = {
    usageMetadata: { promptTokenCount: 3, responseTokenCount: 2, totalTokenCount: 5 },
    sessionResumptionUpdate: { newHandle: "h", resumable: true },
    goAway: { timeLeft: "50s" },
    toolCallCancellation: { ids: ["a", "b"] },
    toolCall: {
      functionCalls: [{ id: "c", name: "hang_up" }, { id: "d", name: "look", args: { n: 1 } }],
    },
    serverContent: {
      groundingMetadata: { webSearchQueries: ["q"] },
      turnCompleteReason: "NEED_MORE_INPUT",
      turnComplete: true,
      generationComplete: true,
      outputTranscription: { text: " out" },
      inputTranscription: { text: " in" },
      modelTurn: {
        parts: [
          { text: "one" },
          { inlineData: { mimeType: "audio/pcm;rate=24000", data: "AQACAA==" } },
          { text: "hidden", thought: true },
          { text: "two" },
          { inlineData: { mimeType: "audio/pcm", data: "//8=" } },
        ],
      },
      interrupted: true,
    },
  };
  assertEquals(readServerMessage(message), {
    setupComplete: false,
    events: [
      { type: "generation-interrupted" },
      {
        type: "functions-called",
        calls: [{ id: "c", name: "hang_up", args: {} }, { id: "d", name: "look", args: { n: 1 } }],
      },
      { type: "functions-cancelled", ids: ["a", "b"] },
      { type: "agent-audio-received", pcm: Int16Array.of(1, 2) },
      { type: "agent-audio-received", pcm: Int16Array.of(-1) },
      { type: "agent-text-received", text: "one" },
      { type: "agent-text-received", text: "two" },
      { type: "caller-words-received", text: " in" },
      { type: "agent-words-received", text: " out" },
      { type: "generation-completed" },
      { type: "model-turn-completed", reason: "NEED_MORE_INPUT" },
      { type: "model-going-away", timeLeftMs: 50_000 },
      { type: "resumption-updated", handle: "h" },
      {
        type: "usage-reported",
        usage: { promptTokens: 3, responseTokens: 2, totalTokens: 5 },
      },
      { type: "grounding-reported", grounding: { webSearchQueries: ["q"] } },
    ],
    faults: [],
    unknown: [],
  });
});

for (
  const [title, message, samples, faults] of [
    ["24 kHz", sound("audio/pcm;rate=24000", "AQACAA=="), [1, 2], []],
    ["no rate", sound("audio/pcm", "AQACAA=="), [1, 2], []],
    ["spaces and capitals", sound("Audio/PCM; Rate=24000", "AQACAA=="), [1, 2], []],
    ["other parameters", sound("audio/pcm;channels=1;rate=24000", "AQACAA=="), [1, 2], []],
    ["base64 without padding", sound("audio/pcm", "AQACAA"), [1, 2], []],
    ["16 kHz", sound("audio/pcm;rate=16000", "AQACAA=="), undefined, ["audio-wrong-rate"]],
    ["a rate of no number", sound("audio/pcm;rate=x", "AQACAA=="), undefined, [
      "audio-wrong-rate",
    ]],
    ["an odd byte at the end", sound("audio/pcm", "AQACAAM="), [1, 2], ["audio-odd-length"]],
    ["one byte", sound("audio/pcm", "AQ=="), undefined, ["audio-odd-length"]],
    ["no data", sound("audio/pcm", ""), undefined, []],
    ["no base64", sound("audio/pcm", "*not base64*"), undefined, ["audio-bad-base64"]],
    ["a picture", sound("image/png", "AQACAA=="), undefined, ["part-not-audio"]],
    ["another coding", sound("audio/mpeg", "AQACAA=="), undefined, ["part-not-audio"]],
    [
      "a type that is no string",
      part({ inlineData: { mimeType: { toString: {} }, data: "AQACAA==" } }),
      undefined,
      ["part-not-audio"],
    ],
    ["no type", part({ inlineData: { data: "AQACAA==" } }), undefined, ["part-not-audio"]],
    [
      "a thought aloud",
      part({ thought: true, inlineData: { mimeType: "audio/pcm", data: "AQA=" } }),
      undefined,
      [],
    ],
  ] as const
) {
  Deno.test(`readServerMessage() ${samples ? "plays" : "drops"} audio when it has ${title} [G15]`, () => {
    const reading = readServerMessage(message);
    assertEquals(
      reading.events,
      samples ? [{ type: "agent-audio-received", pcm: Int16Array.from(samples) }] : [],
    );
    assertEquals<unknown>(reading.faults, faults);
  });
}

for (
  const [timeLeft, timeLeftMs, faults] of [
    ["50s", 50_000, []],
    ["0s", 0, []],
    ["1.500s", 1_500, []],
    ["9.999999999s", 10_000, []],
    [undefined, 0, []],
    ["50", 0, ["time-left-unreadable"]],
    ["-1s", 0, ["time-left-unreadable"]],
    ["1e3s", 0, ["time-left-unreadable"]],
    [50, 0, ["time-left-unreadable"]],
    [{ seconds: 50 }, 0, ["time-left-unreadable"]],
    [{ toString: {} }, 0, ["time-left-unreadable"]],
  ] as const
) {
  Deno.test(`readServerMessage() has ${timeLeftMs} ms left when goAway says ${JSON.stringify(timeLeft)}`, () => {
    const reading = readServerMessage({ goAway: { timeLeft } });
    assertEquals(reading.events, [{ type: "model-going-away", timeLeftMs }]);
    assertEquals<unknown>(reading.faults, faults);
  });
}

for (
  const [update, handle] of [
    [{ newHandle: "h", resumable: true }, "h"],
    [{ newHandle: "h", resumable: false }, undefined],
    [{ newHandle: "h" }, undefined],
    [{ newHandle: "", resumable: true }, undefined],
    [{ resumable: true }, undefined],
    [{ newHandle: 7, resumable: true }, undefined],
    [{}, undefined],
  ] as const
) {
  Deno.test(`readServerMessage() has ${handle ?? "no"} handle when told ${JSON.stringify(update)}`, () => {
    const { events } = readServerMessage({ sessionResumptionUpdate: update });
    assertEquals(events, [{ type: "resumption-updated", handle }]);
  });
}

for (
  const message of [
    {},
    { serverContent: {} },
    { serverContent: null },
    { serverContent: { modelTurn: {}, groundingMetadata: {}, outputTranscription: {} } },
    { serverContent: { interrupted: false, turnComplete: false, generationComplete: false } },
    { serverContent: { interimInputTranscription: { text: "perhaps" } } },
    { usageMetadata: {} },
    { toolCall: {}, toolCallCancellation: { ids: [] } },
  ]
) {
  Deno.test(`readServerMessage() gives nothing when told ${JSON.stringify(message)}`, () => {
    assertEquals(readServerMessage(message), {
      setupComplete: false,
      events: [],
      faults: [],
      unknown: [],
    });
  });
}

Deno.test("readServerMessage() leaves out a function call that cannot be answered", () => {
  const functionCalls = [{ name: "look" }, { id: "" }, "x", { id: "a", name: "look", args: [] }];
  const { events, faults } = readServerMessage({ toolCall: { functionCalls } });
  assertEquals(events, [{
    type: "functions-called",
    calls: [{ id: "a", name: "look", args: {} }],
  }]);
  assertEquals(faults, Array(3).fill("call-without-name-or-id"));
});

Deno.test("readServerMessage() counts what is no object [G15]", () => {
  for (const message of [null, undefined, 7, "text", true, []]) {
    const { events, faults } = readServerMessage(message);
    assertEquals({ events, faults }, { events: [], faults: ["message-not-an-object"] });
  }
});

for (const field of ["type", "voiceActivityType"]) {
  Deno.test(`readServerMessage() tells of the caller's activity when it is called ${field}`, () => {
    const eventsOf = (value: unknown) =>
      readServerMessage({ voiceActivity: { [field]: value, audioOffset: "1s" } }).events;
    assertEquals(eventsOf("ACTIVITY_START"), [{ type: "caller-activity-started" }]);
    assertEquals(eventsOf("ACTIVITY_END"), [{ type: "caller-activity-ended" }]);
    for (const value of ["TYPE_UNSPECIFIED", 7, null]) assertEquals(eventsOf(value), []);
  });
}
