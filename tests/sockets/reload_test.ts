/** Agent files that change while the server runs, as a process, and has a call. */
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { hangUp, wait } from "../../emulators/caller_script.ts";
import type { SessionRecord } from "../../emulators/gemini_records.ts";
import { assertUnbroken } from "../support/call_audio.ts";
import { ProcessRig } from "../support/process_rig.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { until } from "../support/socket_call.ts";

/** Below the project, where the server may read. */
const DATA = new URL("../../data/", import.meta.url).pathname;

/** How a file is written: into its place, or another one is put there, as editors do. */
type Write = (file: string, text: string) => Promise<void>;

const inPlace: Write = (file, text) => Deno.writeTextFile(file, text);
const instead: Write = async (file, text) => {
  await Deno.writeTextFile(`${file}~`, text);
  await Deno.rename(`${file}~`, file);
};

function agent(instructions: string, fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ name: "default", instructions, greeting: "Hello.", ...fields });
}

function instructionsOf(session: SessionRecord | undefined): string {
  return session?.setup?.systemInstruction?.parts?.map(({ text }) => text).join("") ?? "";
}

/** A folder with one agent. */
async function agentFolder(): Promise<{ file: string; folder: string } & AsyncDisposable> {
  await Deno.mkdir(DATA, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: DATA, prefix: "agents-" });
  const file = `${folder}/default.jsonc`;
  await inPlace(file, agent("You are the first."));
  return {
    file,
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Changes the file while a call runs, in all ways, and calls again. */
async function changeDuringCall(
  rig: ProcessRig,
  { file, write, reload }: { file: string; write: Write; reload: () => void },
): Promise<void> {
  const { server, model } = rig;
  const running = rig.dial([hearsOut, wait(6_000), says("stop"), hearsOut, hangUp()]);
  await until(() => model.sessions[0]?.sent.length === 1, "the call runs");

  await write(file, agent("You are wrong.", { voice: 7 }));
  reload();
  await until(() => server.events("agents-not-reloaded").length > 0, "the wrong file is refused");
  const [refused] = server.events("agents-not-reloaded");
  assertStringIncludes(
    String(refused?.problem),
    "default.jsonc: voice: expected the name of a voice",
  );
  await rig.dial([wait(300), hangUp()]).ended;
  await until(() => model.sessions.length === 2, "a call that comes then has a model");
  assertEquals(instructionsOf(model.sessions[1]), "You are the first.");

  await write(file, agent("You are the second."));
  reload();
  await until(() => server.events("agents-reloaded").length > 0, "the right file is taken");
  await rig.dial([wait(300), hangUp()]).ended;
  await until(() => model.sessions.length === 3, "a call that comes then has a model");
  assertEquals(instructionsOf(model.sessions[2]), "You are the second.");

  const report = await running.ended;
  const [session] = model.sessions;
  assertUnbroken({ report, session });
  assertEquals(report.endedBy, "caller");
  assertEquals(instructionsOf(session), "You are the first.");
  assertEquals(session?.sent.length, 2, "it was answered to the end");
  const lastMs = session?.sent[1]?.firstSentAtMs ?? 0;
  assertGreater(lastMs, model.sessions[2]?.openedAtMs ?? Infinity, "and went on behind the change");
  assertEquals(server.errors, "");
}

Deno.test("deno task start reads its agents again on SIGHUP: the running call keeps its own, the next one gets the new one, and a wrong file changes nothing", async () => {
  await using files = await agentFolder();
  const script = { answers: spoken("of-course", "which-day") };
  await using rig = await ProcessRig.start(script, { AGENTS: files.folder });
  const { file } = files;
  await changeDuringCall(rig, { file, write: inPlace, reload: () => rig.server.signal("SIGHUP") });
});

for (const [path, write] of [["folder", inPlace], ["file", instead]] as const) {
  Deno.test(`deno task dev reads its agents again when what changes is in its ${path}`, async () => {
    await using files = await agentFolder();
    const script = { answers: spoken("of-course", "which-day") };
    await using rig = await ProcessRig.start(script, { AGENTS: files[path] }, "dev.ts");
    assert(rig.server.output.includes("Model: Gemini Live."));
    const reload = () => {};
    await changeDuringCall(rig, { file: files.file, write, reload });
  });
}
