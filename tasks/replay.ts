/**
 * `deno task replay FILE...`: runs the same code on calls that were recorded with `RECORD=full`, or that a failed test
 * has left. Exits 1 if anything comes out otherwise, or a file cannot be read.
 *
 * @module
 */

import { FlightError } from "../lib/flight/flight_lines.ts";
import { type FlightDifference, replayFlight } from "../lib/flight/flight_replay.ts";
import { print } from "./terminal.ts";

/** More of a line says nothing to a reader: it is audio. */
const SHOWN = 400;
/** What is the same in both is shown from so far before the difference. */
const BEFORE = 60;

/** Replays one file and says what became of it; gives whether all was the same. */
async function replayFile(path: string): Promise<boolean> {
  const lines = (await Deno.readTextFile(path)).split("\n");
  // The last line ends with a line break, if it is whole.
  if (lines.at(-1) === "") lines.pop();
  const { callMs, cutShort, difference, lines: count } = await replayFlight(lines);
  if (difference) {
    print(
      `${path}: differs at line ${difference.line}, ${seconds(difference.callMs)} into the call`,
    );
    print(...shown(difference).map((text) => `  ${text}`));
    return false;
  }
  const end = cutShort === undefined ? "" : `; as far as it goes: ${cutShort}`;
  print(`${path}: ${count} lines, ${seconds(callMs)}: the same to the byte${end}`);
  return true;
}

function shown({ recorded, now }: FlightDifference): string[] {
  if (now === undefined) return [`recorded: ${part(recorded, 0)}`, "now:      nothing"];
  let same = 0;
  while (same < recorded.length && recorded[same] === now[same]) same++;
  const from = same > SHOWN - BEFORE ? same - BEFORE : 0;
  return [`recorded: ${part(recorded, from)}`, `now:      ${part(now, from)}`];
}

function part(line: string, from: number): string {
  const text = line.slice(from, from + SHOWN);
  return `${from > 0 ? "..." : ""}${text}${from + SHOWN < line.length ? "..." : ""}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`;
}

if (Deno.args.length === 0) {
  print("replay FILE...");
  Deno.exit(1);
}
let isSame = true;
for (const path of Deno.args) {
  try {
    isSame = await replayFile(path) && isSame;
  } catch (error) {
    if (!(error instanceof FlightError || error instanceof Deno.errors.NotFound)) throw error;
    print(`${path}: ${error.message}`);
    isSame = false;
  }
}
Deno.exit(isSame ? 0 : 1);
