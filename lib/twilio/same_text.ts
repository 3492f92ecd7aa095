/**
 * Comparison of secrets.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";

const encoder = new TextEncoder();

/** Whether two texts are equal; how long it takes says nothing about where they differ, only whether their lengths do. */
export function sameText(left: string, right: string): boolean {
  const a = encoder.encode(left);
  const b = encoder.encode(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
