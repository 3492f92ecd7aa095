/**
 * How large changes are, and how many fit in one commit: the same rule for every store.
 *
 * @module
 */

import { serialize } from "node:v8";
import {
  MAX_CHANGES,
  MAX_COMMIT_BYTES,
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  type StoreChange,
  type StoreKey,
} from "./store.ts";

const ENCODER = new TextEncoder();

/**
 * How large a change is in a commit, as it is serialised.
 *
 * @throws {RangeError} If its key or its value is too large
 */
export function changeBytes(change: StoreChange): number {
  const bytes = keyBytes(change.key);
  if (bytes > MAX_KEY_BYTES) throw tooLarge(change, `its key has ${bytes}`, MAX_KEY_BYTES);
  if (change.type === "delete") return bytes;
  const valueBytes = serialize(change.value).byteLength;
  if (valueBytes > MAX_VALUE_BYTES) {
    throw tooLarge(change, `its value has ${valueBytes}`, MAX_VALUE_BYTES);
  }
  return bytes + valueBytes;
}

function keyBytes(key: StoreKey): number {
  let bytes = 0;
  for (const part of key) bytes += typeof part === "number" ? 9 : ENCODER.encode(part).length + 2;
  return bytes;
}

function tooLarge({ key }: StoreChange, what: string, most: number): RangeError {
  return new RangeError(`Cannot keep "${key[0]}": ${what} bytes, expected ${most} at most`);
}

/**
 * Refuses what no store takes in one commit.
 *
 * @throws {RangeError} If a key, a value, all together, or their number are too large
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

/** As many of the first changes as fit in one commit, at least one if there is any. */
export function firstBatch(changes: Iterable<StoreChange>): StoreChange[] {
  const batch: StoreChange[] = [];
  let bytes = 0;
  for (const change of changes) {
    bytes += changeBytes(change);
    if (bytes > MAX_COMMIT_BYTES || batch.length === MAX_CHANGES) break;
    batch.push(change);
  }
  return batch;
}
