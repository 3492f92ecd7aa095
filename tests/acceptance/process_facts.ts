/**
 * What the kernel knows of a server's process. Linux only; by programs, because Deno keeps `/proc` to itself.
 *
 * @module
 */

import { sleep, systemClock } from "../../lib/clock.ts";

const EQUAL_LOOKS = 3;
const LOOK_AGAIN_MS = 200;
const MS_PER_TICK = 10;

/** How many descriptors it has open. */
export function descriptorsOf(pid: number): number {
  return outputOf("ls", `/proc/${pid}/fd`).trim().split("\n").length;
}

/** How many it has open once it has opened what it keeps open: the store is opened beside everything else. */
export async function settledDescriptorsOf(pid: number): Promise<number> {
  let last = descriptorsOf(pid);
  for (let equal = 0; equal < EQUAL_LOOKS; equal++) {
    await sleep(systemClock, LOOK_AGAIN_MS);
    const now = descriptorsOf(pid);
    if (now !== last) equal = -1;
    last = now;
  }
  return last;
}

/** Memory that it holds, in MB. */
export function residentMb(pid: number): number {
  return Number(outputOf("ps", "-o", "rss=", "-p", String(pid))) / 1_024;
}

/** Processor time that it has taken, in ms; the kernel counts in hundredths of a second. */
export function processorMs(pid: number): number {
  const fields = outputOf("cat", `/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** Keeps it to one core, or lets it have all of them again; where the host cannot, nothing happens. */
export async function pinProcess(pid: number, core?: number): Promise<void> {
  const cores = core === undefined ? `0-${navigator.hardwareConcurrency - 1}` : String(core);
  try {
    await new Deno.Command("taskset", { args: ["-apc", cores, String(pid)] }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function outputOf(program: string, ...args: readonly string[]): string {
  const { stdout } = new Deno.Command(program, { args: [...args] }).outputSync();
  return new TextDecoder().decode(stdout);
}
