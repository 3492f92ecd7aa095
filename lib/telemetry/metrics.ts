/**
 * Counts and durations of the whole process, as Prometheus reads them.
 *
 * Labels have few values that are fixed in the code: never a call, a number or a name.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @module
 */

/** Values of labels, by name. */
export type Labels = Readonly<Record<string, string>>;

/** What every metric has. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** Its lines, without the two that describe it. */
  lines(): string[];
}

/** Counts what happens; never falls. */
export interface Counter {
  /** One more, or so many. */
  add(labels?: Labels, count?: number): void;
}

/** Spreads what is measured over buckets. */
export interface Histogram {
  /** Takes a value; one that is no number is passed over. */
  observe(value: number, labels?: Labels): void;
}

const NAME = /^[a-z][a-z0-9_]*$/;

/** Label values after which no new ones are taken: a mistake must not fill the memory. */
const MOST_SERIES = 200;

/** All metrics of a process. */
export class Metrics {
  readonly #metrics = new Map<string, Described>();

  /**
   * Begins to count something.
   *
   * @param name In snake case, with the unit; by custom it ends in `_total`
   * @throws {RangeError} If the name is taken, or none
   */
  counter(name: string, help: string): Counter {
    const series = new Series(() => ({ value: 0 }));
    this.#add({
      name,
      help,
      type: "counter",
      lines: () => series.all().map(([labels, { value }]) => line(name, labels, value)),
    });
    return {
      add: (labels = {}, count = 1) => {
        const one = series.of(labels);
        if (one && count >= 0) one.value += count;
      },
    };
  }

  /**
   * Tells what is so at the moment it is asked for.
   *
   * @throws {RangeError} If the name is taken, or none
   */
  gauge(name: string, help: string, read: () => number): void {
    this.#add({ name, help, type: "gauge", lines: () => [line(name, {}, read())] });
  }

  /**
   * Begins to measure something.
   *
   * @param buckets Upper bounds, rising
   * @throws {RangeError} If the name is taken or none, or the buckets do not rise
   */
  histogram(name: string, help: string, buckets: readonly number[]): Histogram {
    if (buckets.some((bound, i) => i > 0 && bound <= (buckets[i - 1] ?? bound))) {
      throw new RangeError(`Cannot measure ${name}: expected buckets that rise`);
    }
    const series = new Series(() => ({ counts: buckets.map(() => 0), count: 0, sum: 0 }));
    this.#add({
      name,
      help,
      type: "histogram",
      lines: () =>
        series.all().flatMap(([labels, { counts, count, sum }]) => [
          ...buckets.map((le, i) => line(`${name}_bucket`, { ...labels, le: `${le}` }, counts[i])),
          line(`${name}_bucket`, { ...labels, le: "+Inf" }, count),
          line(`${name}_sum`, labels, sum),
          line(`${name}_count`, labels, count),
        ]),
    });
    return {
      observe: (value, labels = {}) => {
        const one = Number.isFinite(value) ? series.of(labels) : undefined;
        if (!one) return;
        one.count++;
        one.sum += value;
        buckets.forEach((bound, i) => {
          if (value <= bound) one.counts[i] = (one.counts[i] ?? 0) + 1;
        });
      },
    };
  }

  /** All of it as text, for `text/plain; version=0.0.4`. */
  render(): string {
    const blocks = [...this.#metrics.values()].map(({ name, help, type, lines }) =>
      [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines()].join("\n")
    );
    return blocks.join("\n") + "\n";
  }

  #add(metric: Described): void {
    const { name } = metric;
    if (!NAME.test(name) || this.#metrics.has(name)) {
      throw new RangeError(`Cannot add metric "${name}": expected a new name in snake case`);
    }
    this.#metrics.set(name, metric);
  }
}

/** The values of a metric, one for each choice of labels. */
class Series<Value> {
  readonly #values = new Map<string, { labels: Labels; value: Value }>();
  readonly #create: () => Value;

  constructor(create: () => Value) {
    this.#create = create;
  }

  of(labels: Labels): Value | undefined {
    const key = JSON.stringify(Object.entries(labels).sort());
    const known = this.#values.get(key);
    if (known) return known.value;
    if (this.#values.size >= MOST_SERIES) return undefined;
    const value = this.#create();
    this.#values.set(key, { labels, value });
    return value;
  }

  all(): [Labels, Value][] {
    return [...this.#values.values()].map(({ labels, value }) => [labels, value]);
  }
}

function line(name: string, labels: Labels, value = 0): string {
  const said = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
  return `${name}${said.length > 0 ? `{${said.join(",")}}` : ""} ${value}`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
