/** The server as a process that records its calls. */
import { assert, assertEquals, assertFalse, assertGreater, assertMatch } from "@std/assert";
import { breakIn, hangUp, press } from "../../emulators/caller_script.ts";
import { ProcessRig } from "../support/process_rig.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { GOOD_ENVIRONMENT } from "../support/server_process.ts";

const ROOT = new URL("../../", import.meta.url);
const FLIGHTS = "data/flights";
const CONSOLE_TOKEN = "planted-console-token";
const DAY_MS = 86_400_000;

/** What `deno task replay` says of a file. */
async function replay(path: string): Promise<{ code: number; text: string }> {
  const args = ["task", "--quiet", "replay", path];
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT });
  const { code, stdout } = await command.output();
  return { code, text: new TextDecoder().decode(stdout) };
}

Deno.test("a call of a process with RECORD=full leaves a file without secrets that replays to the same bytes", async () => {
  await using rig = await ProcessRig.start(
    { answers: spoken("greeting", "by-the-window", "of-course", "goodbye") },
    { RECORD: "full", CONSOLE_TOKEN, SECRET_CRM: "planted-secret" },
  );
  const [warned] = rig.server.events("settings");
  assertMatch(String(warned?.warning), /^RECORD: is full; all that callers say/);
  const { callSid, ended } = rig.dial([
    hearsOut,
    says("window"),
    breakIn(1_000),
    says("tomorrow"),
    press("1"),
    hearsOut,
    hangUp(),
  ]);
  await ended;
  rig.server.signal("SIGTERM");
  assertEquals((await rig.server.ended()).code, 0);
  const day = new Date(Date.now() + 30 * DAY_MS).toISOString().slice(0, 10);
  const path = `${FLIGHTS}/${day}/${callSid}-1.jsonl`;
  try {
    const file = new URL(path, ROOT);
    const { mode } = await Deno.stat(file);
    if (mode !== null) assertEquals(mode & 0o777, 0o600);
    const text = await Deno.readTextFile(file);
    const { TWILIO_AUTH_TOKEN, GEMINI_API_KEY } = GOOD_ENVIRONMENT;
    for (const secret of [TWILIO_AUTH_TOKEN, GEMINI_API_KEY, CONSOLE_TOKEN, "planted-secret"]) {
      assert(secret);
      assertFalse(text.includes(secret), secret);
    }
    const handles = [...text.matchAll(/"handle":"([^"]*)"/g)].map(([, handle]) => handle ?? "");
    assertGreater(handles.length, 0);
    for (const handle of handles) assertMatch(handle, /^handle-\d+$/);
    const { code, text: said } = await replay(path);
    assertMatch(said, /^data\/flights\/\S+: \d+ lines, \d+\.\d{3} s: the same to the byte\n$/);
    assertEquals(code, 0);

    const lines = text.split("\n");
    const at = lines.findLastIndex((line) => line.startsWith('{"out":"leg.play"'));
    await Deno.writeTextFile(file, lines.with(at, '{"out":"leg.clear","with":[]}').join("\n"));
    const { code: differs, text: difference } = await replay(path);
    assertEquals(differs, 1);
    const [first, recorded, now] = difference.split("\n");
    assertMatch(
      first ?? "",
      new RegExp(`: differs at line ${at + 1}, \\d+\\.\\d{3} s into the call$`),
    );
    assertEquals(recorded, '  recorded: {"out":"leg.clear","with":[]}');
    assertMatch(now ?? "", /^ {2}now: {6}\{"out":"leg\.play","with":\[\{"\$u8":"/);
  } finally {
    await Deno.remove(new URL(path, ROOT));
  }
});

Deno.test("a process without RECORD records nothing", async () => {
  await using rig = await ProcessRig.start({ answers: spoken("of-course") });
  const { callSid, ended } = rig.dial([hearsOut, hangUp()]);
  await ended;
  rig.server.signal("SIGTERM");
  assertEquals((await rig.server.ended()).code, 0);
  const warnings = rig.server.events("settings").map(({ warning }) => String(warning));
  assertFalse(warnings.some((warning) => warning.startsWith("RECORD")));
  for (const { name: day } of await entriesOf(FLIGHTS)) {
    for (const { name } of await entriesOf(`${FLIGHTS}/${day}`)) {
      assertFalse(name.includes(callSid));
    }
  }
});

async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(new URL(folder, ROOT)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
