import { assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import { convertRate } from "../../audio/file_to_pcm.ts";
import { RateConverter } from "../../audio/rate_converter.ts";
import { sine } from "./tones.ts";

Deno.test("RateConverter gives the same to the bit however the stream is cut", () => {
  for (const fromHz of [8_000, 11_025, 22_050, 24_000, 44_100, 48_000, 96_000]) {
    const rates = { fromHz, toHz: 16_000 };
    const samples = sine(440, { rateHz: fromHz });
    const whole = convertRate(samples, rates);
    for (const size of [1, 7, 160, 441, 1_023]) {
      const converter = new RateConverter(rates);
      const pieces: number[] = [];
      for (let from = 0; from < samples.length; from += size) {
        pieces.push(...converter.push(samples.subarray(from, from + size)));
      }
      pieces.push(...converter.flush());
      assertEquals(Int16Array.from(pieces), whole, `${fromHz} Hz by ${size}`);
    }
  }
});

Deno.test("RateConverter is at most 52 samples of the lower rate late", () => {
  for (const fromHz of [8_000, 24_000, 48_000]) {
    const converter = new RateConverter({ fromHz, toHz: 16_000 });
    const given = converter.push(new Int16Array(fromHz)).length;
    const lower = Math.min(fromHz, 16_000);
    assertLessOrEqual(16_000 - given, 52 * 16_000 / lower, `${fromHz} Hz`);
  }
});

Deno.test("RateConverter is as new after flush(), and passes equal rates through", () => {
  const converter = new RateConverter({ fromHz: 24_000, toHz: 16_000 });
  const tone = sine(300, { rateHz: 24_000 });
  const once = [...converter.push(tone), ...converter.flush()];
  assertEquals([...converter.push(tone), ...converter.flush()], once);
  const same = new RateConverter({ fromHz: 16_000, toHz: 16_000 });
  assertEquals(same.push(Int16Array.of(1, -2)), Int16Array.of(1, -2));
  assertEquals(same.flush().length, 0);
});

Deno.test("RateConverter throws RangeError for a rate that is none", () => {
  for (const hz of [0, -1, NaN, 8_000.5]) {
    assertThrows(() => new RateConverter({ fromHz: hz, toHz: 16_000 }), RangeError);
  }
});
