/**
 * What the kernel knows of a server's process. Linux only; by programs, because Deno keeps `/proc` to itself.
 *
 * @module
 */

import { sleep, systemClock } from "../../lib/clock.ts";

const EQUAL_LOOKS = 3;
const LOOK_AGAIN_MS = 200;

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

function outputOf(program: string, ...args: readonly string[]): string {
  const { stdout } = new Deno.Command(program, { args: [...args] }).outputSync();
  return new TextDecoder().decode(stdout);
}
