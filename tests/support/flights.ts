/**
 * Calls of tests are recorded in memory, and replayed to the same bytes when the test is over. A test that fails writes
 * its calls to files, and says where: `deno task replay` runs the same code on them, again and again.
 *
 * @module
 */

import type { CallParts } from "../../lib/call/call.ts";
import type { CallOutcome } from "../../lib/call/outcome.ts";
import { recordCall } from "../../lib/flight/flight_recorder.ts";
import { replayFlight } from "../../lib/flight/flight_replay.ts";

const ROOT = new URL("../../", import.meta.url);
const FOLDER = "data/failed/";

/** A test that makes many calls keeps the latest. */
const MOST_FLIGHTS = 3;

/** The latest calls of the test that runs now; tests of one process run one after the other. */
let flights: string[][] = [];

/** Runs a call and records it; not if it is to be run otherwise. */
export function flightOf(
  parts: CallParts,
  run?: (parts: CallParts) => Promise<CallOutcome>,
): { ended: Promise<CallOutcome>; flight: string[] } {
  const flight: string[] = [];
  if (run) return { ended: run(parts), flight };
  flights = [...flights, flight].slice(-MOST_FLIGHTS);
  const tape = { write: (line: string) => void flight.push(line), close: () => {} };
  return { ended: recordCall(parts, { tape }), flight };
}

/** A test of calls: they must replay, and if it fails, they are written to files whose names stand in the message. */
export function test(name: string, run: () => void | Promise<void>): void {
  Deno.test(name, async () => {
    await keepingFlights(name, run);
  });
}

/**
 * Runs something that makes calls, and replays them; if any of that fails, writes them to files.
 *
 * @throws {Error} With the names of the files, and the failure as its cause; without calls the failure itself
 */
export async function keepingFlights(
  name: string,
  run: () => void | Promise<void>,
): Promise<void> {
  flights = [];
  try {
    await run();
    for (const flight of flights) await mustReplay(flight);
  } catch (cause) {
    if (flights.length === 0) throw cause;
    const paths = await keep(name);
    throw new Error(`Its calls are kept: deno task replay ${paths.join(" ")}`, { cause });
  } finally {
    flights = [];
  }
}

/** A part of a call that is not noted as it should be shows here. */
async function mustReplay(flight: readonly string[]): Promise<void> {
  const { difference } = await replayFlight(flight);
  if (difference) throw new Error(`A call does not replay: ${JSON.stringify(difference, null, 2)}`);
}

/** Writes the calls, and gives the paths of their files. */
async function keep(name: string): Promise<string[]> {
  const words = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 60);
  await Deno.mkdir(new URL(FOLDER, ROOT), { recursive: true });
  return await Promise.all(flights.map(async (lines, n) => {
    const path = `${FOLDER}${words}-${n + 1}.jsonl`;
    await Deno.writeTextFile(new URL(path, ROOT), lines.map((line) => `${line}\n`).join(""));
    return path;
  }));
}
