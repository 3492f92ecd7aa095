/** The server as a process: what keeps it from starting. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { GOOD_ENVIRONMENT, ServerProcess } from "../support/server_process.ts";

const SECRET = "planted-secret";

/** The lines that a server wrote before it gave up. */
async function refusalOf(environment: Readonly<Record<string, string>>): Promise<string[]> {
  await using server = new ServerProcess(environment);
  const { code } = await server.ended();
  assertEquals(code, 1);
  assertEquals(server.events("listening"), []);
  assert(!server.output.includes(SECRET), server.output);
  return server.errors.trim().split("\n");
}

Deno.test("a server with wrong settings exits 1 with a line for each variable, and no secret in them", async () => {
  const lines = await refusalOf({
    ...GOOD_ENVIRONMENT,
    PORT: "99999",
    PUBLIC_URL: "nonsense",
    TWILIO_AUTH_TOKEN: `two words ${SECRET}`,
    GEMINI_API_KEY: `two words ${SECRET}`,
    LOG_LEVEL: "loud",
  });
  const names = lines.map((line) => line.split(":")[0]);
  assertEquals(names.toSorted(), [
    "GEMINI_API_KEY",
    "LOG_LEVEL",
    "PORT",
    "PUBLIC_URL",
    "TWILIO_AUTH_TOKEN",
  ]);
  for (const line of lines) assertStringIncludes(line, "expected");
});

Deno.test("a server that others can reach does not start without an auth token [S03]", async () => {
  for (const HOST of ["", "0.0.0.0", "::"]) {
    const lines = await refusalOf({
      ...GOOD_ENVIRONMENT,
      HOST,
      TWILIO_AUTH_TOKEN: "",
      GEMINI_API_KEY: SECRET,
    });
    assertEquals(lines.length, 1);
    assertStringIncludes(lines[0] ?? "", "TWILIO_AUTH_TOKEN: is missing");
  }
});

Deno.test("a server whose agent file is wrong does not start, and names the field", async () => {
  await Deno.mkdir("data", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "data", prefix: "agents-" });
  try {
    const agent = {
      name: "default",
      instructions: "Be brief.",
      greeting: "Hello.",
      turns: { hangoverMs: "long" },
      colour: "red",
    };
    await Deno.writeTextFile(`${folder}/default.jsonc`, JSON.stringify(agent));
    const lines = await refusalOf({ ...GOOD_ENVIRONMENT, AGENTS: folder });
    const fields = lines.map((line) => line.split(": ")[1]);
    assertEquals(fields.toSorted(), ["colour", "turns.hangoverMs"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a server whose port is taken does not start, and says so", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  try {
    const lines = await refusalOf({ ...GOOD_ENVIRONMENT, PORT: String(port) });
    assertEquals(lines.length, 1);
    assertStringIncludes(lines[0] ?? "", "PORT: is in use");
  } finally {
    listener.close();
  }
});

Deno.test("a server that may not write where recordings are to be kept does not start, and says so", async () => {
  const lines = await refusalOf({ ...GOOD_ENVIRONMENT, RECORDINGS_PATH: "../elsewhere" });
  assertEquals(lines.length, 1);
  assertStringIncludes(lines[0] ?? "", "RECORDINGS_PATH: cannot be made; expected a folder");
});
