import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { FoldedFir, kaiser, lowPassTap } from "../../audio/fir.ts";
import { range } from "./tones.ts";

Deno.test("kaiser() has the published values of its Bessel function at the ends", () => {
  // Abramowitz and Stegun, table 9.8 and 9.11: I0(1), I0(5), I0(8), I0(10).
  const besselI0: [number, number][] = [
    [1, 1.2660658778],
    [5, 27.2398718236],
    [8, 427.5641157218],
    [10, 2815.716628],
  ];
  for (const [beta, value] of besselI0) {
    assertAlmostEquals(1 / kaiser(1, beta) / value, 1, 1e-9, `beta ${beta}`);
  }
  assertEquals(kaiser(-0.3, 7), kaiser(0.3, 7));
  assertEquals([kaiser(-1.001, 7), kaiser(2, 7)], [0, 0]);
});

Deno.test("lowPassTap() makes a filter as steep and deep as Kaiser's formula says", () => {
  // beta 7.857 is for 80 dB; width of the transition = (80 - 7.95) / (14.36 * 2 * reach).
  const design = { cutoff: 0.2, reach: 50, beta: 7.857 };
  const width = (80 - 7.95) / (14.36 * 2 * design.reach);
  const gain = (frequency: number) => {
    let sum = 0;
    for (const at of range(-50, 50, 1)) {
      sum += lowPassTap(at, design) * Math.cos(2 * Math.PI * frequency * at);
    }
    return sum;
  };
  for (const frequency of range(0, 0.2 - width / 2, 0.001)) {
    assertAlmostEquals(gain(frequency), 1, 1.1e-4, `pass band at ${frequency}`);
  }
  for (const frequency of range(0.2 + width / 2, 0.5, 0.001)) {
    assertLess(Math.abs(gain(frequency)), 1.1e-4, `stop band at ${frequency}`);
  }
  assertAlmostEquals(gain(0.2), 0.5, 1e-3);
});

Deno.test("FoldedFir.run() computes the same sums alone and in groups", () => {
  const rising = Float64Array.from({ length: 20 }, (_, i) => Math.sin(i * i) * 32_768);
  const falling = Float64Array.from({ length: 20 }, (_, i) => Math.cos(i * i) * 32_768);
  const taps = Float64Array.from({ length: 7 }, (_, k) => Math.sqrt(k + 0.5));
  const expected = Array.from({ length: 14 }, (_, i) => {
    let sum = 0;
    for (const [k, tap] of taps.entries()) {
      sum += tap * ((rising[i + k] ?? NaN) + (falling[i + 6 - k] ?? NaN));
    }
    return sum;
  });
  for (const count of range(0, 14, 1)) {
    const sums = new Float64Array(14).fill(-1);
    new FoldedFir(taps, { rising, falling, sums }).run(count);
    const untouched = Array<number>(14 - count).fill(-1);
    assertEquals([...sums], [...expected.slice(0, count), ...untouched]);
  }
});
