/**
 * When Twilio asks again: what stands in the fragment of a URL, over its usual rules. The fragment is neither sent nor
 * signed.
 *
 * @see https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 * @module
 */

/** Why there is no good answer: no connection, no answer in time, its status, or a connection that broke. */
export type Failure = "ct" | "rt" | "4xx" | "5xx" | "broken";

/** How a URL is asked. */
export interface RetryRules {
  /** How often again, at most. */
  readonly retries: number;
  /** After which failures. */
  readonly after: ReadonlySet<Failure>;
  /** How long one answer may take. */
  readonly readMs: number;
  /** How long all of it may take. */
  readonly totalMs: number;
}

const ALL: readonly Failure[] = ["ct", "rt", "4xx", "5xx", "broken"];
const RANGES: Readonly<Record<string, readonly [low: number, high: number]>> = {
  rc: [0, 5],
  ct: [100, 10_000],
  rt: [100, 15_000],
  tt: [100, 15_000],
};
const OTHERS = ["rp", "e", "sni"];

/**
 * The rules for a URL.
 *
 * @throws {RangeError} If its fragment says what Twilio does not know
 */
export function retryRules(url: string): RetryRules {
  const [, fragment = ""] = url.split("#", 2);
  const said = new Map<string, string>();
  for (const part of fragment.split("&").filter(Boolean)) {
    const [name = "", value = ""] = part.split("=", 2);
    const [low, high] = RANGES[name] ?? [];
    if (low === undefined && !OTHERS.includes(name)) {
      throw new RangeError(`"${name}" is no override`);
    }
    const isNumber = /^\d+$/.test(value) && Number(value) >= (low ?? 0) &&
      Number(value) <= (high ?? 0);
    if (low !== undefined && !isNumber) {
      throw new RangeError(`"${name}" is not from ${low} to ${high}`);
    }
    said.set(name, value);
  }
  const numberOf = (name: string, otherwise: number) => Number(said.get(name) ?? otherwise);
  return {
    retries: numberOf("rc", 1),
    after: policy(said.get("rp") ?? "ct"),
    readMs: numberOf("rt", 15_000),
    totalMs: numberOf("tt", 15_000),
  };
}

function policy(said: string): ReadonlySet<Failure> {
  const known = ["4xx", "5xx", "ct", "rt", "all"];
  const words = said.split(",");
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined) throw new RangeError(`"${unknown}" is nothing to retry on`);
  return new Set(words.includes("all") ? ALL : ALL.filter((failure) => words.includes(failure)));
}

/** What is wrong with an answer, if anything is. */
export function failureOf(
  answer: { status: number } | { failed: string; failure: Failure },
): Failure | undefined {
  if ("failed" in answer) return answer.failure;
  if (answer.status >= 400 && answer.status <= 499) return "4xx";
  return answer.status >= 500 ? "5xx" : undefined;
}
