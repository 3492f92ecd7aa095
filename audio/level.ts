/**
 * How loud samples are.
 *
 * @module
 */

/** The power of a square wave as loud as 16 bits can hold. */
const FULL_SCALE_POWER = 32_768 ** 2;

/**
 * Root-mean-square level in dB relative to full scale; silence and no samples at all are `-Infinity`.
 *
 * @example A sine of half the full amplitude is 6 dB for the amplitude and 3 dB for the shape below full scale
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * const tone = Int16Array.from({ length: 160 }, (_, i) => 16_384 * Math.sin(Math.PI * i / 8));
 * assertAlmostEquals(levelDbfs(tone), -9.03, 0.01);
 * ```
 */
export function levelDbfs(pcm: Int16Array): number {
  let energy = 0;
  for (let i = 0; i < pcm.length; i++) energy += (pcm[i] as number) ** 2;
  return 10 * Math.log10(energy / Math.max(pcm.length, 1) / FULL_SCALE_POWER);
}

/**
 * Level of what moves: the mean is taken out first, so that a line with a constant offset is not loud.
 *
 * @example An offset has no level
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(offsetFreeLevelDbfs(Int16Array.of(700, 700, 700)), -Infinity);
 * ```
 */
export function offsetFreeLevelDbfs(pcm: Int16Array): number {
  let sum = 0;
  let sumOfSquares = 0;
  for (const sample of pcm) {
    sum += sample;
    sumOfSquares += sample * sample;
  }
  const mean = sum / Math.max(pcm.length, 1);
  const power = sumOfSquares / Math.max(pcm.length, 1) - mean * mean;
  return 10 * Math.log10(Math.max(0, power) / 32768 ** 2);
}
