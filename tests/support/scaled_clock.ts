/**
 * The host's time, only faster: for tests that need real sockets and have no seconds to wait.
 *
 * @module
 */

import type { Clock } from "../../lib/clock.ts";

/**
 * A clock that runs `factor` times as fast as the host's.
 *
 * @param factor 1 is the host's own pace
 */
export function scaledClock(factor: number): Clock {
  const startedMs = performance.now();
  const startedEpochMs = Date.now();
  const nowMs = () => (performance.now() - startedMs) * factor;
  return {
    nowMs,
    epochMs: () => startedEpochMs + nowMs(),
    at(atMs, fire) {
      const id = setTimeout(fire, Math.ceil(Math.max(0, atMs - nowMs()) / factor));
      return { cancel: () => clearTimeout(id) };
    },
  };
}
