/**
 * How long the last words of a call may take, and how what belongs to it is ended.
 *
 * @module
 */

import type { Log } from "../log.ts";
import type { Faults } from "./faults.ts";

/** How long the last words may take to be heard, at most. */
export const LAST_WORDS_MS = 30_000;
/** The same for a server that stops: it does not wait longer itself. */
export const STOP_GRACE_MS = 1_200;
/** The same for a call that has used up its time. */
export const TIME_LIMIT_GRACE_MS = 800;

/** Ends one part after the other; one that fails to end does not keep the others. */
export async function endAll(
  ends: readonly (() => void | Promise<void>)[],
  { faults, log }: { faults: Faults; log: Log },
): Promise<void> {
  for (const end of ends) {
    try {
      await end();
    } catch (error) {
      faults.count("close-failed");
      log.error("close-failed", { error });
    }
  }
}
