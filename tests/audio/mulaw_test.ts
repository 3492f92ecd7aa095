import { assert, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import alawmulaw from "alawmulaw";
import fc from "fast-check";
import { decodeMulaw, encodeMulaw, MULAW_SILENCE } from "../../audio/mulaw.ts";

/**
 * Recommendation G.711, table 2a, from the centre outwards: how many intervals of which size, in its own unit, of which
 * 16-bit samples have four. The uppermost interval ends at the virtual decision value 8,159.
 */
const INTERVALS: readonly [count: number, size: number][] = [
  [1, 1],
  [15, 2],
  [16, 4],
  [16, 8],
  [16, 16],
  [16, 32],
  [16, 64],
  [16, 128],
  [16, 256],
];
const DECISIONS = INTERVALS.flatMap(([count, size]) => Array<number>(count).fill(size))
  .reduce((edges, size) => [...edges, (edges.at(-1) ?? 0) + size], [0]);
/** A level lies in the middle of its interval; the first one, half of an interval around zero, is zero. */
const LEVELS = Array.from(
  { length: 128 },
  (_, n) => n === 0 ? 0 : 4 * ((DECISIONS[n] ?? 0) + (DECISIONS[n + 1] ?? 0)) / 2,
);

/** The interval of a magnitude: its lower decision value is inside, its upper one belongs to the next. */
function intervalOf(magnitude: number): number {
  const above = DECISIONS.findIndex((edge) => 4 * edge > magnitude);
  return above === -1 ? 127 : above - 1;
}

const ALL_CODES = Uint8Array.from({ length: 256 }, (_, code) => code);
const ALL_SAMPLES = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);

function decoded(codes: Uint8Array): Int16Array {
  const pcm = new Int16Array(codes.length);
  decodeMulaw(codes, pcm);
  return pcm;
}

function encoded(pcm: Int16Array): Uint8Array {
  const codes = new Uint8Array(pcm.length);
  encodeMulaw(pcm, codes);
  return codes;
}

/** The samples that the coder under test and another one do not agree on. */
function differences(other: (sample: number) => number | undefined): number[] {
  const codes = encoded(ALL_SAMPLES);
  return [...ALL_SAMPLES].filter((sample, i) => codes[i] !== other(sample));
}

Deno.test("decodeMulaw() gives the levels of G.711 for all 256 codes", () => {
  assertEquals(DECISIONS.at(-1), 8_159);
  const levels = decoded(ALL_CODES);
  for (let n = 0; n < 128; n++) {
    assertEquals(levels[0xff - n], LEVELS[n], `positive interval ${n}`);
    assertEquals(levels[0x7f - n], 0 - (LEVELS[n] ?? NaN), `negative interval ${n}`);
  }
});

Deno.test("encodeMulaw() finds the interval of G.711 for all 65,536 samples", () => {
  const differing = differences((sample) =>
    (sample < 0 ? 0x7f : 0xff) - intervalOf(Math.abs(sample))
  );
  assertEquals(differing, []);
});

Deno.test("encodeMulaw() differs on 127 samples from a coder that complements negative ones", () => {
  const differing = differences((sample) =>
    sample < 0 ? 0x7f - intervalOf(~sample) : 0xff - intervalOf(sample)
  );
  const decisions = DECISIONS.slice(1, 128).map((edge) => -4 * edge);
  assertEquals(differing, decisions.reverse());
});

Deno.test("encodeMulaw() and decodeMulaw() agree with alawmulaw on everything", () => {
  const theirs = alawmulaw.mulaw.encode(ALL_SAMPLES);
  assertEquals(differences((sample) => theirs[sample + 32_768]), []);
  assertEquals(decoded(ALL_CODES), alawmulaw.mulaw.decode(ALL_CODES));
});

Deno.test("encodeMulaw() has no DC offset", () => {
  const levels = decoded(encoded(ALL_SAMPLES));
  // -32,768 has no positive counterpart.
  const sum = levels.subarray(1).reduce((total, level) => total + level, 0);
  assertEquals(sum, 0);
});

Deno.test("encodeMulaw() gives every code back, negative zero as zero", () => {
  const codes = encoded(decoded(ALL_CODES));
  assertEquals(codes, ALL_CODES.map((code) => code === 0x7f ? MULAW_SILENCE : code));
});

Deno.test("encodeMulaw() then decodeMulaw() errs by half an interval at most, and only once [C02]", () => {
  fc.assert(
    fc.property(fc.int16Array({ maxLength: 320, size: "max" }), (pcm) => {
      const codes = encoded(pcm);
      const heard = decoded(codes);
      for (const [i, sample] of pcm.entries()) {
        const magnitude = Math.min(Math.abs(sample), 32_635);
        const n = intervalOf(magnitude);
        const half = n === 0 ? 4 : 2 * ((DECISIONS[n + 1] ?? NaN) - (DECISIONS[n] ?? NaN));
        assertLessOrEqual(Math.abs(Math.abs(heard[i] ?? NaN) - magnitude), half);
        assert((heard[i] ?? NaN) * sample >= 0, `sign of ${sample}`);
      }
      assertEquals(decoded(encoded(heard)), heard);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("encodeMulaw() and decodeMulaw() leave alone what lies behind the samples", () => {
  const codes = new Uint8Array(3).fill(0x55);
  encodeMulaw(Int16Array.of(0), codes);
  assertEquals([...codes], [MULAW_SILENCE, 0x55, 0x55]);
  const pcm = new Int16Array(3).fill(7);
  decodeMulaw(Uint8Array.of(MULAW_SILENCE), pcm);
  assertEquals([...pcm], [0, 7, 7]);
});

Deno.test("encodeMulaw() and decodeMulaw() throw RangeError when the room is too small", () => {
  assertThrows(() => encodeMulaw(new Int16Array(2), new Uint8Array(1)), RangeError);
  assertThrows(() => decodeMulaw(new Uint8Array(2), new Int16Array(1)), RangeError);
});
