import { assertEquals, assertLess } from "@std/assert";
import { Resampler } from "../../../static/console/resampler.js";

const RATES = [[48_000, 8_000], [48_000, 16_000], [44_100, 16_000], [8_000, 48_000], [
  24_000,
  48_000,
], [24_000, 44_100]] as const;

/** A tone of one second. */
function tone(hz: number, frequencyHz: number): Float32Array {
  return Float32Array.from({ length: hz }, (_, n) => Math.sin(2 * Math.PI * frequencyHz * n / hz));
}

/** How loud a tone is at another rate, and what else there is, in eight tenths of a second: whole periods. */
function errorOf(out: Float32Array, { hz, frequencyHz }: { hz: number; frequencyHz: number }) {
  let sine = 0, cosine = 0, all = 0, count = 0;
  for (let n = hz / 10; n < 9 * hz / 10; n++) {
    const angle = 2 * Math.PI * frequencyHz * n / hz;
    const value = out[n] ?? 0;
    sine += value * Math.sin(angle);
    cosine += value * Math.cos(angle);
    all += value ** 2;
    count++;
  }
  const power = 2 * (sine ** 2 + cosine ** 2) / count ** 2;
  return { error: Math.sqrt(Math.max(0, all / count - power)), level: Math.sqrt(2 * power) };
}

Deno.test("Resampler keeps a tone as it is at every rate that a page may have", () => {
  for (const [fromHz, toHz] of RATES) {
    const out = new Resampler(fromHz, toHz).push(tone(fromHz, 1_000));
    const { error, level } = errorOf(out, { hz: toHz, frequencyHz: 1_000 });
    assertLess(error, 0.005, `${fromHz} to ${toHz} Hz`);
    assertLess(Math.abs(level - 1), 0.01, `${fromHz} to ${toHz} Hz`);
    assertLess(Math.abs(out.length - toHz), toHz / 100, `${fromHz} to ${toHz} Hz`);
  }
});

Deno.test("Resampler takes out what the lower rate cannot carry", () => {
  const out = new Resampler(48_000, 8_000).push(tone(48_000, 5_000));
  const loudest = out.subarray(800).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  assertLess(loudest, 0.005);
});

Deno.test("Resampler gives the same in pieces of any length", () => {
  for (const [fromHz, toHz] of RATES) {
    const whole = tone(fromHz, 700).subarray(0, 6_000);
    const resampler = new Resampler(fromHz, toHz);
    const pieces: number[] = [];
    for (let at = 0, length = 1; at < whole.length; at += length, length = length * 7 % 331) {
      pieces.push(...resampler.push(whole.subarray(at, at + length)));
    }
    assertEquals(pieces, [...new Resampler(fromHz, toHz).push(whole)]);
  }
});
