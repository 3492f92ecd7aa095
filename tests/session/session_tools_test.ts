import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { Session } from "../../lib/session/session.ts";
import { InvalidMessageError } from "../../lib/session/session_errors.ts";
import type { ToolResponse } from "../../lib/session/tool_desk.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import { spoken, startRig } from "./session_rig.ts";

const weather = defineTool({
  name: "get_weather",
  description: "The weather in a city now.",
  parameters: z.object({ city: z.string() }),
  run: ({ city }) => ({ city, celsius: 21 }),
});

const ASKS_WEATHER = {
  answers: () => ({
    ...spoken(" It is 21 degrees."),
    calls: [
      { name: "get_weather", args: { city: "Recife" } },
      { name: "get_weather", args: { town: "Recife" } },
      { name: "get_tides", args: {} },
    ],
  }),
};

Deno.test("the session runs its own tools, several at once, and answers names that it does not know [E09 E23 E29 E30 L32 L34 P33]", async () => {
  await using rig = await startRig({ tools: [weather], script: ASKS_WEATHER });
  await rig.session.connect();
  const turn = await rig.session.ask("How warm is it in Recife?");
  assertEquals(turn.text, "It is 21 degrees.");
  const [record] = rig.service.sessions;
  const responses = record?.toolResponses.toSorted((a, b) => a.id.localeCompare(b.id));
  assertEquals(responses?.map(({ name }) => name), ["get_weather", "get_weather", "get_tides"]);
  assertEquals(responses?.[0]?.response, { output: { city: "Recife", celsius: 21 } });
  assertEquals(responses?.[0]?.scheduling, "WHEN_IDLE");
  assertEquals(Object.keys(responses?.[1]?.response ?? {}), ["error"]);
  assertEquals(responses?.[2]?.response, { error: "There is no tool of this name" });
  assertEquals(record?.violations, []);
  const declared = record?.setup?.tools?.[0]?.functionDeclarations?.map(({ name }) => name);
  assertEquals(declared, ["get_weather"]);
});

/** Tools in each manner, and what the wire has of them by model. */
const MANNERS = (["when-idle", "silent", "interrupt"] as const).map((scheduling) =>
  defineTool({
    name: scheduling.replace("-", "_"),
    description: "Does something.",
    parameters: z.object({}),
    scheduling,
    run: () => scheduling,
  })
);
const WAITED_FOR = defineTool({
  name: "waited_for",
  description: "Does something.",
  parameters: z.object({}),
  isBlocking: true,
  run: () => "done",
});

for (
  const [model, behaviours, schedulings] of [
    [
      "gemini-3.8-live",
      ["NON_BLOCKING", "NON_BLOCKING", "NON_BLOCKING", "BLOCKING"],
      ["WHEN_IDLE", "SILENT", "INTERRUPT", undefined],
    ],
    ["gemini-3.8-live-extended-thinking", Array(4).fill(undefined), Array(4).fill(undefined)],
    ["gemini-3.1-flash-live-preview", Array(4).fill(undefined), Array(4).fill(undefined)],
  ] as const
) {
  Deno.test(`${model} is told of tools and results as it can be [L28 L35 L36 L37 L40]`, async () => {
    const tools = [...MANNERS, WAITED_FOR];
    const calls = tools.map(({ name }) => ({ name, args: {} }));
    await using rig = await startRig({
      model,
      tools,
      script: { answers: () => ({ ...spoken(" Done."), calls }) },
    });
    await rig.session.connect();
    const asking = rig.session.ask("Do it all");
    rig.session.sendAudio(new Int16Array(320));
    assertEquals((await asking).text, "Done.");
    const [record] = rig.service.sessions;
    const declared = record?.setup?.tools?.[0]?.functionDeclarations;
    assertEquals(declared?.map(({ behavior }) => behavior), [...behaviours]);
    const results = tools.map(({ name }) =>
      record?.toolResponses.find((response) => response.name === name)
    );
    assertEquals(results.map((result) => result?.response), [
      ...MANNERS.map(({ scheduling }) => ({ output: scheduling })),
      { output: "done" },
    ]);
    assertEquals(results.map((result) => result?.scheduling), [...schedulings]);
    assertEquals(record?.violations, []);
  });
}

const BY_HAND = {
  config: {
    functionDeclarations: [{
      name: "get_weather",
      description: "The weather in a city now.",
      parameters: { type: "OBJECT", properties: { city: { type: "STRING" } }, required: ["city"] },
    }],
  },
  script: {
    answers: () => ({
      ...spoken(" Done."),
      calls: [
        { name: "get_weather", args: { city: "Recife" } },
        { name: "get_weather", args: { city: "Olinda" } },
      ],
    }),
  },
};

Deno.test("sendToolResponses() answers several calls in one message, each once [E28 P16 P17 J21 J22 L38]", async () => {
  await using rig = await startRig(BY_HAND);
  const { session, service } = rig;
  await session.connect();
  session.send("Compare");
  const { calls: [first, second] } = await rig.told("tool-call");
  const answers: ToolResponse[] = [
    {
      id: first?.id ?? "",
      name: "get_weather",
      response: { celsius: 21 },
      scheduling: "IMMEDIATE",
    },
    { id: second?.id ?? "", name: "get_weather", response: '{"celsius":22}' },
  ];
  session.sendToolResponses(answers);
  await rig.told("turn-complete");
  const responses = service.sessions[0]?.toolResponses;
  assertEquals(responses?.map(({ response }) => response), [{ celsius: 21 }, { celsius: 22 }]);
  assertEquals(responses?.[0]?.scheduling, "INTERRUPT");
  assertThrows(() => session.sendToolResponses(answers), InvalidMessageError, "id");
  assertEquals(service.sessions[0]?.violations, []);
});

Deno.test("a response that cannot be right is refused here, and the call stays open [E48]", async () => {
  await using rig = await startRig(BY_HAND);
  const { session } = rig;
  await session.connect();
  session.send("Compare");
  const { calls: [call] } = await rig.told("tool-call");
  const id = call?.id ?? "";
  for (const response of ["no JSON", "[1]", "null"]) {
    assertThrows(
      () => session.sendToolResponses([{ id, name: "get_weather", response }]),
      InvalidMessageError,
      "functionResponses.0.response",
    );
  }
  assertThrows(() => session.sendToolResponses([]), InvalidMessageError, "functionResponses");
  session.sendToolResponses([{ id, name: "get_weather", response: {} }]);
});

Deno.test("calls die with their connection, and the turn is asked again on the next one [E44 P22 L33]", async () => {
  await using rig = await startRig({
    ...BY_HAND,
    script: {
      ...BY_HAND.script,
      faults: [{ when: { at: "turn", turn: 0, afterMs: 600 }, type: "reset", connection: 0 }],
    },
  });
  const { session, service } = rig;
  await session.connect();
  session.send("Compare");
  const { calls } = await rig.told("tool-call");
  const { ids } = await rig.told("tool-call-cancellation");
  assertEquals(ids, calls.map(({ id }) => id));
  const again = await rig.told("tool-call", 2);
  session.sendToolResponses(
    again.calls.map(({ id, name }) => ({ id, name, response: { celsius: 20 } })),
  );
  await rig.told("turn-complete");
  assertEquals(service.sessions.flatMap(({ violations }) => violations), []);
});

Deno.test("Session refuses what no service would take, with the field [E31 E60 P03 P04 P06]", () => {
  const declaration = { name: "f", description: "Does.", parameters: {} };
  for (
    const [field, config] of [
      ["responseModalities", { responseModalities: ["AUDIO", "TEXT"] as const }],
      ["generationConfig.temperature", { generationConfig: { temperature: 3 } }],
      ["generationConfig.topP", { generationConfig: { topP: -1 } }],
      ["generationConfig.topK", { generationConfig: { topK: 0.5 } }],
      ["generationConfig.maxOutputTokens", { generationConfig: { maxOutputTokens: 0 } }],
      ["functionDeclarations.0.name", {
        functionDeclarations: [{ ...declaration, name: "no spaces" }],
      }],
      ["functionDeclarations.1.name", { functionDeclarations: [declaration, declaration] }],
      ["functionDeclarations.0.description", {
        functionDeclarations: [{ ...declaration, description: "" }],
      }],
    ] as const
  ) {
    const error = assertThrows(() => new Session({ config }), InvalidMessageError);
    assertEquals(error.field, field);
  }
});

Deno.test("the setup says what the configuration says, in either form [P02 P05 P39 E35 E37 E38 J24]", async () => {
  await using rig = await startRig({
    config: {
      systemInstruction: { role: "user", parts: [{ text: "Be " }, { text: "brief." }] },
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Aoede" } } },
      generationConfig: { temperature: 0.5, topP: 0.9, topK: 40, maxOutputTokens: 200 },
    },
  });
  await rig.session.connect();
  const setup = rig.service.sessions[0]?.setup;
  assertEquals(setup?.systemInstruction?.parts, [{ text: "Be brief." }]);
  const { responseModalities, speechConfig, ...generation } = setup?.generationConfig ?? {};
  assertEquals(responseModalities, ["AUDIO"]);
  assertEquals(speechConfig?.voiceConfig?.prebuiltVoiceConfig?.voiceName, "Aoede");
  assertEquals(generation, { temperature: 0.5, topP: 0.9, topK: 40, maxOutputTokens: 200 });
});
