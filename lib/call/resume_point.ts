/**
 * Where a held answer goes on.
 *
 * @module
 */

import { decodeMulaw } from "../../audio/mulaw.ts";

/** The stretch over which quiet is judged: 10 ms. */
const STRETCH = 80;

/**
 * The quietest place in the last moments of what was heard. Words are apart by less sound than there is in them, so the
 * voice begins anew at a gap if there is one.
 *
 * @param mulaw The last moments, oldest first
 * @returns A place in them; their end if they are too short to choose
 */
export function quietestPlace(mulaw: Uint8Array): number {
  const pcm = new Int16Array(mulaw.length);
  decodeMulaw(mulaw, pcm);
  let energy = 0;
  let least = Infinity;
  let place = mulaw.length;
  for (let end = 0; end < pcm.length; end++) {
    energy += (pcm[end] as number) ** 2;
    const start = end - STRETCH + 1;
    if (start < 0) continue;
    // Of equally quiet places the latest: nothing is said twice without need.
    if (energy <= least) {
      least = energy;
      place = start + STRETCH / 2;
    }
    energy -= (pcm[start] as number) ** 2;
  }
  return place;
}
