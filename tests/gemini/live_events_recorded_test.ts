import { assertEquals } from "@std/assert";
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
        return [event.usage.promptTokens, event.usage.responseTokens, event.usage.totalTokens];
      default:
        return event;
    }
  });
}

Deno.test("readServerMessage() reads a turn of gemini-3.8-live as recorded", () => {
  assertEquals(facts(spoken38), [
    { type: "resumption-updated", handle: "53ebe315-1e7e-40b4-964f-68bfea12726c" },
    { type: "caller-activity-started" },
    'caller-words-received "Hello, my name is Marcelo."',
    { type: "caller-activity-ended" },
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
    { type: "caller-activity-started" },
    'caller-words-received "What will the weather be in Amsterdam tomorrow? Please look it up."',
    { type: "caller-activity-ended" },
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
