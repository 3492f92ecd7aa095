/**
 * How large changes are, and that they are not too large: the same rule for every store.
 *
 * @module
 */

import { serialize } from "node:v8";
import { MAX_CHANGES, MAX_COMMIT_BYTES, MAX_VALUE_BYTES, type StoreChange } from "./store.ts";

/** What a change weighs beside its value: its key, and what the store adds. */
const KEY_BYTES = 200;

/**
 * How large a change is in a commit, as it is serialised.
 *
 * @throws {RangeError} If its value is too large
 */
export function changeBytes(change: StoreChange): number {
  if (change.type === "delete") return KEY_BYTES;
  const bytes = serialize(change.value).byteLength;
  if (bytes > MAX_VALUE_BYTES) {
    throw new RangeError(
      `Cannot keep "${
        change.key[0]
      }": its value has ${bytes} bytes, expected ${MAX_VALUE_BYTES} at most`,
    );
  }
  return bytes + KEY_BYTES;
}

/**
 * Refuses what no store takes in one commit.
 *
 * @throws {RangeError} If a value, all together, or their number are too large
 */
export function checkSizes(changes: readonly StoreChange[]): void {
  if (changes.length > MAX_CHANGES) {
    throw new RangeError(
      `Cannot commit: ${changes.length} changes, expected ${MAX_CHANGES} at most`,
    );
  }
  let bytes = 0;
  for (const change of changes) bytes += changeBytes(change);
  if (bytes > MAX_COMMIT_BYTES) {
    throw new RangeError(`Cannot commit: ${bytes} bytes, expected ${MAX_COMMIT_BYTES} at most`);
  }
}
