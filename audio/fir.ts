/**
 * Low-pass FIR filters: their design, and the one loop in which all resampling happens.
 *
 * @module
 */

/** A low-pass filter to be designed by window. */
export interface LowPass {
  /** Where the gain is a half (-6 dB), in cycles per sample; 0.5 is half the sample rate. */
  readonly cutoff: number;
  /** Distance from the centre, in samples, at which the impulse response ends. */
  readonly reach: number;
  /** Shape of the Kaiser window: more of it buys stop-band and costs steepness. */
  readonly beta: number;
}

/**
 * The impulse response of a low-pass filter: a sinc under a Kaiser window. Its gain at 0 Hz is close to 1, not equal.
 *
 * @param distance Samples from the centre, either way, fractions allowed
 *
 * @example Half-band: every second tap away from the centre is zero
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * const design = { cutoff: 0.25, reach: 37, beta: 8.8 };
 * assertAlmostEquals(lowPassTap(0, design), 0.5);
 * assertAlmostEquals(lowPassTap(2, design), 0, 1e-15);
 * ```
 */
export function lowPassTap(distance: number, design: LowPass): number {
  const { cutoff, reach, beta } = design;
  const angle = 2 * Math.PI * cutoff * distance;
  const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
  return 2 * cutoff * sinc * kaiser(distance / reach, beta);
}

/**
 * The Kaiser window at a position from its centre (0) to its ends (-1 and 1); zero outside.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals([kaiser(0, 8), kaiser(1.01, 8)], [1, 0]);
 * ```
 */
export function kaiser(position: number, beta: number): number {
  const rest = 1 - position * position;
  return rest < 0 ? 0 : besselI0(beta * Math.sqrt(rest)) / besselI0(beta);
}

/** Modified Bessel function of the first kind and order zero, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** What a {@linkcode FoldedFir} reads and writes; its owner fills and moves the first two. */
export interface FoldedLines {
  /** Read forwards: output `i` uses `rising[i]` up to `rising[i + taps - 1]`. */
  readonly rising: Float64Array;
  /** Read backwards: output `i` uses `falling[i + taps - 1]` down to `falling[i]`. */
  readonly falling: Float64Array;
  /** Receives the outputs. */
  readonly sums: Float64Array;
}

/**
 * A symmetric FIR folded in the middle: one multiplication serves the two samples that share a coefficient.
 *
 * Four neighbouring outputs are computed at once. They look at the same samples one step apart, so those move through
 * local variables and each is loaded once for all four. The order of additions is the same for every output, whether it
 * was computed in a group or alone; this is why a stream's output does not depend on how its input was cut.
 *
 * @example The sum of a sample and its mirror image
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const rising = Float64Array.of(1, 2, 3), falling = Float64Array.of(10, 20, 30), sums = new Float64Array(2);
 * new FoldedFir(Float64Array.of(1, 1), { rising, falling, sums }).run(2);
 * assertEquals([...sums], [1 + 2 + 20 + 10, 2 + 3 + 30 + 20]);
 * ```
 */
export class FoldedFir {
  readonly #taps: Float64Array;
  readonly #lines: FoldedLines;

  /**
   * Binds a filter to the memory it works in.
   *
   * @param taps The coefficients, first to last of `rising`
   * @param lines Memory of its owner, used by every run
   */
  constructor(taps: Float64Array, lines: FoldedLines) {
    this.#taps = taps;
    this.#lines = lines;
  }

  /** Computes the first `count` outputs. */
  run(count: number): void {
    const { rising, falling, sums } = this.#lines;
    const taps = this.#taps;
    const last = taps.length - 1;
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      let up0 = rising[i] as number, up1 = rising[i + 1] as number, up2 = rising[i + 2] as number;
      let down1 = falling[i + last + 1] as number;
      let down2 = falling[i + last + 2] as number;
      let down3 = falling[i + last + 3] as number;
      let sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
      for (let k = 0; k <= last; k++) {
        const tap = taps[k] as number;
        const up3 = rising[i + k + 3] as number;
        const down0 = falling[i + last - k] as number;
        sum0 += tap * (up0 + down0);
        sum1 += tap * (up1 + down1);
        sum2 += tap * (up2 + down2);
        sum3 += tap * (up3 + down3);
        up0 = up1, up1 = up2, up2 = up3;
        down3 = down2, down2 = down1, down1 = down0;
      }
      sums[i] = sum0, sums[i + 1] = sum1, sums[i + 2] = sum2, sums[i + 3] = sum3;
    }
    for (; i < count; i++) {
      let sum = 0;
      for (let k = 0; k <= last; k++) {
        sum += (taps[k] as number) *
          ((rising[i + k] as number) + (falling[i + last - k] as number));
      }
      sums[i] = sum;
    }
  }
}
