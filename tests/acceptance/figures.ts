/**
 * What a run measures, each figure beside its limit.
 *
 * @module
 */

/** One figure. */
export interface Figure {
  /** What was measured. */
  readonly name: string;
  /** Value and limit, for people. */
  readonly text: string;
  /** Whether the limit holds. */
  readonly isHeld: boolean;
  /** Whether a busy machine alone can break it. */
  readonly isTimed: boolean;
}

/** Units that a busy machine has an influence on. */
type TimeUnit = "ms" | "% late" | "%";
type Unit = TimeUnit | "" | "MB" | "KB" | "percent";

/** The figures of one run, first to last. */
export class Figures {
  readonly #all: Figure[] = [];

  /** All of them. */
  get all(): readonly Figure[] {
    return this.#all;
  }

  /** Those that missed their limit. */
  get missed(): readonly Figure[] {
    return this.#all.filter(({ isHeld }) => !isHeld);
  }

  /** Takes a value that may not be greater; what never came, `undefined`, misses. */
  atMost(name: string, value: number | undefined, limit: number, unit: Unit = ""): void {
    this.#take(name, { value, limit: `<= ${limit}`, unit, isHeld: (value ?? NaN) <= limit });
  }

  /** Takes a value that may not be less; what never came misses. */
  atLeast(name: string, value: number | undefined, limit: number, unit: Unit = ""): void {
    this.#take(name, { value, limit: `>= ${limit}`, unit, isHeld: (value ?? NaN) >= limit });
  }

  /** Takes what must be one thing and no other. */
  is<T extends string | number | boolean>(name: string, value: T | undefined, expected: T): void {
    this.#take(name, { value, limit: `= ${expected}`, unit: "", isHeld: value === expected });
  }

  #take(
    name: string,
    { value, limit, unit, isHeld }: {
      value: string | number | boolean | undefined;
      limit: string;
      unit: Unit;
      isHeld: boolean;
    },
  ): void {
    const isKnown = value !== undefined && !Number.isNaN(value);
    const shown = typeof value === "number" ? String(Math.round(value * 100) / 100) : value;
    const text = `${name} ${isKnown ? shown : "never"}${isHeld ? "" : " MISSED"} (${limit}${
      unit && ` ${unit}`
    })`;
    const isTimed = isKnown && (unit === "ms" || unit === "% late" || unit === "%");
    this.#all.push({ name, text, isHeld, isTimed });
  }
}
