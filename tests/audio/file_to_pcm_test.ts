import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { convertRate, fileToPcm } from "../../audio/file_to_pcm.ts";
import { WavError, writeWav } from "../../audio/wav.ts";
import { fitSine, powerDb, sine } from "./tones.ts";

const RATES_HZ = [8_000, 11_025, 12_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 44_101];

Deno.test("convertRate() keeps level, place and purity of a tone at every usual rate", () => {
  for (const fromHz of RATES_HZ) {
    for (const hz of [200, 1_000, 3_400]) {
      const name = `${hz} Hz at ${fromHz} Hz`;
      const converted = convertRate(sine(hz, { rateHz: fromHz }), { fromHz, toHz: 16_000 });
      const { amplitude, phase, residue } = fitSine(converted, { hz, rateHz: 16_000 });
      assertAlmostEquals(powerDb(amplitude ** 2 / 0.7 ** 2), 0, 0.01, name);
      assertAlmostEquals(phase, 0, 1e-3, name);
      assertLess(powerDb(residue / (amplitude ** 2 / 2)), -80, name);
    }
  }
});

Deno.test("convertRate() removes what the lower rate cannot carry", () => {
  for (const hz of [8_050, 8_110, 8_470, 9_010, 12_030, 15_950, 20_030, 23_010]) {
    const converted = convertRate(sine(hz, { rateHz: 48_000 }), { fromHz: 48_000, toHz: 16_000 });
    const middle = converted.subarray(4_000, 12_000);
    const power = middle.reduce((sum, sample) => sum + (sample / 32_768) ** 2, 0) / middle.length;
    assertLess(powerDb(power / (0.7 ** 2 / 2)), -80, `${hz} Hz`);
  }
});

Deno.test("convertRate() gives as many samples as the time needs", () => {
  const cases: [length: number, fromHz: number, toHz: number, converted: number][] = [
    [0, 44_100, 16_000, 0],
    [1, 44_100, 16_000, 1],
    [44_100, 44_100, 16_000, 16_000],
    [160, 8_000, 24_000, 480],
    [481, 24_000, 8_000, 161],
  ];
  for (const [length, fromHz, toHz, converted] of cases) {
    assertEquals(convertRate(new Int16Array(length), { fromHz, toHz }).length, converted);
  }
});

Deno.test("convertRate() copies when the rates are the same", () => {
  const samples = Int16Array.of(1, -2, 3);
  const copy = convertRate(samples, { fromHz: 8_000, toHz: 8_000 });
  assertEquals(copy, samples);
  assert(copy.buffer !== samples.buffer);
});

Deno.test("convertRate() saturates instead of wrapping", () => {
  const square = Int16Array.from({ length: 800 }, (_, i) => i % 100 < 50 ? 32_767 : -32_768);
  const converted = convertRate(square, { fromHz: 8_000, toHz: 16_000 });
  assertEquals([Math.max(...converted), Math.min(...converted)], [32_767, -32_768]);
  for (let i = 0; i < converted.length; i += 200) {
    for (let k = 20; k < 80; k++) {
      assert((converted[i + k] ?? 0) > 25_000 && (converted[i + 100 + k] ?? 0) < -25_000);
    }
  }
});

Deno.test("convertRate() throws RangeError for a rate that is none", () => {
  for (const hz of [0, -8_000, NaN, Infinity, 8_000.5]) {
    assertThrows(() => convertRate(new Int16Array(1), { fromHz: hz, toHz: 8_000 }), RangeError);
    assertThrows(() => convertRate(new Int16Array(1), { fromHz: 8_000, toHz: hz }), RangeError);
  }
});

Deno.test("fileToPcm() mixes stereo and converts to what the model hears", () => {
  const left = sine(1_000, { rateHz: 44_100, amplitude: 0.6 });
  const right = sine(2_000, { rateHz: 44_100, amplitude: 0.2 });
  const pcm = fileToPcm(writeWav({ hz: 44_100, channels: [left, right] }));
  assertEquals(pcm.length, 16_000);
  assertAlmostEquals(fitSine(pcm, { hz: 1_000, rateHz: 16_000 }).amplitude, 0.3, 1e-3);
  assertAlmostEquals(fitSine(pcm, { hz: 2_000, rateHz: 16_000 }).amplitude, 0.1, 1e-3);
});

Deno.test("fileToPcm() takes mono as it is and converts to another rate when asked", () => {
  const tone = sine(440, { rateHz: 16_000 });
  const file = writeWav({ hz: 16_000, channels: [tone] });
  assertEquals(fileToPcm(file), tone);
  assertEquals(fileToPcm(file, 8_000).length, 8_000);
});

Deno.test("fileToPcm() throws WavError for what is no WAV file", () => {
  assertThrows(() => fileToPcm(Uint8Array.of(1, 2, 3)), WavError);
});
