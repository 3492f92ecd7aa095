/** Who may import whom, how long files and functions may be, and what may appear where. */
import { assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);
const FOLDERS = ["audio", "lib", "routes", "emulators", "bench", "examples", "tasks", "tests"];

/** What each place may import: folders, files and packages. A place is the longest entry that fits. */
const ALLOWED: Record<string, readonly string[]> = {
  "audio/": ["audio/"],
  "lib/turns/": ["lib/turns/"],
  "lib/clock.ts": [],
  "lib/ids.ts": [],
  "lib/log.ts": ["lib/clock.ts"],
  "lib/settings.ts": [],
  "lib/env.ts": ["lib/settings.ts", "zod"],
  "lib/local_token.ts": ["lib/ids.ts"],
  "lib/hearing/": ["lib/hearing/", "audio/", "@ricky0123/vad-web/"],
  "lib/agents/": [
    "lib/agents/",
    "lib/turns/turn_settings.ts",
    "lib/tools/tool_wishes.ts",
    "lib/clock.ts",
    "lib/log.ts",
    "zod",
    "jsonc-parser",
  ],
  "lib/store/": ["lib/store/", "lib/clock.ts", "lib/log.ts", "node:v8"],
  "lib/records/": [
    "lib/records/",
    "lib/store/",
    "audio/wav.ts",
    "lib/clock.ts",
    "lib/log.ts",
    "node:crypto",
  ],
  "lib/tools/": [
    "lib/tools/",
    "lib/clock.ts",
    "lib/log.ts",
    "zod",
    "undici",
    "node:dns/promises",
    "node:net",
  ],
  "lib/telemetry/": [
    "lib/telemetry/",
    "lib/records/call_record.ts",
    "lib/log.ts",
    "@opentelemetry/api",
  ],
  "lib/admission/": [
    "lib/admission/",
    "lib/store/store.ts",
    "lib/call/outcome.ts",
    "lib/clock.ts",
    "lib/ids.ts",
    "lib/log.ts",
    "zod",
  ],
  "lib/call/": [
    "lib/call/",
    "audio/",
    "lib/turns/",
    "lib/agents/agent_config.ts",
    "lib/records/call_record.ts",
    "lib/tools/",
    "lib/records/call_snapshot.ts",
    "lib/clock.ts",
    "lib/ids.ts",
    "lib/log.ts",
  ],
  "lib/flight/": [
    "lib/flight/",
    "lib/call/",
    "lib/agents/agent_config.ts",
    "lib/records/call_snapshot.ts",
    "lib/records/day_folders.ts",
    "lib/tools/",
    "lib/clock.ts",
    "lib/log.ts",
    "zod",
  ],
  "lib/twilio/": [
    "lib/twilio/",
    "audio/",
    "lib/call/leg.ts",
    "lib/call/call_events.ts",
    "lib/call/outcome.ts",
    "lib/clock.ts",
    "lib/ids.ts",
    "lib/log.ts",
    "zod",
    "node:crypto",
  ],
  "lib/gateway/": [
    "lib/gateway/",
    "audio/",
    "lib/turns/",
    "lib/agents/agent_config.ts",
    "lib/call/model.ts",
    "lib/call/recap.ts",
    "lib/call/rotation.ts",
    "lib/clock.ts",
    "lib/ids.ts",
    "lib/log.ts",
    "lib/tools/",
    "zod",
  ],
  "lib/gemini/": [
    "lib/gemini/",
    "lib/call/model.ts",
    "lib/agents/agent_config.ts",
    "lib/agents/model_family.ts",
    "lib/tools/tool_declaration.ts",
    "lib/tools/tool_schema.ts",
    "lib/clock.ts",
    "lib/ids.ts",
    "lib/log.ts",
    "@google/genai",
  ],
  "lib/session/": [
    "lib/session/",
    "lib/gemini/",
    "lib/tools/",
    "lib/agents/model_family.ts",
    "lib/call/model.ts",
    "lib/call/recap.ts",
    "lib/clock.ts",
    "lib/ids.ts",
    "lib/log.ts",
  ],
  "routes/": ["routes/", "lib/", "audio/vad.ts", "audio/wav.ts", "hono", "zod", "node:crypto"],
  "routes/listeners/": [
    "routes/listeners/",
    "lib/clock.ts",
    "lib/log.ts",
    "lib/twilio/signature.ts",
    "ws",
    "node:http",
    "node:net",
    "node:process",
    "node:stream",
  ],
  "emulators/": ["emulators/", "audio/", "lib/clock.ts", "ws", "saxes", "zod", "node:"],
  "main.ts": ["lib/", "routes/"],
};

/** Packages that have one home. */
const HOMES: Record<string, readonly string[]> = {
  "@google/genai": ["lib/gemini/", "tests/", "bench/"],
  "hono": ["routes/", "tests/"],
  "ws": ["routes/listeners/", "emulators/", "tasks/", "tests/", "bench/"],
  "playwright-core": ["tests/browser/"],
  "@opentelemetry/api": ["lib/telemetry/"],
  "onnxruntime-web/": ["tests/hearing/", "bench/"],
  "twilio/": ["tests/"],
  "undici": ["lib/tools/"],
};

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

async function* walk(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* walk(`${path}/`);
    else if (path.endsWith(".ts")) yield path;
  }
}

async function sources(): Promise<SourceFile[]> {
  const paths = ["main.ts", "dev.ts"];
  for (const folder of FOLDERS) for await (const path of walk(`${folder}/`)) paths.push(path);
  return await Promise.all(
    paths.map(async (path) => ({ path, text: await Deno.readTextFile(new URL(path, ROOT)) })),
  );
}

/** What a file imports: paths from the root, or names of packages. Examples in comments do not count. */
function importsOf({ path, text }: SourceFile): string[] {
  const code = text.replace(/^\s*\*.*$/gm, "");
  const found = code.matchAll(
    /^(?:import|export)\b[^"';]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? "").map((specifier) =>
    specifier.startsWith(".")
      ? new URL(specifier, new URL(path, ROOT)).href.slice(ROOT.href.length)
      : specifier
  );
}

function longestFit(path: string, places: readonly string[]): string | undefined {
  return places.filter((place) => path.startsWith(place))
    .sort((a, b) => b.length - a.length)[0];
}

Deno.test("every file imports only what its place may import", async () => {
  const wrong: string[] = [];
  for (const file of await sources()) {
    const place = longestFit(file.path, Object.keys(ALLOWED));
    if (place === undefined) continue;
    for (const target of importsOf(file)) {
      const isAllowed = ALLOWED[place]?.some((allowed) =>
        target === allowed || target.startsWith(allowed.endsWith(":") ? allowed : `${allowed}`)
      );
      if (!isAllowed) wrong.push(`${file.path} imports ${target}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("every package with one home is imported there alone", async () => {
  const wrong: string[] = [];
  for (const file of await sources()) {
    for (const target of importsOf(file)) {
      const name = longestFit(target, Object.keys(HOMES));
      const homes = name === undefined ? undefined : HOMES[name];
      if (homes && !longestFit(file.path, homes)) wrong.push(`${file.path} imports ${target}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("the import table sees imports of every kind", () => {
  const text = [
    'import { a } from "../audio/pcm.ts";',
    'import type { B } from "zod";',
    'import {\n  c,\n} from "./c.ts";',
    'export * from "hono";',
    'import "ws";',
    'const d = await import("saxes");',
    ' * import { e } from "not-this";',
  ].join("\n");
  assertEquals(importsOf({ path: "lib/x.ts", text }), [
    "audio/pcm.ts",
    "zod",
    "lib/c.ts",
    "hono",
    "ws",
    "saxes",
  ]);
});

Deno.test("no file has more than 300 lines", async () => {
  const long = (await sources()).map(({ path, text }) => ({
    path,
    lines: text.trimEnd().split("\n").length,
  })).filter(({ lines }) => lines > 300);
  assertEquals(long, []);
});

Deno.test("pure code knows no clock, no timer, no chance and no log", async () => {
  const impure =
    /\b(Date\.now|new Date|performance\.now|setTimeout|setInterval|Math\.random|crypto\.|Deno\.|console\.|await )/;
  const wrong = (await sources())
    .filter(({ path }) => path.startsWith("audio/") || path.startsWith("lib/turns/"))
    .filter(({ text }) => impure.test(text.replace(/^\s*(\*|\/\/|\/\*\*).*$/gm, "")))
    .map(({ path }) => path);
  assertEquals(wrong, []);
});

Deno.test("time and chance have one home each", async () => {
  const wrong = (await sources())
    .filter(({ path }) => /^(lib|routes)\//.test(path))
    .filter(({ path }) => path !== "lib/clock.ts" && path !== "lib/ids.ts")
    .filter(({ text }) =>
      /\b(Date\.now|performance\.now|setTimeout|setInterval|Math\.random|crypto\.(getRandomValues|randomUUID))\b/
        .test(text.replace(/^\s*(\*|\/\/|\/\*\*).*$/gm, ""))
    )
    .map(({ path }) => path);
  assertEquals(wrong, []);
});

Deno.test("no source says any, TODO or a path of one machine", async () => {
  const wrong = (await sources())
    .filter(({ path }) => !path.startsWith("tests/"))
    .flatMap(({ path, text }) =>
      [/[:<]\s*any\b/, /\bas any\b/, /\bTODO\b/, /\bFIXME\b/, /\/(root|home)\//]
        .filter((pattern) => pattern.test(text.replace(/^\s*(\*|\/\/).*$/gm, "")))
        .map((pattern) => `${path}: ${pattern}`)
    );
  assertEquals(wrong, []);
});
