/**
 * What the kernel knows of a server's process. Linux only.
 *
 * @module
 */

/** How many descriptors it has open. */
export function descriptorsOf(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** Memory that it holds, in MB. */
export function residentMb(pid: number): number {
  const [, kb] = /VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return Number(kb) / 1_024;
}
