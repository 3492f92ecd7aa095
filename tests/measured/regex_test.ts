/** No regular expression of the project can be made to take long [D07]. */

// @ts-types="recheck"
import recheck from "recheck/lib/browser.js";
import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const PLACES = [
  ...["audio", "bench", "emulators", "examples", "lib", "routes", "static", "tasks"],
  ...["main.ts", "dev.ts"],
];
const CHECK_MS = 60_000;
const TRIES = 5;
const LONGEST_MS = 5;
const HOSTILE = [
  ..."a1 ./-_=:;,@#(%\n\u00e9\u0664",
  "ab ",
  "a.",
  "1.",
  "=a;",
  "://",
  "\r\n",
  "\ud83d",
]
  .map((part) => part.repeat(10_000 / part.length));

/** A regular expression, and where it is written. */
interface Written {
  readonly path: string;
  readonly source: string;
  readonly flags: string;
}

/** Every source file in these places. */
function* filesIn(paths: readonly string[]): Generator<string> {
  for (const path of paths) {
    if (/\.[jt]s$/.test(path)) yield path;
    if (path.includes(".")) continue;
    const names = [...Deno.readDirSync(new URL(`${path}/`, ROOT))].map(({ name }) => name);
    yield* filesIn(names.map((name) => `${path}/${name}`));
  }
}

/** All that are written in a file; `made` counts those that a program makes of text. */
function regexesIn(path: string): { written: Written[]; made: number } {
  const written: Written[] = [];
  let made = 0;
  const visitor: Deno.lint.LintVisitor = {
    Literal(node) {
      if (!("regex" in node) || !node.regex) return;
      written.push({ path, source: node.regex.pattern, flags: node.regex.flags });
    },
    NewExpression({ callee }) {
      if (callee.type === "Identifier" && callee.name === "RegExp") made++;
    },
    CallExpression({ callee }) {
      if (callee.type === "Identifier" && callee.name === "RegExp") made++;
    },
  };
  const rule = { create: () => visitor };
  const text = Deno.readTextFileSync(new URL(path, ROOT));
  Deno.lint.runPlugin({ name: "regexes", rules: { all: rule } }, path, text);
  return { written, made };
}

const found = [...filesIn(PLACES)].map((path) => ({ path, ...regexesIn(path) }));
const regexes = new Map(
  found.flatMap(({ written }) => written).map((one) => [`/${one.source}/${one.flags}`, one]),
);

Deno.test("every regular expression is written as one, so that it can be checked [D07]", () => {
  assertGreater(regexes.size, 100);
  assertEquals(found.filter(({ made }) => made > 0).map(({ path }) => path), []);
});

Deno.test("recheck finds none that can be made to take long [D07]", () => {
  const known = recheck.checkSync("^(a+)+$", "", { timeout: CHECK_MS });
  assertEquals(known.status, "vulnerable", "it knows one when it sees one");
  const unsafe = regexes.entries().filter(([, { source, flags }]) =>
    recheck.checkSync(source, flags, { timeout: CHECK_MS }).status !== "safe"
  );
  assertEquals([...unsafe].map(([text, { path }]) => `${path}: ${text}`), []);
});

Deno.test("each of them is done with 10 KB of hostile text in 5 ms [D07]", () => {
  for (const [written, { source, flags }] of regexes) {
    const regex = new RegExp(source, flags);
    for (const text of HOSTILE) {
      let bestMs = Infinity;
      for (let n = 0; n < TRIES && bestMs > LONGEST_MS; n++) {
        const sinceMs = performance.now();
        if (regex.global) assert(text.replaceAll(regex, "x") !== undefined);
        else regex.exec(text);
        bestMs = Math.min(bestMs, performance.now() - sinceMs);
      }
      assertLessOrEqual(bestMs, LONGEST_MS, `${written} and ${JSON.stringify(text.slice(0, 9))}`);
    }
  }
});
