import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readServerMessage } from "../../lib/gemini/live_events.ts";
import barge from "../fixtures/gemini/live_2_5_barge_in.json" with { type: "json" };
import tool31 from "../fixtures/gemini/live_3_1_tool_turn.json" with { type: "json" };
import spoken38 from "../fixtures/gemini/live_3_8_spoken_turn.json" with { type: "json" };
import vertex from "../fixtures/gemini/vertex_2_5_tool_turn.json" with { type: "json" };

const RECORDED: readonly unknown[] = [...barge, ...tool31, ...spoken38, ...vertex];

/** Every fact of a recording in short: type, and what it carries; audio as its number of samples. */
function facts(recording: readonly unknown[]): unknown[] {
  return recording.flatMap((message) => readServerMessage(message).events).map((event) => {
    switch (event.type) {
      case "agent-audio-received":
        return `audio ${event.pcm.length}`;
      case "agent-words-received":
      case "caller-words-received":
      case "agent-text-received":
        return `${event.type} ${JSON.stringify(event.text)}`;
      case "usage-reported":
        return Object.values(event.usage);
      default:
        return event;
    }
  });
}

function part(fields: unknown): unknown {
  return { serverContent: { modelTurn: { parts: [fields] } } };
}

function sound(mimeType: string, data: string): unknown {
  return part({ inlineData: { mimeType, data } });
}

Deno.test("readServerMessage() reads a turn of gemini-3.8-live as recorded", () => {
  assertEquals(facts(spoken38), [
    { type: "resumption-updated", handle: "53ebe315-1e7e-40b4-964f-68bfea12726c" },
    'caller-words-received "Hello, my name is Marcelo."',
    "audio 15",
    'agent-words-received "Hello Marcelo, nice "',
    "audio 15",
    "audio 15",
    'agent-words-received "to meet"',
    "audio 15",
    'agent-words-received " you."',
    "audio 15",
    { type: "generation-completed" },
    { type: "model-turn-completed", reason: undefined },
    [626, 63, 689],
  ]);
});

Deno.test("readServerMessage() reads a function call of 3.1 as recorded", () => {
  assertEquals(facts(tool31), [
    'caller-words-received "What will the weather be in Amsterdam tomorrow? Please look it up."',
    {
      type: "functions-called",
      calls: [{
        id: "fc_8479089156876900403",
        name: "get_weather",
        args: { city: "Amsterdam" },
      }],
    },
    { type: "resumption-updated", handle: "e1ddd004-e1ed-4c01-bb7b-3c307827af0f" },
    "audio 15",
    'agent-words-received "The weather"',
    "audio 15",
    "audio 15",
    'agent-words-received " in Amsterdam"',
    "audio 15",
    'agent-words-received " degrees."',
    { type: "generation-completed" },
    { type: "model-turn-completed", reason: undefined },
    [688, 123, 811],
  ]);
});

Deno.test("readServerMessage() reads a barge-in of 2.5 as recorded, its thoughts left out", () => {
  assertEquals(facts(barge), [
    "audio 15",
    { type: "generation-completed" },
    { type: "generation-interrupted" },
    { type: "model-turn-completed", reason: undefined },
    [1201, 109, 1310],
    'caller-words-received " Hello"',
    'caller-words-received ","',
    'caller-words-received " my"',
    'caller-words-received " name"',
    'caller-words-received " is Marcelo."',
    'agent-words-received "Hello again,"',
    'agent-words-received " Marcelo."',
    "audio 15",
    "audio 15",
    { type: "generation-completed" },
    { type: "model-turn-completed", reason: undefined },
    [1352, 44, 1396],
  ]);
});

Deno.test("readServerMessage() reads Vertex AI as recorded: no rate, other names of counts", () => {
  assertEquals(facts(vertex), [
    {
      type: "functions-called",
      calls: [{
        id: "4d456feb-1704-40b6-a692-5130e7872447",
        name: "get_weather",
        args: { city: "London" },
      }],
    },
    { type: "generation-completed" },
    { type: "model-turn-completed", reason: undefined },
    [24, 5, 29],
    'agent-words-received "It"',
    'agent-words-received " is foggy and 12 degrees in London."',
    "audio 15",
    "audio 15",
    { type: "generation-completed" },
    { type: "model-turn-completed", reason: undefined },
    [44, 61, 105],
  ]);
});

Deno.test("readServerMessage() finds nothing wrong or new in any recorded message", () => {
  for (const message of RECORDED) {
    const { faults, unknown } = readServerMessage(message);
    assertEquals({ faults, unknown }, { faults: [], unknown: [] });
  }
});

Deno.test("readServerMessage() says that the setup is complete in every recording", () => {
  for (const recording of [barge, tool31, spoken38, vertex]) {
    const complete = recording.map((message) => readServerMessage(message).setupComplete);
    assertEquals(complete, [true, ...Array(recording.length - 1).fill(false)]);
  }
});

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

Deno.test("readServerMessage() does not throw whatever it is given [G15]", () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (message) => {
      readServerMessage(message);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("readServerMessage() gives whole events when a recorded message is spoilt anywhere [G15]", () => {
  fc.assert(
    fc.property(fc.constantFrom(...RECORDED), fc.nat(), fc.jsonValue(), (message, where, value) => {
      const { events } = readServerMessage(spoil(message, where, value));
      for (const event of events) {
        if (event.type === "agent-audio-received") assert(event.pcm.length > 0);
        if (event.type === "agent-words-received") assert(event.text.length > 0);
        if (event.type === "usage-reported") {
          for (const tokens of Object.values(event.usage)) assert(Number.isSafeInteger(tokens));
        }
      }
    }),
    { numRuns: 4_000 },
  );
});

Deno.test("readServerMessage() never gives a thought as text", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ text: fc.string(), thought: fc.boolean() })), (parts) => {
      const { events } = readServerMessage({ serverContent: { modelTurn: { parts } } });
      const spoken = parts.filter(({ text, thought }) => text !== "" && !thought);
      assertEquals(
        events,
        spoken.map(({ text }) => ({ type: "agent-text-received", text })),
      );
    }),
    { numRuns: 1_000 },
  );
});

/** Puts a value in the place of the n-th node of a message, counted round. */
function spoil(message: unknown, where: number, value: unknown): unknown {
  const copy = { root: structuredClone(message) };
  const places: [holder: object, key: string][] = [];
  collect(copy, places);
  const [holder, key] = places[where % places.length] ?? [copy, "root"];
  Reflect.set(holder, key, value);
  return copy.root;
}

function collect(holder: object, places: [holder: object, key: string][]): void {
  for (const [key, value] of Object.entries(holder)) {
    places.push([holder, key]);
    if (typeof value === "object" && value !== null) collect(value, places);
  }
}
