/** Every setting of an agent file, from the file to the wire: the server is a process, and the service refuses what it can. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { hangUp, wait } from "../../emulators/caller_script.ts";
import type { SessionRecord } from "../../emulators/gemini_records.ts";
import { ProcessRig } from "../support/process_rig.ts";
import { spoken } from "../support/recorded.ts";
import { PUBLIC_URL, until } from "../support/socket_call.ts";

const DATA = new URL("../../data/", import.meta.url).pathname;

/** What all models take. */
const COMMON = {
  temperature: 0.7,
  topP: 0.9,
  topK: 40,
  maxOutputTokens: 800,
  safety: {
    "harassment": "only-high",
    "hate-speech": "off",
    "sexually-explicit": "low-and-above",
    "dangerous-content": "medium-and-above",
  },
  turnCoverage: "all-input",
};

const TOOL = {
  name: "price",
  description: "Says what something costs.",
  parameters: {
    type: "object",
    properties: {
      day: { type: "string", format: "date" },
      wanted: {
        type: "array",
        items: {
          type: "object",
          properties: {
            dish: { type: "string", enum: ["soup", "fish"] },
            count: { type: "integer" },
          },
          required: ["dish"],
        },
      },
      most: { type: "number", maximum: 90 },
      isHot: { type: "boolean" },
    },
    required: ["wanted"],
  },
  http: { url: "https://prices.example.com/today" },
  filler: "One moment.",
};

/** A model, the number that leads to it, what it alone is told, and what of that stands on the wire. */
interface Case {
  readonly model: string;
  readonly number: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly generation: Readonly<Record<string, unknown>>;
  readonly tool: Readonly<Record<string, unknown>>;
  readonly onWire: {
    readonly thinkingConfig?: unknown;
    readonly proactivity?: unknown;
    readonly languageCode?: string;
    readonly behavior?: string;
  };
}

const CASES: readonly Case[] = [
  {
    model: "gemini-3.8-live",
    number: "+15550100038",
    fields: { language: "en-GB" },
    generation: { proactive: true },
    tool: { blocking: true, timeoutSeconds: 4 },
    onWire: {
      proactivity: { proactiveAudio: true },
      languageCode: "en-GB",
      behavior: "BLOCKING",
    },
  },
  {
    model: "gemini-3.8-live-extended-thinking",
    number: "+15550100039",
    fields: { language: "de-DE" },
    generation: { thinking: { level: "medium" }, proactive: true },
    tool: {},
    onWire: {
      thinkingConfig: { thinkingLevel: "MEDIUM" },
      proactivity: { proactiveAudio: true },
      languageCode: "de-DE",
    },
  },
  {
    model: "gemini-3.1-flash-live-preview",
    number: "+15550100031",
    fields: { language: "fr-FR" },
    generation: { thinking: { level: "minimal" } },
    tool: { blocking: true },
    onWire: { thinkingConfig: { thinkingLevel: "MINIMAL" }, languageCode: "fr-FR" },
  },
  {
    model: "gemini-2.5-flash-native-audio-latest",
    number: "+15550100025",
    fields: {},
    generation: { thinking: { budget: 512 } },
    tool: { scheduling: "silent" },
    onWire: { thinkingConfig: { thinkingBudget: 512 }, behavior: "NON_BLOCKING" },
  },
];

function fileOf({ model, number, fields, generation, tool }: Case, index: number): string {
  return JSON.stringify({
    name: index === 0 ? "default" : `agent-${index}`,
    numbers: [number],
    variables: { shop: "The Corner" },
    instructions: ["You answer for {{shop}}. {{caller}} calls {{called}}.", "Be brief."],
    greeting: "{{shop}}, hello.",
    voice: "Puck",
    model,
    generation: { ...COMMON, ...generation },
    tools: [{ ...TOOL, ...tool }, "hang_up"],
    ...fields,
  });
}

/** The parameters of {@linkcode TOOL} as the API has them. */
const PARAMETERS = {
  type: "OBJECT",
  properties: {
    day: { type: "STRING", description: "Format: date." },
    wanted: {
      type: "ARRAY",
      items: {
        type: "OBJECT",
        properties: {
          dish: { type: "STRING", enum: ["soup", "fish"] },
          count: { type: "INTEGER" },
        },
        required: ["dish"],
      },
    },
    most: { type: "NUMBER", maximum: 90 },
    isHot: { type: "BOOLEAN" },
  },
  required: ["wanted"],
};

function assertSetup({ setup }: SessionRecord, { model, number, onWire }: Case): void {
  const { thinkingConfig, proactivity, languageCode, behavior } = onWire;
  assertEquals(setup?.model, `models/${model}`);
  assertEquals(setup?.generationConfig, {
    responseModalities: ["AUDIO"],
    temperature: 0.7,
    topP: 0.9,
    topK: 40,
    maxOutputTokens: 800,
    ...(thinkingConfig ? { thinkingConfig } : {}),
    speechConfig: {
      voiceConfig: { prebuiltVoiceConfig: { voiceName: "Puck" } },
      ...(languageCode ? { languageCode } : {}),
    },
  });
  assertEquals(setup?.systemInstruction?.parts?.[0], {
    text: `You answer for The Corner. +15550001111 calls ${number}.\nBe brief.`,
  });
  assertEquals(setup?.safetySettings?.toSorted((a, b) => a.category < b.category ? -1 : 1), [
    { category: "HARM_CATEGORY_DANGEROUS_CONTENT", threshold: "BLOCK_MEDIUM_AND_ABOVE" },
    { category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_ONLY_HIGH" },
    { category: "HARM_CATEGORY_HATE_SPEECH", threshold: "OFF" },
    { category: "HARM_CATEGORY_SEXUALLY_EXPLICIT", threshold: "BLOCK_LOW_AND_ABOVE" },
  ]);
  assertEquals(setup?.proactivity, proactivity);
  assertEquals(setup?.realtimeInputConfig, {
    automaticActivityDetection: { disabled: true },
    activityHandling: "START_OF_ACTIVITY_INTERRUPTS",
    turnCoverage: "TURN_INCLUDES_ALL_INPUT",
  });
  const [price, hangUpTool] = setup?.tools?.[0]?.functionDeclarations ?? [];
  assertEquals(
    price,
    {
      name: "price",
      description: 'Says what something costs. Before you call it, say: "One moment."',
      parameters: PARAMETERS,
      ...(behavior ? { behavior } : {}),
    } as typeof price,
  );
  assertEquals(hangUpTool?.name, "hang_up");
  assert(!("parameters" in (hangUpTool ?? {})), "what takes nothing says nothing");
}

Deno.test("every setting of an agent file reaches the service, in the way that each family of models takes it", async () => {
  await Deno.mkdir(DATA, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: DATA, prefix: "agents-" });
  try {
    for (const [n, each] of CASES.entries()) {
      await Deno.writeTextFile(`${folder}/agent-${n}.jsonc`, fileOf(each, n));
    }
    await using rig = await ProcessRig.start({ answers: spoken("of-course") }, { AGENTS: folder });
    for (const [n, each] of CASES.entries()) {
      const call = rig.line.dial({
        voiceUrl: `${PUBLIC_URL}/twilio/voice`,
        from: "+15550001111",
        to: each.number,
        script: [wait(200), hangUp()],
      });
      await until(() => rig.model.sessions[n]?.readyAtMs !== undefined, `${each.model} answers`);
      await call.ended;
      const session = rig.model.sessions[n];
      assert(session);
      assertEquals(session.violations, []);
      assertSetup(session, each);
      const [greeting] = session.texts;
      assertStringIncludes(greeting?.text ?? "", "The Corner, hello.");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
