/** `docs/requirements.md` says of every point of the source documents where it is done: is that there? */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** How many points each document has. */
const POINTS = { E: 65, L: 74, P: 42, J: 34, W: 46 };
const STATES = ["done", "mapped", "part", "not done"] as const;

/** A line of the page. */
interface Row {
  readonly id: string;
  readonly state: string;
  readonly text: string;
}

const page = await Deno.readTextFile(new URL("docs/requirements.md", ROOT));
const rows: Row[] = page.matchAll(/^- \*\*(\w+)\*\*(?: \((mapped|part|not done)\))? (.+)$/gm)
  .map(([, id = "", state = "done", text = ""]) => ({ id, state, text })).toArray();

/** Files in backticks: what has a slash and an ending, or is a page of the first folder. */
function filesOf(text: string): string[] {
  const quoted = text.matchAll(/`([^`\s]+)`/g).map(([, name = ""]) => name).toArray();
  return quoted.filter((name) => /^[\w.][\w./-]*\.(ts|js|py|md|json|jsonc)$/.test(name));
}

/** Tests by the file that they are quoted behind. */
function testsOf(text: string): { file: string; name: string }[] {
  const quotes = text.matchAll(/`(tests\/[\w./]+_test\.ts)`((?:,? "[^"]+"(?=,|$))*)/g);
  return quotes.flatMap(([, file = "", names = ""]) =>
    names.matchAll(/"([^"]+)"/g).map(([, name = ""]) => ({ file, name }))
  ).toArray();
}

/** Names of the tests of a file, without the ids behind them; `${...}` stands for anything. */
async function namesIn(file: string): Promise<string[]> {
  const source = await Deno.readTextFile(new URL(file, ROOT));
  const literals = source.matchAll(
    /\b(?:test|browserTest|contract)\((?:\{\s*name: \w+\s*\?)?\s*(?:"([^"\n]+)"|`([^`]+)`)/g,
  );
  return literals.map(([, plain, template = ""]) =>
    (plain ?? template).replace(/\s*\[[^\]]*\]$/, "")
  )
    .toArray();
}

/** Whether a quote is the beginning of a name, or one that a name with `${...}` may become. */
function isName(quote: string, names: readonly string[]): boolean {
  return names.some((name) => {
    if (!name.includes("${")) return name.startsWith(quote);
    const pieces = name.split(/\$\{[^}]*\}/).map((piece) => RegExp.escape(piece));
    return new RegExp(`^${pieces.join(".+")}$`).test(quote);
  });
}

Deno.test("docs/requirements.md has every point of the five documents once, in order", () => {
  const expected = Object.entries(POINTS).flatMap(([letter, most]) =>
    Array.from({ length: most }, (_, n) => letter + String(n + 1).padStart(2, "0"))
  );
  assertEquals(rows.map(({ id }) => id), expected);
});

Deno.test("docs/requirements.md counts its points as they stand", () => {
  const [done, mapped, part, open] = STATES.map((wanted) =>
    rows.filter(({ state }) => state === wanted).length
  );
  const words = page.replaceAll(/\s+/g, " ");
  assert(words.includes(`Of ${rows.length} points ${done} are done and ${mapped} mapped`));
  const rest = part === 0 && open === 0
    ? "None is left open."
    : `${part} are done in part and ${open} not at all.`;
  assert(words.includes(rest), rest);
});

Deno.test("docs/requirements.md proves each point by a test that there is", async () => {
  const names = new Map<string, string[]>();
  const missing: string[] = [];
  for (const { id, text } of rows) {
    const tests = testsOf(text);
    if (tests.length === 0) missing.push(`${id}: no test`);
    for (const { file, name } of tests) {
      names.set(file, names.get(file) ?? await namesIn(file));
      if (!isName(name, names.get(file) ?? [])) missing.push(`${id}: ${file} "${name}"`);
    }
    const quoted = text.match(/"[^"]+"(?=,|$)/g)?.length;
    assertEquals(tests.length, quoted, `${id}: quotes behind no file`);
  }
  assertEquals(missing, []);
});

Deno.test("docs/requirements.md names no file that there is not", async () => {
  for (const { id, text } of rows) {
    for (const file of filesOf(text)) {
      const info = await Deno.stat(new URL(file, ROOT)).catch(() => undefined);
      assert(info?.isFile, `${id}: ${file}`);
    }
  }
});
