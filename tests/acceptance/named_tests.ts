/**
 * The tests that name rows, run as a whole and read from their JUnit report.
 *
 * @module
 */

import { SaxesParser } from "saxes";

/** How the tests of one row ended. */
export interface NamedTests {
  /** How many ran. */
  readonly ran: number;
  /** Names of those that failed. */
  readonly failed: readonly string[];
}

/** Rows stand in a test's name in brackets: `[T03]`, `[S05 S06]`. */
const IDS = /\[((?:[A-Z]\d\d ?)+)\]/g;
const ROOT = new URL("../../", import.meta.url);
/** The rows of the rig are run by themselves; what stands in brackets in the tests of sessions are rows of another list. */
const NOT_HERE: readonly string[] = ["tests/acceptance/", "tests/session/"];

/** The rows that a test names. */
export function idsIn(name: string): string[] {
  return [...name.matchAll(IDS)].flatMap(([, ids = ""]) => ids.trim().split(" "));
}

/**
 * Runs all tests that name one of these rows, once.
 *
 * @returns For each row that is named, how its tests ended
 * @throws {Error} If there is no report of them
 */
export async function runNamedTests(ids: readonly string[]): Promise<Map<string, NamedTests>> {
  const files = await Array.fromAsync(filesThatName(ids));
  if (files.length === 0) return new Map();
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        // A browser needs them all; that the other tests need less is seen in "deno task test".
        ...["test", "--allow-all", "--no-check"],
        ...[`--filter=/\\[[^\\]]*(${ids.join("|")})/`, `--junit-path=${report}`],
        ...files,
      ],
      cwd: ROOT,
    }).output();
    const text = await Deno.readTextFile(report);
    if (text === "") throw new Error(`Cannot run tests: ${new TextDecoder().decode(stderr)}`);
    return byRow(readReport(text));
  } finally {
    await Deno.remove(report);
  }
}

/** Only these are loaded: a test file may take seconds to load. */
async function* filesThatName(ids: readonly string[], folder = "tests/"): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}${name}`;
    if (isDirectory && !NOT_HERE.includes(`${path}/`)) yield* filesThatName(ids, `${path}/`);
    if (!name.endsWith("_test.ts")) continue;
    const text = await Deno.readTextFile(new URL(path, ROOT));
    if (idsIn(text).some((id) => ids.includes(id))) yield path;
  }
}

/** A test of the report. */
export interface ReportedTest {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "ignored";
}

/**
 * Reads a JUnit report.
 *
 * @throws {Error} If it is no XML
 */
export function readReport(xml: string): ReportedTest[] {
  const tests: { name: string; outcome: ReportedTest["outcome"] }[] = [];
  const parser = new SaxesParser();
  parser.on("opentag", ({ name, attributes }) => {
    const last = tests.at(-1);
    if (name === "testcase") tests.push({ name: String(attributes.name), outcome: "passed" });
    else if (last && (name === "failure" || name === "error")) last.outcome = "failed";
    else if (last && name === "skipped") last.outcome = "ignored";
  });
  parser.write(xml).close();
  return tests;
}

/** Tests by the rows that they name; one that was ignored did not run. */
export function byRow(tests: readonly ReportedTest[]): Map<string, NamedTests> {
  const rows = new Map<string, { ran: number; failed: string[] }>();
  for (const { name, outcome } of tests) {
    if (outcome === "ignored") continue;
    for (const id of idsIn(name)) {
      const row = rows.get(id) ?? { ran: 0, failed: [] };
      row.ran++;
      if (outcome === "failed") row.failed.push(name);
      rows.set(id, row);
    }
  }
  return rows;
}
