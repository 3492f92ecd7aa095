/**
 * How much memory a process takes while something happens, as the kernel of Linux keeps it: no moment is missed.
 *
 * @module
 */

const MARK = `echo 5 > "/proc/$0/clear_refs" && cat "/proc/$0/status"`;
const READ = `cat "/proc/$0/status"`;

/**
 * Does something and says how far the memory of a process rose above where it stood before, in MB.
 *
 * @throws {Error} If the kernel does not tell
 */
export async function peakGrowthMb(pid: number, happens: () => Promise<void>): Promise<number> {
  const beforeMb = await memoryOf(pid, { script: MARK, field: "VmRSS" });
  await happens();
  return await memoryOf(pid, { script: READ, field: "VmHWM" }) - beforeMb;
}

async function memoryOf(
  pid: number,
  { script, field }: { script: string; field: "VmRSS" | "VmHWM" },
): Promise<number> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script, String(pid)] }).output();
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(new TextDecoder().decode(stdout));
  if (!line) throw new Error(`Cannot read memory of process ${pid}: there is no ${field}`);
  return Number(line[1]) / 1_024;
}
