import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { untilEnded } from "../../emulators/caller_script.ts";
import { startGeminiLive } from "../../emulators/gemini_live.ts";
import { PhoneLine } from "../../emulators/phone_line.ts";
import { startTwilioRest } from "../../emulators/twilio_rest.ts";
import { systemClock } from "../../lib/clock.ts";
import { RestClient } from "../../lib/twilio/rest_client.ts";

const ACCOUNT_SID = `AC${"7".repeat(32)}`;
const SECRETS = ["secret-of-the-model", "0123456789abcdef0123456789abcdef"] as const;
const [KEY, TOKEN] = SECRETS;
const NUMBER = "+15559990000";

/** All that the doctor looks at, emulated, and a server that is alive. */
async function start({ badKey }: { badKey?: string } = {}) {
  const model = await startGeminiLive({
    clock: systemClock,
    ...(badKey === undefined ? {} : { badKey }),
  });
  const line = new PhoneLine({ clock: systemClock, accountSid: ACCOUNT_SID, authToken: TOKEN });
  const rest = startTwilioRest({
    line,
    numbers: [NUMBER],
    answer: () => ({ callee: { ringMs: 1, then: "busy" }, script: [untilEnded()] }),
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => new Response(null, { status: request.url.endsWith("/healthz") ? 200 : 404 }),
  );
  const folder = await Deno.makeTempDir();
  const env = {
    GEMINI_API_KEY: KEY,
    GOOGLE_GEMINI_BASE_URL: model.url,
    TWILIO_ACCOUNT_SID: ACCOUNT_SID,
    TWILIO_AUTH_TOKEN: TOKEN,
    TWILIO_API_URL: rest.url,
    PUBLIC_URL: `http://127.0.0.1:${server.addr.port}`,
    KV_PATH: `${folder}/kv.sqlite3`,
  };
  return {
    model,
    rest,
    env,
    async [Symbol.asyncDispose]() {
      await Promise.all([model.close(), rest.close(), server.shutdown(), line.close()]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Runs the doctor as people do; nothing of this machine's environment counts. */
async function doctor(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<{ code: number; lines: string[] }> {
  const { PATH = "", HOME = "", DENO_DIR = "" } = Deno.env.toObject();
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", "tasks/doctor.ts", ...args],
    env: { PATH, HOME, ...(DENO_DIR ? { DENO_DIR } : {}), NO_COLOR: "1", ...env },
    clearEnv: true,
    stderr: "inherit",
  }).output();
  const text = new TextDecoder().decode(stdout);
  for (const secret of SECRETS) assert(!text.includes(secret), "a secret was printed");
  return { code, lines: text.trim().split("\n") };
}

Deno.test("doctor finds the webhook that leads elsewhere, --fix sets it, and then all is well [E56 E58 P07 W41]", async () => {
  await using rig = await start();
  const first = await doctor(rig.env, "--number", NUMBER);
  const wrong = first.lines.filter((line) => line.startsWith("WRONG"));
  assertEquals([first.code, wrong.length], [1, 1]);
  assertStringIncludes(wrong[0] ?? "", "doctor --fix");
  const fixed = await doctor(rig.env, "--number", NUMBER, "--fix");
  assertEquals(fixed.code, 0, fixed.lines.join("\n"));
  const client = new RestClient({
    accountSid: ACCOUNT_SID,
    credentials: { user: ACCOUNT_SID, password: TOKEN },
    origin: rig.rest.url,
    clock: systemClock,
  });
  const set = await client.findNumber(NUMBER);
  assert(set);
  // How often Twilio asks again is no other place.
  await client.setWebhooks(set.sid, { ...set, voiceUrl: `${set.voiceUrl}#rc=5&rp=all` });
  const again = await doctor(rig.env, "--number", NUMBER);
  assertEquals(
    again.lines.filter((line) => line.startsWith("ok")).length,
    8,
    again.lines.join("\n"),
  );
  assertStringIncludes(again.lines.at(-1) ?? "", "Kore");
  assertEquals(rig.model.sessions[0]?.violations, []);
});

Deno.test("doctor says what to do about each thing that is wrong, and exits 1 [E46 E56]", async () => {
  await using rig = await start({ badKey: KEY });
  const { code, lines } = await doctor({
    ...rig.env,
    TWILIO_ACCOUNT_SID: `AC${"8".repeat(32)}`,
    PUBLIC_URL: "http://127.0.0.1:1",
    KV_PATH: "/dev/null/kv",
  });
  assertEquals(code, 1);
  const wrong = lines.filter((line) => line.startsWith("WRONG"));
  assertEquals(wrong.map((line) => line.split(/[ :]/)[1]), ["Model", "Twilio", "Public", "Store"]);
  for (const word of ["GEMINI_API_KEY", "TWILIO_AUTH_TOKEN", "PUBLIC_URL", "KV_PATH"]) {
    assert(wrong.some((line) => line.includes(word)), word);
  }
});

Deno.test("doctor tells what is wrong with the tools of an agent", async () => {
  const folder = await Deno.makeTempDir();
  const http = { url: "https://tides.example.com", headers: { key: "{{secret:TIDES}}" } };
  await Deno.writeTextFile(
    `${folder}/default.jsonc`,
    JSON.stringify({
      name: "default",
      instructions: "Help.",
      greeting: "Hello.",
      tools: [{ name: "tides", description: "Looks.", http }],
    }),
  );
  const { code, lines } = await doctor({ AGENTS: folder });
  await Deno.remove(folder, { recursive: true });
  assertEquals(code, 1);
  assert(lines.some((line) => line.startsWith("WRONG") && line.includes("TIDES")), lines.join());
});

Deno.test("doctor names a missing key and credentials, and a setting that cannot be read", async () => {
  const bare = await doctor({ PUBLIC_URL: "http://127.0.0.1:1", KV_PATH: ":memory:" });
  assertEquals(bare.code, 1);
  assert(bare.lines.includes("WRONG Key of the model: is missing; set GEMINI_API_KEY in .env"));
  assert(bare.lines.some((line) => line.startsWith("WRONG Twilio credentials: are missing")));
  const { code, lines } = await doctor({ PORT: "many" });
  assertEquals([code, lines[0]?.startsWith("WRONG PORT")], [1, true]);
});

Deno.test("doctor looks at the model of every agent with all that its file says, and at the tools", async () => {
  await using rig = await start();
  const folder = await Deno.makeTempDir();
  const write = (name: string, fields: Readonly<Record<string, unknown>>) =>
    Deno.writeTextFile(
      `${folder}/${name}.jsonc`,
      JSON.stringify({ name, instructions: "Help.", greeting: "Hello.", ...fields }),
    );
  try {
    await write("default", { fallbackModel: "gemini-3.1-flash-live-preview", tools: ["hang_up"] });
    await write("night", { voice: "Nobody", numbers: [NUMBER, "+15550000000"] });
    const { code, lines } = await doctor({ ...rig.env, AGENTS: folder });
    assertEquals(code, 1);
    const models = lines.filter((line) => line.includes("Model "));
    assertEquals(models.map((line) => line.split(/[ :]+/).slice(0, 5)), [
      ["ok", "Model", "gemini-3.8-live", "of", "default"],
      ["ok", "Model", "gemini-3.1-flash-live-preview", "of", "default"],
      ["WRONG", "Model", "gemini-3.8-live", "of", "night"],
    ]);
    assertStringIncludes(models[2] ?? "", "look at what the agent's file asks of the model");
    assert(lines.some((line) => line.includes("voice: Nobody is none of the known ones")));
    const webhooks = lines.filter((line) => line.includes("Webhook of"));
    assertEquals(webhooks.map((line) => line.replace(/^WRONG Webhook of |;.*/g, "")), [
      `${NUMBER}: leads elsewhere, or nowhere`,
      "+15550000000: the account has no such number",
    ]);
    const [declared] = rig.model.sessions[0]?.setup?.tools ?? [];
    assertEquals(declared?.functionDeclarations?.map(({ name }) => name), ["hang_up"]);

    await write("night", { tools: ["fly"] });
    const wrong = await doctor({ ...rig.env, AGENTS: folder });
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.lines[0] ?? "", "night.jsonc: tools.0.use: fly is unknown");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("doctor finds nothing wrong with the example agents, copied beside the one that comes with the project", async () => {
  await using rig = await start();
  const agents = new URL("../../agents/", import.meta.url);
  const folder = await Deno.makeTempDir();
  try {
    const examples = await Array.fromAsync(Deno.readDir(new URL("examples/", agents)));
    const files = ["default.jsonc", ...examples.map(({ name }) => `examples/${name}`)];
    for (const file of files) {
      await Deno.copyFile(new URL(file, agents), `${folder}/${file.replace("examples/", "")}`);
    }
    const { lines } = await doctor({ ...rig.env, AGENTS: folder }, "--number", NUMBER, "--fix");
    assertEquals(lines.filter((line) => line.startsWith("WRONG")), []);
    const models = lines.filter((line) => line.startsWith("ok    Model"));
    assertEquals(models.length, files.length);
    assertEquals(rig.model.sessions.flatMap(({ violations }) => violations), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
