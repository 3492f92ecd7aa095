import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import type { AgentConfig } from "../../lib/agents/agent_config.ts";
import { AgentFileError, parseAgentFile } from "../../lib/agents/agent_file.ts";
import { VOICES } from "../../lib/agents/model_fields.ts";
import {
  AUTOMATIC_DETECTIONS,
  DEFAULT_BARGE_IN,
  DEFAULT_TURN_SETTINGS,
} from "../../lib/turns/turn_settings.ts";
import { PLAIN_ABILITIES } from "../support/plain_abilities.ts";
import { agentSchemaText } from "../../tasks/make_agent_schema.ts";

const PATH = "agents/default.jsonc";
const SHORTEST = { name: "default", instructions: "Help.", greeting: "Hello." };

/** What is wrong with a file that has these fields too. */
function linesOf(fields: Record<string, unknown>): readonly string[] {
  return textLinesOf(JSON.stringify({ ...SHORTEST, ...fields }));
}

function textLinesOf(text: string): readonly string[] {
  const error = assertThrows(() => parseAgentFile(text, PATH), AgentFileError);
  assertEquals(error.message, error.lines.join("\n"));
  return error.lines;
}

Deno.test("parseAgentFile() gives every default when only what must be there is", () => {
  const expected: AgentConfig = {
    ...SHORTEST,
    ...PLAIN_ABILITIES,
    keepGreeting: false,
    voice: "Kore",
    generation: {},
    turns: DEFAULT_TURN_SETTINGS,
    bargeIn: DEFAULT_BARGE_IN,
    deadAir: {
      askAfterMs: 8_000,
      asks: ["Are you still there?", "I cannot hear you. Are you there?"],
      goodbye: "It seems that you cannot hear me. Please call again. Goodbye.",
      longestHoldMs: 300_000,
    },
    digits: { policy: "interrupt", endKey: "#", timeoutMs: 2_500, mostDigits: 32 },
    cutNote: '(The caller broke in. Of your last answer they heard only: "{{heard}}")',
    limits: { maxCallSeconds: 86_400 },
    records: { ...PLAIN_ABILITIES.records, recordingNotice: "This call is recorded." },
  };
  assertEquals(parseAgentFile(JSON.stringify(SHORTEST), PATH), expected);
});

Deno.test("parseAgentFile() takes every field when all are given", () => {
  const config: AgentConfig = {
    name: "night-desk",
    numbers: ["+15551230000"],
    variables: { shop: "Chez Nous" },
    instructions: "You are {{called}} at {{shop}}.\nIt is {{time}}.",
    greeting: "Hello, {{caller}}.",
    keepGreeting: true,
    voice: "Puck",
    language: "cmn-Hans-CN",
    model: "gemini-3.1-flash-live-preview",
    fallbackModel: "gemini-3.8-live",
    search: true,
    generation: {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      maxOutputTokens: 500,
      thinking: { level: "low" },
      safety: { harassment: "only-high", "hate-speech": "off" },
      proactive: true,
      turnCoverage: "activity-and-all-video",
    },
    prices: { textIn: 1, audioIn: 2, textOut: 3, audioOut: 4 },
    tools: [
      { use: "hang_up" },
      { use: "transfer_call", filler: "One moment.", delaySeconds: 1, blocking: true },
      {
        name: "find_table",
        description: "Finds a free table.",
        parameters: { type: "object", properties: { day: { type: "string" } } },
        http: {
          method: "POST",
          url: "https://tables.example.com/find",
          headers: { authorization: "Bearer {{secret:TABLES}}" },
          pick: "tables.0",
        },
        scheduling: "immediate",
        timeoutSeconds: 4,
        onInterruption: "finish",
      },
    ],
    destinations: {
      kitchen: {
        number: "+15551230001",
        description: "The kitchen",
        ringSeconds: 10,
        whisper: "A caller for you.",
      },
    },
    smsRecipients: { owner: "+15551230002" },
    callers: {
      allow: ["+15551230003"],
      deny: ["+15551230004"],
      rate: { calls: 5, minutes: 10 },
    },
    records: {
      transcript: false,
      redact: ["cards", "emails"],
      keepDays: 7,
      recording: true,
      recordingNotice: "",
    },
    turns: {
      speechProbability: 0.6,
      onsetMs: 80,
      hangoverMs: 700,
      prerollMs: 200,
      activityGapMs: 0,
      longestActivityMs: 30_000,
      framesStoppedMs: 900,
    },
    bargeIn: { mode: "never", minSpeechMs: 60, backchannelMaxMs: 300 },
    deadAir: { askAfterMs: 5_000, asks: [], goodbye: "Bye.", longestHoldMs: 0 },
    digits: { policy: "wait", endKey: "", timeoutMs: 1_000, mostDigits: 4 },
    cutNote: "",
    limits: { maxCallSeconds: 60, maxDailyUsd: 5 },
  };
  assertEquals(parseAgentFile(JSON.stringify(config), PATH), config);
});

Deno.test("parseAgentFile() reads comments, trailing commas, a byte order mark and lists of lines", () => {
  const text = `\uFEFF// An agent
  {
    "$schema": "./agent.schema.json",
    "name": "default", /* the one that answers */
    "instructions": ["Help.", "", "Be brief.",],
    "greeting": "Hello.",
  }`;
  const { instructions, ...rest } = parseAgentFile(text, PATH);
  assertEquals(instructions, "Help.\n\nBe brief.");
  assertFalse("$schema" in rest);
});

Deno.test("parseAgentFile() gives line and column when the file is not JSON", () => {
  assertEquals(textLinesOf('{\n  "name": "default"\n  "voice": "Kore"\n}'), [
    `${PATH}:3:3: comma expected`,
  ]);
  assertEquals(textLinesOf('{ "name": nil }'), [`${PATH}:1:11: invalid symbol`]);
  assertEquals(textLinesOf(""), [`${PATH}:1:1: value expected`]);
});

const WRONG: [fields: Record<string, unknown>, line: string][] = [
  [{ name: "Default" }, "name: expected 1 to 40 of a-z, 0-9, - and _, a letter first"],
  [{ name: undefined }, "name: expected 1 to 40 of a-z, 0-9, - and _, a letter first"],
  [{ instructions: "" }, "instructions: expected 1 to 20000 characters, or a list of lines"],
  [{ instructions: ["a", 1] }, "instructions: expected 1 to 20000 characters, or a list of lines"],
  [
    { instructions: "Call {{name}}." },
    "instructions: {{name}} is unknown; known are {{caller}}, {{called}}, {{time}}",
  ],
  [{ greeting: undefined }, "greeting: expected 1 to 1000 characters, or a list of lines"],
  [{ greeting: "a".repeat(1_001) }, "greeting: expected 1 to 1000 characters, or a list of lines"],
  [
    { greeting: "Hello {{ caller }}" },
    "greeting: {{ caller }} is unknown; known are {{caller}}, {{called}}, {{time}}",
  ],
  [{ voice: "two words" }, "voice: expected the name of a voice, such as Kore"],
  [{ language: "english" }, "language: expected a BCP-47 code such as en-US"],
  [{ language: "en-us" }, "language: expected a BCP-47 code such as en-US"],
  [{ model: "gemini 3" }, "model: expected a model id such as gemini-3.8-live"],
  [{ generation: { temperature: 2.1 } }, "generation.temperature: expected a number from 0 to 2"],
  [{ generation: { topP: -0.1 } }, "generation.topP: expected a number from 0 to 1"],
  [{ generation: { topK: 1.5 } }, "generation.topK: expected a whole number from 1 to 1000"],
  [
    { generation: { maxOutputTokens: 0 } },
    "generation.maxOutputTokens: expected a whole number from 1 to 65536",
  ],
  [{ turns: { hangoverMs: 99 } }, "turns.hangoverMs: expected a number from 100 to 5000"],
  [{ turns: { hangoverMs: "500" } }, "turns.hangoverMs: expected a number from 100 to 5000"],
  [{ turns: { onsetMs: 501 } }, "turns.onsetMs: expected a number from 20 to 500"],
  [{ turns: { prerollMs: 1_001 } }, "turns.prerollMs: expected a number from 0 to 1000"],
  [{ turns: { activityGapMs: -1 } }, "turns.activityGapMs: expected a number from 0 to 1000"],
  [
    { turns: { longestActivityMs: 999 } },
    "turns.longestActivityMs: expected a number from 1000 to 300000",
  ],
  [{ turns: { framesStoppedMs: 99 } }, "turns.framesStoppedMs: expected a number from 100 to 5000"],
  [
    { turns: { speechProbability: 0.96 } },
    "turns.speechProbability: expected a number from 0.05 to 0.95",
  ],
  [{ turns: { sensitivity: "higher" } }, "turns.sensitivity: expected high, medium or low"],
  [{ turns: { detection: "auto" } }, "turns.detection: expected own or automatic"],
  [
    { turns: { automatic: {} } },
    'turns.automatic: expected only beside "detection": "automatic"',
  ],
  [
    { turns: { detection: "automatic", automatic: { endSensitivity: "MEDIUM" } } },
    "turns.automatic.endSensitivity: expected high, medium or low",
  ],
  [
    { turns: { detection: "automatic", automatic: { silenceDurationMs: -1 } } },
    "turns.automatic.silenceDurationMs: expected a whole number from 0 to 10000",
  ],
  [{ turns: [] }, "turns: expected an object"],
  [
    { limits: { maxCallSeconds: 0 } },
    "limits.maxCallSeconds: expected a whole number from 1 to 86400",
  ],
  [
    { generation: { topp: 1 } },
    "generation.topp: unknown; known are temperature, topP, topK, maxOutputTokens, thinking, safety, proactive, turnCoverage",
  ],
  [
    { voise: "Kore" },
    "voise: unknown; known are $schema, name, numbers, variables, instructions, greeting, keepGreeting, voice, language, model, fallbackModel, search, generation, prices, turns, bargeIn, deadAir, digits, cutNote, outbound, limits, tools, destinations, smsRecipients, callers, records",
  ],
];

for (const [fields, line] of WRONG) {
  Deno.test(`parseAgentFile() says "${line}" when a field is wrong`, () => {
    assertEquals(linesOf(fields), [`${PATH}: ${line}`]);
  });
}

Deno.test("parseAgentFile() tells everything that is wrong at once, a line each", () => {
  const lines = linesOf({ voice: 1, generation: { a: 1, b: 2 }, turns: { onsetMs: 0 } });
  assertEquals(lines.map((line) => line.split(": ")[1]), [
    "voice",
    "generation.a",
    "generation.b",
    "turns.onsetMs",
  ]);
});

Deno.test("parseAgentFile() refuses an object's own prototype as a field and stays harmless [D06]", () => {
  const text = JSON.stringify(SHORTEST).replace("{", '{"__proto__":{"voice":"Puck"},');
  const [line = ""] = textLinesOf(text);
  assert(line.startsWith(`${PATH}: __proto__: unknown`), line);
  assertEquals(Reflect.get({}, "voice"), undefined);
  assertEquals(linesOf({ "constructor": 1 }).length, 1);
});

Deno.test("parseAgentFile() says that the file must be an object when it is none", () => {
  assertEquals(textLinesOf("[]"), [`${PATH}: expected an object`]);
});

Deno.test("VOICES has every voice once", () => {
  assertEquals(new Set(VOICES).size, 30);
  assertEquals(VOICES.length, 30);
});

Deno.test("agentFileSchema() is what stands in agents/agent.schema.json", async () => {
  const file = new URL("../../agents/agent.schema.json", import.meta.url);
  assertEquals(await Deno.readTextFile(file), agentSchemaText());
});

Deno.test("parseAgentFile() takes the numbers of a preset, but those that are given first", () => {
  const turnsOf = (turns: Record<string, unknown>) =>
    parseAgentFile(JSON.stringify({ ...SHORTEST, turns }), PATH).turns;
  assertEquals(turnsOf({ sensitivity: "high" }).hangoverMs, 420);
  assertEquals(turnsOf({ sensitivity: "medium" }), DEFAULT_TURN_SETTINGS);
  assertEquals(turnsOf({ sensitivity: "low" }).hangoverMs, 850);
  assertEquals(turnsOf({ sensitivity: "low", hangoverMs: 700 }).hangoverMs, 700);
  assertEquals(turnsOf({ sensitivity: "low", hangoverMs: 700 }).onsetMs, 60);
});

Deno.test("parseAgentFile() takes the service's own detection by its preset, but what is given first", () => {
  const automaticOf = (turns: Record<string, unknown>) =>
    parseAgentFile(JSON.stringify({ ...SHORTEST, turns }), PATH).turns.automatic;
  assertEquals(automaticOf({}), undefined);
  assertEquals(automaticOf({ detection: "own", sensitivity: "high" }), undefined);
  const detection = "automatic";
  assertEquals(automaticOf({ detection }), AUTOMATIC_DETECTIONS.medium);
  assertEquals(automaticOf({ detection, sensitivity: "low" }), AUTOMATIC_DETECTIONS.low);
  const automatic = { startSensitivity: "low", silenceDurationMs: 700 };
  assertEquals(automaticOf({ detection, sensitivity: "high", automatic }), {
    ...AUTOMATIC_DETECTIONS.high,
    startSensitivity: "low",
    silenceDurationMs: 700,
  });
});
