/**
 * The only source of time. Everything that waits or measures takes a {@linkcode Clock} as an argument, so that a call
 * can be run on a clock of a test's own.
 *
 * @module
 */

/** A timer that was set; cancelling one that has fired does nothing. */
export interface Timer {
  /** Keeps the timer from firing. */
  cancel(): void;
}

/** Where time comes from: a monotonic clock for media and waiting, a wall clock for timestamps. */
export interface Clock {
  /** Milliseconds since some fixed moment; never jumps, may have a fraction. */
  nowMs(): number;
  /** Milliseconds since 1970, as the host believes; may jump. */
  epochMs(): number;
  /** Calls `fire` once, when {@linkcode Clock.nowMs} has reached `atMs`, or at once on the next turn if it has passed. */
  at(atMs: number, fire: () => void): Timer;
}

/** The clock of the host. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  at(atMs, fire) {
    // The host waits whole milliseconds and drops the fraction: rounded up, it is never too early.
    const id = setTimeout(fire, Math.max(0, Math.ceil(atMs - performance.now())));
    return { cancel: () => clearTimeout(id) };
  },
};

/** A clock that knows how many of its timers are set. */
export interface CountingClock extends Clock {
  /** Timers that have neither fired nor been cancelled. */
  readonly pending: number;
}

/** Counts the timers of a clock that are set through what is given back. */
export function countTimers(clock: Clock): CountingClock {
  const pending = new Set<Timer>();
  return {
    nowMs: () => clock.nowMs(),
    epochMs: () => clock.epochMs(),
    at(atMs, fire) {
      const timer = clock.at(atMs, () => {
        pending.delete(timer);
        fire();
      });
      pending.add(timer);
      return {
        cancel: () => {
          pending.delete(timer);
          timer.cancel();
        },
      };
    },
    get pending() {
      return pending.size;
    },
  };
}

/**
 * Waits on a clock.
 *
 * @param clock Whose time to wait by
 * @param ms How long
 */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.at(clock.nowMs() + ms, resolve));
}

/**
 * What a promise gives, or nothing if it takes longer.
 *
 * @param limit `ms` by which clock; the promise itself goes on
 * @throws Whatever the promise rejects with in time
 */
export async function within<T>(
  promise: Promise<T>,
  { clock, ms }: { clock: Clock; ms: number },
): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = clock.at(clock.nowMs() + ms, () => late.resolve(undefined));
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    timer.cancel();
  }
}
