/**
 * How long a call may last.
 *
 * @module
 */

/** How long before its end a call is told to wrap up. */
const WRAP_UP_MS = 15_000;

/** The times of a call's end. */
export interface CallTimes {
  /** When the agent should say goodbye; a call too short for that ends without. */
  readonly wrapUpAtMs: number | undefined;
  /** When the call is over. */
  readonly endAtMs: number;
}

/**
 * When a call that is answered now must end.
 *
 * @param answeredAtMs Monotonic time of the answer
 * @param limits Longest calls in seconds, of the agent and of the server; the shorter counts
 */
export function callTimes(answeredAtMs: number, limits: readonly number[]): CallTimes {
  const limitMs = Math.min(...limits) * 1_000;
  const endAtMs = answeredAtMs + limitMs;
  return { wrapUpAtMs: limitMs < 2 * WRAP_UP_MS ? undefined : endAtMs - WRAP_UP_MS, endAtMs };
}
