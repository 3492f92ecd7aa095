/**
 * `deno task accept`: runs the rows of acceptance and says which are met.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type CatalogueRow, readCatalogue } from "../tests/acceptance/catalogue.ts";
import { type NamedTests, runNamedTests } from "../tests/acceptance/named_tests.ts";
import type { Row } from "../tests/acceptance/row.ts";
import { ROWS } from "../tests/acceptance/rows.ts";
import { type RunResult, runRow } from "../tests/acceptance/run_row.ts";
import { print } from "./terminal.ts";

const USAGE = `Runs the rows of acceptance and says which are met.

  --rows IDS   only these, such as G05,T11   (default: all)
  --runs N     how often each must hold      (default 3)
  --quick      leaves out rows that take minutes

A run is void if the machine was too busy for its times, and is made again up to twice: a row that is void then says nothing
of the product. Exit code 0 if all rows that were asked for are met.`;

const MOST_VOID_RUNS = 2;

/** What became of a row. */
interface Verdict {
  /** `void` is neither met nor missed: it could not be measured here and now. */
  readonly outcome: "met" | "missed" | "void" | "open" | "left out";
  /** What was measured last, or why it is not met. */
  readonly why: string;
}

/** A row and what became of it. */
type JudgedRow = CatalogueRow & Verdict;

/** The tests of every run, row by row. */
type TestRuns = readonly ReadonlyMap<string, NamedTests>[];

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      rows: { type: "string" },
      runs: { type: "string", default: "3" },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return print(USAGE);
  const catalogue = readCatalogue();
  const asked = values.rows?.split(",") ?? catalogue.map(({ id }) => id);
  const unknown = asked.find((id) => !catalogue.some((row) => row.id === id));
  const runs = Number(values.runs);
  if (unknown !== undefined || !(Number.isInteger(runs) && runs > 0)) {
    print(USAGE, "", unknown === undefined ? "--runs: is no count" : `--rows: no row "${unknown}"`);
    Deno.exit(1);
  }
  const rows = catalogue.filter(({ id }) => asked.includes(id));
  const judged = await runAll(rows, { runs, isQuick: values.quick });
  const met = judged.filter(({ outcome }) => outcome === "met");
  const isWhole = rows.length === catalogue.length;
  print(
    "",
    ...(["missed", "void", "open", "left out"] as const).flatMap((outcome) => {
      const ids = judged.filter((row) => row.outcome === outcome).map(({ id }) => id);
      return ids.length === 0 ? [] : [`${outcome}: ${ids.join(" ")}`];
    }),
    isWhole
      ? `${met.length} of ${rows.length}, ${count(met)} of ${count(rows)} must`
      : `${met.length} of the ${rows.length} that were asked for`,
  );
  Deno.exit(met.length === rows.length ? 0 : 1);
}

function count(rows: readonly CatalogueRow[]): number {
  return rows.filter(({ level }) => level === "M").length;
}

/** Runs rows, prints a line or two for each, and says what became of them. */
async function runAll(
  rows: readonly CatalogueRow[],
  { runs, isQuick }: { runs: number; isQuick: boolean },
): Promise<JudgedRow[]> {
  const tests: ReadonlyMap<string, NamedTests>[] = [];
  for (let run = 1; run <= runs; run++) {
    print(`tests that name rows, run ${run} of ${runs}`);
    tests.push(await runNamedTests(rows.map(({ id }) => id)));
  }
  const judged: JudgedRow[] = [];
  for (const row of rows) {
    const verdict = await judge(row, { runs, isQuick, tests });
    judged.push({ ...row, ...verdict });
    const { id, level, figure } = row;
    print(`${id} ${level} ${verdict.outcome.padEnd(8)} ${figure}`, `      ${verdict.why}`);
  }
  return judged;
}

async function judge(
  { id, proof }: CatalogueRow,
  { runs, isQuick, tests }: { runs: number; isQuick: boolean; tests: TestRuns },
): Promise<Verdict> {
  const named = judgeTests(id, tests);
  if (named?.outcome === "missed") return named;
  if (proof === "rig") {
    const cases = ROWS.filter((row) => row.id === id);
    if (isQuick && cases.some(({ isLong }) => isLong)) {
      return { outcome: "left out", why: "it takes minutes, or the whole machine" };
    }
    return await judgeOnRig(cases, runs);
  }
  if (proof === "none") {
    const why = named ? "tests name it, and none holds the whole of it" : "nothing proves it yet";
    return { outcome: "open", why };
  }
  return named ?? { outcome: "missed", why: "no test that names it ran" };
}

/** How the tests that name a row ended; nothing if no test names it. */
function judgeTests(id: string, tests: TestRuns): Verdict | undefined {
  const all = tests.flatMap((run) => run.get(id) ?? []);
  if (all.length === 0) return undefined;
  const [failed] = all.flatMap((run) => run.failed);
  if (failed !== undefined) return { outcome: "missed", why: `failed: ${failed}` };
  const isMet = all.length === tests.length && all.every(({ ran }) => ran > 0);
  const why = `${all[0]?.ran} tests, ${all.length} of ${tests.length} runs`;
  return { outcome: isMet ? "met" : "missed", why };
}

/** Runs every case of a row so often; the first that is not met decides. */
async function judgeOnRig(cases: readonly Row[], runs: number): Promise<Verdict> {
  const whys: string[] = [];
  for (const row of cases) {
    const name = row.case === undefined ? "" : `${row.case}: `;
    for (let run = 1; run <= runs; run++) {
      const { verdict, measured } = await runUnlessVoid(row);
      if (verdict !== "met") return { outcome: verdict, why: `${name}run ${run}: ${measured}` };
      if (run === runs) whys.push(name + measured);
    }
  }
  return { outcome: "met", why: whys.join("\n      ") };
}

async function runUnlessVoid(row: Row): Promise<RunResult> {
  let result = await runRow(row);
  for (let n = 0; n < MOST_VOID_RUNS && result.verdict === "void"; n++) {
    print(`  ${row.id} void, once more: ${result.measured}`);
    result = await runRow(row);
  }
  return result;
}

await main();
