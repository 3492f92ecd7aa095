/**
 * `deno task load`: how many calls one core carries, and what they feel of one another.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { sleep, systemClock } from "../lib/clock.ts";
import { ControlCalls } from "../tests/acceptance/canaries.ts";
import { LOAD_SETUP, type LoadFigures, runLoad } from "../tests/acceptance/load.ts";
import { lateFrames, latePercent, percentile } from "../tests/acceptance/line_timing.ts";
import { pinProcess, processorMs } from "../tests/acceptance/process_facts.ts";
import { Rig } from "../tests/acceptance/rig.ts";
import { print } from "./terminal.ts";

const USAGE = `Calls a server many times at once, in real time, and prints a table.

  --calls N,N,...  how many at once        (default 10,20,50,100)
  --seconds S      how long all of them run, from 12 on (default 60)

The server has one core to itself, telephone and model another. Beside each step as many calls run through a bare relay for
a while: where its frames are late, or the telephone's own, the machine was too busy and the step says nothing.`;

const SHORTEST_SECONDS = 12;
const CONTROL_SECONDS = 10;
const MOST_LATE_PERCENT = 0.5;
const LONGEST_OWN_LATENESS_MS = 10;

/** What as many calls through a bare relay showed. */
interface Control {
  readonly latePercent: number;
  readonly cpuMsPerCallSecond: number;
  readonly ownLatenessMs: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      calls: { type: "string", default: "10,20,50,100" },
      seconds: { type: "string", default: "60" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return print(USAGE);
  const sizes = values.calls.split(",").map(Number);
  const seconds = Number(values.seconds);
  const areSizes = sizes.every((calls) => Number.isInteger(calls) && calls > 0 && calls <= 150);
  if (!areSizes || !(seconds >= SHORTEST_SECONDS)) {
    print(USAGE, "", "--calls: expected numbers up to 150; --seconds: expected 12 or more");
    Deno.exit(1);
  }
  print(...HEAD);
  for (const calls of sizes) {
    const control = await runControl(calls);
    await using rig = await Rig.start(LOAD_SETUP);
    rig.arm();
    print(line(await runLoad(rig, { calls, seconds }), control));
  }
}

/** The same number of calls through a bare relay. */
async function runControl(calls: number): Promise<Control> {
  await using control = await ControlCalls.start(calls);
  await pinProcess(control.pid, 0);
  await pinProcess(Deno.pid, 1);
  await sleep(systemClock, 2_000);
  const beforeMs = processorMs(control.pid);
  await sleep(systemClock, CONTROL_SECONDS * 1_000);
  const cpuMs = processorMs(control.pid) - beforeMs;
  const reports = await control.end();
  await pinProcess(Deno.pid);
  return {
    latePercent: latePercent(reports.map(({ messages }) => lateFrames(messages, 0))),
    cpuMsPerCallSecond: cpuMs / CONTROL_SECONDS / calls,
    ownLatenessMs: percentile(reports.flatMap(({ frameLatenessMs }) => frameLatenessMs), 99),
  };
}

const COLUMNS = [
  ["calls", 5],
  ["ended", 5],
  ["late %", 7],
  ["uplink ms p50/p99/p99.9", 24],
  ["downlink p50/p99", 17],
  ["CPU ms/call-s", 14],
  ["% of core", 10],
  ["lost", 5],
  ["gaps ms/min", 12],
  ["RSS MB", 7],
  ["relay late %", 13],
  ["relay CPU", 10],
  ["", 6],
] as const;
const HEAD = [cells(COLUMNS.map(([name]) => name)), "-".repeat(142)];

function cells(texts: readonly string[]): string {
  return texts.map((text, n) => text.padStart(COLUMNS[n]?.[1] ?? 0)).join(" ");
}

function line(seen: LoadFigures, control: Control): string {
  const isVoid = control.latePercent > MOST_LATE_PERCENT ||
    Math.max(control.ownLatenessMs, seen.ownLatenessMs) > LONGEST_OWN_LATENESS_MS;
  const joined = (values: readonly number[]) => values.map((ms) => ms.toFixed(1)).join(" / ");
  return cells([
    String(seen.calls),
    String(seen.endedCalls),
    seen.latePercent.toFixed(2),
    joined(seen.uplinkMs),
    joined(seen.downlinkMs),
    seen.cpuMsPerCallSecond.toFixed(2),
    seen.cpuPercent.toFixed(0),
    String(seen.lostFrames),
    seen.gapMsPerMinute.toFixed(1),
    seen.residentMb.toFixed(0),
    control.latePercent.toFixed(2),
    control.cpuMsPerCallSecond.toFixed(2),
    isVoid ? "void" : "",
  ]);
}

await main();
