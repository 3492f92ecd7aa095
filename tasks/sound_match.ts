/**
 * Whether one recording can be heard in another.
 *
 * @module
 */

/** Where the best match lies, in samples, and how good it is: 1 is the same but for its level. */
export interface SoundMatch {
  readonly at: number;
  readonly correlation: number;
}

/** Samples that are skipped while looking for the place. */
const COARSE = 4;

/**
 * Finds `part` in `whole`: first on every fourth sample, then to the sample.
 *
 * @param part Samples to be found
 * @param whole Samples of the same rate, at least as many
 */
export function findSound(part: Int16Array, whole: Int16Array): SoundMatch {
  const last = whole.length - part.length;
  let best: SoundMatch = { at: 0, correlation: 0 };
  for (let at = 0; at <= last; at += COARSE) {
    const correlation = correlate(part, whole, { at, step: COARSE });
    if (correlation > best.correlation) best = { at, correlation };
  }
  let exact: SoundMatch = { at: best.at, correlation: 0 };
  for (let at = Math.max(0, best.at - COARSE); at <= Math.min(last, best.at + COARSE); at++) {
    const correlation = correlate(part, whole, { at, step: 1 });
    if (correlation > exact.correlation) exact = { at, correlation };
  }
  return exact;
}

function correlate(
  part: Int16Array,
  whole: Int16Array,
  { at, step }: { at: number; step: number },
): number {
  let both = 0, ofPart = 0, ofWhole = 0;
  for (let i = 0; i < part.length; i += step) {
    const a = part[i] ?? 0, b = whole[at + i] ?? 0;
    both += a * b;
    ofPart += a * a;
    ofWhole += b * b;
  }
  return both / Math.sqrt(Math.max(ofPart * ofWhole, 1));
}
