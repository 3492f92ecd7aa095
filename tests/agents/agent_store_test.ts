import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { AgentFileError } from "../../lib/agents/agent_file.ts";
import { loadAgents } from "../../lib/agents/agent_store.ts";
import { fillIn } from "../../lib/agents/instructions.ts";

/** Runs a test with a folder that holds these files. */
async function withFolder(
  files: Record<string, string>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function agent(name: string, fields: Record<string, unknown> = {}): string {
  return JSON.stringify({ name, instructions: "Help.", greeting: "Hello.", ...fields });
}

async function linesOf(path: string, options: { model?: string } = {}): Promise<readonly string[]> {
  return (await assertRejects(() => loadAgents(path, options), AgentFileError)).lines;
}

Deno.test("loadAgents() reads every agent of a folder and nothing else", async () => {
  const files = {
    "b.jsonc": agent("night"),
    "a.jsonc": agent("default"),
    "agent.schema.json": "{}",
    "notes.md": "",
  };
  await withFolder(files, async (folder) => {
    for (const path of [folder, `${folder}/`]) {
      const store = await loadAgents(path);
      assertEquals(store.names, ["default", "night"]);
      assertEquals(store.get("night")?.name, "night");
      assertEquals(store.get("day"), undefined);
      assertEquals(store.get("constructor"), undefined);
      assertEquals(store.warnings, []);
    }
  });
});

Deno.test("loadAgents() reads one agent when the path is a file", async () => {
  await withFolder({ "mine.jsonc": agent("default") }, async (folder) => {
    assertEquals((await loadAgents(`${folder}/mine.jsonc`)).names, ["default"]);
  });
});

Deno.test("loadAgents() tells what is wrong in all files at once", async () => {
  const files = {
    "a.jsonc": agent("default"),
    "b.jsonc": agent("night", { voice: 1 }),
    "c.jsonc": "{",
    "d.jsonc": agent("default"),
  };
  await withFolder(files, async (folder) => {
    assertEquals(await linesOf(folder), [
      `${folder}/b.jsonc: voice: expected the name of a voice, such as Kore`,
      `${folder}/c.jsonc:1:2: close brace expected`,
      `${folder}/d.jsonc: name: another file has default too`,
    ]);
  });
});

Deno.test("loadAgents() asks for an agent named default when there is none", async () => {
  for (const files of [{}, { "a.jsonc": agent("night") }]) {
    await withFolder(files, async (folder) => {
      assertEquals(await linesOf(folder), [
        `${folder}: no agent is named default; expected one that answers every call`,
      ]);
    });
  }
});

Deno.test("loadAgents() names the path when nothing is there", async () => {
  await withFolder({}, async (folder) => {
    assertEquals(await linesOf(`${folder}/x`), [`${folder}/x: is not there; expected agent files`]);
  });
});

Deno.test("loadAgents() warns and goes on when a voice is none of the known ones", async () => {
  await withFolder({ "a.jsonc": agent("default", { voice: "kore" }) }, async (folder) => {
    const { warnings } = await loadAgents(folder);
    assertEquals(warnings, [`${folder}/a.jsonc: voice: kore is none of the known ones`]);
  });
});

const REFUSED: [model: string, field: string][] = [
  ["gemini-2.5-flash-native-audio-latest", "language"],
  ["gemini-2.5-flash-native-audio-preview-12-2025", "language"],
  ["models/gemini-live-2.5-flash-native-audio", "language"],
  ["gemini-2.0-flash-live-001", "model"],
  ["gemini-2.0-flash-exp", "model"],
  ["gemini-2.5-flash", "model"],
  ["gemini-3.5-transcribe-live", "model"],
  ["gemini-3.5-live-translate-preview", "model"],
  ["gemini-robotics-er-2-streaming-preview", "model"],
];

for (const [model, field] of REFUSED) {
  Deno.test(`loadAgents() refuses the ${field} when the model is ${model}`, async () => {
    const files = {
      "own.jsonc": agent("default", { model, language: "es-ES" }),
      "servers.jsonc": agent("other", { language: "es-ES" }),
    };
    await withFolder(files, async (folder) => {
      const start = `${field}: ${model.replace("models/", "")} `;
      const [line = "", more] = await linesOf(folder);
      assertStringIncludes(line, `${folder}/own.jsonc: ${start}`);
      assertEquals(more, undefined);
      const lines = await linesOf(folder, { model });
      assertEquals(lines.length, 2);
      for (const each of lines) assertStringIncludes(each, `.jsonc: ${start}`);
    });
  });
}

Deno.test("loadAgents() takes a language for every model that is not known to refuse it", async () => {
  for (const model of ["gemini-3.8-live", "gemini-3.1-flash-live-preview", "gemini-9-live"]) {
    await withFolder({ "a.jsonc": agent("default", { model, language: "es" }) }, async (folder) => {
      assertEquals((await loadAgents(folder)).get("default")?.model, model);
    });
  }
});

Deno.test("loadAgents() reads the agents that come with the project", async () => {
  const store = await loadAgents(new URL("../../agents", import.meta.url).pathname);
  assertEquals(store.names, ["default"]);
  assertEquals(store.warnings, []);
  const instructions = store.get("default")?.instructions ?? "";
  const filled = fillIn(instructions, { caller: "<from>", called: "<to>", time: "<now>" });
  for (const value of ["<from>", "<to>", "<now>"]) assertStringIncludes(filled, value);
});

Deno.test("forNumber() gives the agent that has the number, and else the one named default", async () => {
  const files = {
    "a.jsonc": agent("default"),
    "b.jsonc": agent("night", { numbers: ["+15551230000"] }),
  };
  await withFolder(files, async (folder) => {
    const store = await loadAgents(folder);
    assertEquals(store.forNumber("+15551230000")?.name, "night");
    for (const number of ["", "15551230000", "+155512300001", "+1555123000", "anonymous"]) {
      assertEquals(store.forNumber(number)?.name, "default");
    }
  });
});

Deno.test("loadAgents() refuses a number that two agents have", async () => {
  const numbers = ["+15551230000"];
  const files = { "a.jsonc": agent("default", { numbers }), "b.jsonc": agent("b", { numbers }) };
  await withFolder(files, async (folder) => {
    assertEquals(await linesOf(folder), [
      `${folder}/b.jsonc: numbers: default has one of them too`,
    ]);
  });
});

Deno.test("reload() takes new files, and keeps the agents when anything in them is wrong", async () => {
  await withFolder({ "a.jsonc": agent("default") }, async (folder) => {
    const store = await loadAgents(folder);
    const before = store.get("default");
    await Deno.writeTextFile(`${folder}/b.jsonc`, agent("night", { voice: 1 }));
    await assertRejects(() => store.reload(), AgentFileError, "voice");
    assertEquals(store.names, ["default"]);
    assertEquals(store.get("default"), before);
    await Deno.writeTextFile(`${folder}/b.jsonc`, agent("night"));
    await store.reload();
    assertEquals(store.names, ["default", "night"]);
  });
});

const REFUSED_SETTINGS: [model: string, fields: Record<string, unknown>, line: string][] = [
  [
    "gemini-3.8-live",
    { generation: { thinking: { level: "low" } } },
    "generation.thinking.level: gemini-3.8-live refuses it; expected nothing",
  ],
  [
    "gemini-3.8-live",
    { generation: { proactive: false } },
    "generation.proactive: gemini-3.8-live is so always; expected true, or nothing",
  ],
  [
    "gemini-3.8-live-extended-thinking",
    { generation: { thinking: { level: "minimal" } } },
    "generation.thinking.level: gemini-3.8-live-extended-thinking refuses it; expected low, medium or high",
  ],
  [
    "gemini-3.8-live-extended-thinking",
    { tools: [{ use: "hang_up", scheduling: "silent" }] },
    "tools.0.scheduling: gemini-3.8-live-extended-thinking refuses it; expected nothing",
  ],
  [
    "gemini-3.8-live-extended-thinking",
    { tools: [{ use: "hang_up", blocking: true }] },
    "tools.0.blocking: gemini-3.8-live-extended-thinking waits for no tool; expected false, or nothing",
  ],
  [
    "gemini-3.1-flash-live-preview",
    { tools: ["remember", { use: "hang_up", blocking: false }] },
    "tools.1.blocking: gemini-3.1-flash-live-preview waits for every tool; expected true, or nothing",
  ],
  [
    "gemini-3.1-flash-live-preview",
    { generation: { proactive: true } },
    "generation.proactive: gemini-3.1-flash-live-preview does not know it; expected nothing",
  ],
  [
    "models/gemini-2.5-flash-native-audio-latest",
    { generation: { thinking: { level: "low" } } },
    "generation.thinking.level: gemini-2.5-flash-native-audio-latest refuses it; expected budget",
  ],
];

for (const [model, fields, line] of REFUSED_SETTINGS) {
  Deno.test(`loadAgents() says "${line}" when the file is read`, async () => {
    await withFolder({ "a.jsonc": agent("default", { model, ...fields }) }, async (folder) => {
      assertEquals(await linesOf(folder), [`${folder}/a.jsonc: ${line}`]);
    });
    await withFolder({ "a.jsonc": agent("default", { ...fields }) }, async (folder) => {
      assertEquals(await linesOf(folder, { model }), [`${folder}/a.jsonc: ${line}`]);
    });
  });
}

Deno.test("loadAgents() warns of models that are not made for calls or out of date, and goes on", async () => {
  const warned = async (fields: Record<string, unknown>, model?: string) => {
    let lines: readonly string[] = [];
    await withFolder({ "a.jsonc": agent("default", fields) }, async (folder) => {
      const { warnings } = await loadAgents(folder, model === undefined ? {} : { model });
      lines = warnings.map((line) => line.replace(`${folder}/a.jsonc: `, ""));
    });
    return lines;
  };
  const slow = "gemini-3.8-live-extended-thinking";
  const old = "gemini-2.5-flash-native-audio-latest";
  const tooSlow = `model: ${slow} thinks for long; it is not made for telephone calls`;
  assertEquals(await warned({}), []);
  assertEquals(await warned({ model: slow }), [tooSlow]);
  assertEquals(await warned({}, `models/${slow}`), [tooSlow]);
  assertEquals(await warned({ fallbackModel: old }), [
    `fallbackModel: ${old} is deprecated, and not to be had with every key`,
  ]);
  assertEquals(await warned({ model: "gemini-2.0-flash-live-preview-04-09" }), [
    "model: gemini-2.0-flash-live-preview-04-09 is out of date",
  ]);
  assertEquals(await warned({ fallbackModel: "gemini-3.1-flash-live-preview" }), []);
});

Deno.test("loadAgents() refuses what the usual model refuses, where none is named", async () => {
  const fields = { generation: { thinking: { level: "low" }, proactive: false } };
  await withFolder({ "a.jsonc": agent("default", fields) }, async (folder) => {
    assertEquals(await linesOf(folder), [
      `${folder}/a.jsonc: generation.thinking.level: gemini-3.8-live refuses it; expected nothing`,
      `${folder}/a.jsonc: generation.proactive: gemini-3.8-live is so always; expected true, or nothing`,
    ]);
  });
});

Deno.test("loadAgents() says that immediate is taken as interrupt", async () => {
  const tools = [{ use: "hang_up", scheduling: "immediate" }];
  await withFolder({ "a.jsonc": agent("default", { tools }) }, async (folder) => {
    assertEquals((await loadAgents(folder)).warnings, [
      `${folder}/a.jsonc: tools.0.scheduling: the service has no immediate; interrupt is meant`,
    ]);
  });
});
