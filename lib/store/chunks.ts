/**
 * Values larger than a store takes: cut into pieces, and read back whole or not at all.
 *
 * A small value stands under its key. A large one stands in pieces below the key, and the key says how many they are.
 * The pieces are written first and the key last, and two writings in turn lie apart, so whoever stops halfway leaves
 * what was there before. Key and pieces carry the number of their writing, so that no reader mixes two.
 *
 * @module
 */

import { deserialize, serialize } from "node:v8";
import { firstBatch } from "./change_size.ts";
import { listAll, type Store, type StoreChange, type StoreEntry, type StoreKey } from "./store.ts";

/** Size of a piece. */
const PIECE_BYTES = 60_000;

/** What stands under the key. */
type Head =
  | { readonly whole: unknown }
  | { readonly writing: number; readonly pieces: number };

/** What stands below it, at which of two places and as which piece. */
interface Piece {
  readonly writing: number;
  readonly bytes: Uint8Array;
}

/** How a large value is written. */
export interface LargeOptions {
  /** Counts the writings of this key: a whole number, one more each time. */
  readonly writing: number;
  /** After this long the value may be gone. */
  readonly expireInMs?: number;
}

/**
 * The changes that keep a value of any size; to be made in this order, in one commit or in several.
 *
 * @param key Where; nothing else may stand below it
 * @param value Plain data or bytes
 */
export function changesForLarge(
  key: StoreKey,
  value: unknown,
  { writing, ...expiry }: LargeOptions,
): StoreChange[] {
  const bytes = new Uint8Array(serialize(value));
  if (bytes.length <= PIECE_BYTES) {
    return [{ type: "set", key, value: { whole: value } satisfies Head, ...expiry }];
  }
  const pieces = Math.ceil(bytes.length / PIECE_BYTES);
  const changes = Array.from({ length: pieces }, (_, piece): StoreChange => {
    const cut = bytes.slice(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
    const at = [...key, writing % 2, piece];
    return { type: "set", key: at, value: { writing, bytes: cut } satisfies Piece, ...expiry };
  });
  return [...changes, { type: "set", key, value: { writing, pieces } satisfies Head, ...expiry }];
}

/** Makes changes first to last, in as few commits as they fit in; if it rejects, some of the first may be made. */
export async function commitInOrder(store: Store, changes: readonly StoreChange[]): Promise<void> {
  for (let rest = changes; rest.length > 0;) {
    const batch = firstBatch(rest);
    await store.commit(batch);
    rest = rest.slice(batch.length);
  }
}

/** Reads a value of any size: `undefined` if there is none, or if it is not whole. */
export async function getLarge(store: Store, key: StoreKey): Promise<unknown> {
  const entry = await store.get(key);
  if (!entry) return undefined;
  const head = entry.value as Head;
  return "whole" in head ? head.whole : wholeOf(entry, await listAll(store, key));
}

/** Reads every value of any size whose key is `prefix` and one more part, in order; leaves out what is not whole. */
export async function listLarge(
  store: Store,
  prefix: StoreKey,
): Promise<{ readonly key: StoreKey; readonly value: unknown }[]> {
  const entries = await listAll(store, prefix);
  return entries.filter(({ key }) => key.length === prefix.length + 1)
    .map((entry) => ({ key: entry.key, value: wholeOf(entry, entries) }))
    .filter(({ value }) => value !== undefined);
}

/** Deletes a value of any size. */
export async function deleteLarge(store: Store, key: StoreKey): Promise<void> {
  const pieces = await listAll(store, key);
  const keys = [key, ...pieces.map((piece) => piece.key)];
  await commitInOrder(store, keys.map((key) => ({ type: "delete", key })));
}

/** A value from its head and what stands beside or below that. */
function wholeOf({ key, value }: StoreEntry, entries: readonly StoreEntry[]): unknown {
  const head = value as Head;
  if ("whole" in head) return head.whole;
  const depth = key.length;
  const pieces = entries.filter((entry) => {
    const isBelow = entry.key.length === depth + 2 && entry.key[depth - 1] === key[depth - 1];
    return isBelow && (entry.value as Piece).writing === head.writing;
  });
  if (pieces.length !== head.pieces) return undefined;
  const parts = pieces.map((entry) => (entry.value as Piece).bytes);
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return deserialize(whole);
}
