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
