import {
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
} from "@std/assert";
import fc from "fast-check";
import { Downsampler3x, Upsampler2x } from "../../audio/resample.ts";
import { fitSine, groupDelayMs, powerDb, range, sine } from "./tones.ts";

type Resampler = Upsampler2x | Downsampler3x;

const UP = { name: "Upsampler2x", make: () => new Upsampler2x(), fromHz: 8_000, toHz: 16_000 };
const DOWN = {
  name: "Downsampler3x",
  make: () => new Downsampler3x(),
  fromHz: 24_000,
  toHz: 8_000,
};

/** What goes through a resampler when it is cut up like this; sizes are taken in turn. */
function pushInChunks(resampler: Resampler, input: Int16Array, sizes: readonly number[]): number[] {
  const output: number[] = [];
  for (let from = 0, turn = 0; from < input.length; turn++) {
    const size = sizes[turn % sizes.length] ?? input.length;
    output.push(...resampler.push(input.subarray(from, from + size)));
    from += size;
  }
  return output;
}

function noise(length: number): Int16Array<ArrayBuffer> {
  let state = 12_345;
  return Int16Array.from({ length }, () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    return state >> 16;
  });
}

for (const { name, make, fromHz, toHz } of [UP, DOWN]) {
  Deno.test(`${name}.push() passes 200 to 3,400 Hz within 0.05 dB, all else 80 dB below`, () => {
    const gainsDb: number[] = [];
    for (const hz of range(200, 3_400, 50)) {
      const out = fitSine(make().push(sine(hz, { rateHz: fromHz })), { hz, rateHz: toHz });
      gainsDb.push(powerDb(out.amplitude ** 2 / 0.7 ** 2));
      assertLess(powerDb(out.residue / (out.amplitude ** 2 / 2)), -80, `${hz} Hz`);
    }
    assertLessOrEqual(Math.max(...gainsDb) - Math.min(...gainsDb), 0.05);
    assertLess(Math.max(...gainsDb.map(Math.abs)), 0.05);
  });

  Deno.test(`${name}.push() delays every tone by its delaySamples, at most 3 ms`, () => {
    const delaySamples = make() instanceof Upsampler2x
      ? Upsampler2x.delaySamples
      : Downsampler3x.delaySamples;
    for (const hz of range(200, 3_400, 400)) {
      const phaseOf = (toneHz: number) =>
        fitSine(make().push(sine(toneHz, { rateHz: fromHz })), { hz: toneHz, rateHz: toHz }).phase;
      const delayMs = groupDelayMs(phaseOf(hz), phaseOf(hz + 10), 10);
      assertAlmostEquals(delayMs, delaySamples / toHz * 1000, 0.001, `${hz} Hz`);
      assertLess(delayMs, 3);
    }
  });

  Deno.test(`${name}.push() saturates instead of wrapping when a square wave overshoots`, () => {
    const high = 8 * fromHz / 8_000;
    const square = (level: number) =>
      Int16Array.from({ length: 4_800 }, (_, i) => Math.floor(i / high) % 2 ? -level : level);
    const loud = make().push(square(32_764));
    const quiet = make().push(square(32_764 / 4));
    for (const [i, sample] of quiet.entries()) {
      const expected = Math.min(Math.max(4 * sample, -32_768), 32_767);
      assertLessOrEqual(Math.abs((loud[i] ?? NaN) - expected), 3, `sample ${i}`);
    }
    assertEquals([Math.max(...loud), Math.min(...loud)], [32_767, -32_768]);
  });

  Deno.test(`${name}.push() gives the same bits for any split of its input [C02]`, () => {
    const chunks = fc.array(fc.int16Array({ maxLength: 900, size: "max" }), { maxLength: 6 });
    fc.assert(
      fc.property(chunks, (inputs) => {
        const cut = make();
        const parts = inputs.flatMap((input) => [...cut.push(input)]);
        const whole = make();
        const all = [...whole.push(Int16Array.from(inputs.flatMap((input) => [...input])))];
        assertEquals(parts, all);
        assertEquals([...cut.flush()], [...whole.flush()]);
      }),
      { numRuns: 1_000 },
    );
  });

  Deno.test(`${name}.push() gives the same bits sample by sample and for odd chunks`, () => {
    const input = noise(5_000);
    const whole = [...make().push(input)];
    for (const sizes of [[1], [2], [160], [479], [480], [481], [7, 0, 1_201, 1, 3]]) {
      assertEquals(pushInChunks(make(), input, sizes), whole, `chunks of ${sizes}`);
    }
  });

  Deno.test(`${name}.push() stays in step for ten million samples, bit by bit`, () => {
    const resampler = make();
    const input = noise(9_973);
    let entered = 0;
    let left = 0;
    while (entered < 10_000_000) {
      const chunk = input.subarray(0, 1 + entered % input.length);
      entered += chunk.length;
      left += resampler.push(chunk).length;
    }
    const odd = input.subarray(0, (3 - entered % 3) % 3);
    left += resampler.push(odd).length;
    assertEquals(left, (entered + odd.length) * toHz / fromHz);

    // A filter this short has forgotten all of that 1,200 samples later; only a slip in counting would stay.
    const settle = input.subarray(0, 1_200);
    const fresh = make();
    fresh.push(settle);
    resampler.push(settle);
    assertEquals([...resampler.push(input)], [...fresh.push(input)]);
  });

  Deno.test(`${name}.flush() gives what is late, so that nothing of the input is lost`, () => {
    for (const length of [0, 1, 2, 3, 100, 481, 1_000]) {
      const resampler = make();
      const input = noise(length);
      const output = [...resampler.push(input), ...resampler.flush()];
      const delay = resampler instanceof Upsampler2x
        ? Upsampler2x.delaySamples
        : Downsampler3x.delaySamples;
      assertEquals(output.length - delay, Math.ceil(length * toHz / fromHz), `${length} samples`);
    }
  });

  Deno.test(`${name}.reset() and flush() leave it as new`, () => {
    const input = noise(1_001);
    const expected = [...make().push(input)];
    const resampler = make();
    resampler.push(input);
    resampler.reset();
    assertEquals([...resampler.push(input)], expected);
    resampler.flush();
    assertEquals([...resampler.push(input)], expected);
  });

  Deno.test(`${name}.push() reuses its memory when frames are of one length`, () => {
    const resampler = make();
    const frame = noise(fromHz / 50);
    const first = resampler.push(frame);
    assertStrictEquals(resampler.push(frame), first);
    assertEquals(resampler.push(new Int16Array(0)).length, 0);
  });
}

Deno.test("Downsampler3x.push() is 80 dB down for everything from 4,600 Hz up", () => {
  for (const hz of range(4_600, 11_950, 50)) {
    const output = new Downsampler3x().push(sine(hz, { rateHz: DOWN.fromHz }));
    const middle = output.subarray(2_000, 6_000);
    const power = middle.reduce((sum, sample) => sum + (sample / 32_768) ** 2, 0) / middle.length;
    assertLess(powerDb(power / (0.7 ** 2 / 2)), -80, `${hz} Hz`);
  }
});

Deno.test("Upsampler2x.push() hands every input on unchanged, at every other output", () => {
  const input = noise(400);
  const output = new Upsampler2x().push(input);
  const delay = Upsampler2x.delaySamples;
  for (const [i, sample] of input.subarray(0, 300).entries()) {
    assertEquals(output[2 * i + delay], sample);
  }
});

Deno.test("Upsampler2x and Downsampler3x keep a level at 0 Hz exactly", () => {
  const level = new Int16Array(2_000).fill(-12_345);
  assertEquals(new Set(new Upsampler2x().push(level).subarray(100)), new Set([-12_345]));
  assertEquals(new Set(new Downsampler3x().push(level).subarray(100)), new Set([-12_345]));
});
