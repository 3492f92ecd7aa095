/**
 * Measuring side by side: in each round everybody does the same work once, so a busy machine slows all alike.
 *
 * @module
 */

const ROUNDS = 9;
/** Rounds that let the compiler do its work first. */
const WARM_UP_ROUNDS = 3;

/** Something to be measured. */
export interface Job {
  readonly name: string;
  readonly run: () => unknown;
}

/** Microseconds per run, by contestant and round. */
export function measure(
  contestants: readonly ((run: number) => unknown)[],
  runs: number,
): number[][] {
  const costs = contestants.map((): number[] => []);
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    for (const [i, contestant] of contestants.entries()) {
      const startMs = performance.now();
      for (let run = 0; run < runs; run++) contestant(run);
      const us = (performance.now() - startMs) * 1000 / runs;
      if (round >= WARM_UP_ROUNDS) costs[i]?.push(us);
    }
  }
  return costs;
}

/** Median, spread, and the median of the rounds' ratios to the first contestant. */
export function costColumns(costs: readonly number[][], contestant: number): string[] {
  const own = costs[contestant] ?? [];
  const ratios = own.map((us, round) => us / (costs[0]?.[round] ?? NaN));
  return [
    median(own).toFixed(2),
    `${Math.min(...own).toFixed(2)}-${Math.max(...own).toFixed(2)}`,
    median(ratios).toFixed(2),
  ];
}

/** The middle one, or the higher of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** A line of a table. */
export function row(name: string, columns: readonly string[]): string {
  return name.padEnd(36) + columns.map((column) => column.padStart(14)).join("");
}

/** Prints a line. */
export function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}
