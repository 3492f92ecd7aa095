/**
 * Names that a test knows beforehand.
 *
 * @module
 */

import type { Ids } from "../../lib/ids.ts";

/** Names of 32 hex digits that spread well, the same ones every time. */
export function countingIds(seed = 1): Ids {
  let state = seed;
  return {
    next: () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state.toString(16).padStart(8, "0").repeat(4);
    },
  };
}
