/**
 * Counts of what went wrong and was survived.
 *
 * @module
 */

/** Counts by name. */
export class Faults {
  readonly #counts: Map<string, number>;

  /** Begins with the counts of other instances. */
  constructor(past: Readonly<Record<string, number>> = {}) {
    this.#counts = new Map(Object.entries(past));
  }

  /** One more of this. */
  count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** All counts, these and those of others, as one record. */
  with(...others: ReadonlyMap<string, number>[]): Record<string, number> {
    const sum: Record<string, number> = {};
    for (const counts of [this.#counts, ...others]) {
      for (const [name, count] of counts) sum[name] = (sum[name] ?? 0) + count;
    }
    return sum;
  }
}
