/**
 * The only source of chance. Whoever needs an unguessable or unique name takes an {@linkcode Ids} as an argument.
 *
 * @module
 */

/** Where unique and unguessable names come from. */
export interface Ids {
  /** A new name of 128 random bits, 32 lower-case hex digits. */
  next(): string;
}

/** A number from 0 to 1, below 1, drawn from a new name. */
export function chance(ids: Ids): number {
  return Number.parseInt(ids.next().slice(0, 8), 16) / 2 ** 32;
}

/** Names from the host's cryptographic random source. */
export const randomIds: Ids = {
  next: () => crypto.getRandomValues(new Uint8Array(16)).toHex(),
};
