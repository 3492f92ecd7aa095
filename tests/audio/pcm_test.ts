import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  bytesToPcm,
  floatToPcm,
  mixToMono,
  pcmDurationMs,
  pcmToBytes,
  saturate,
} from "../../audio/pcm.ts";

Deno.test("bytesToPcm() reads little-endian samples and drops an odd byte", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(3), (bytes, offset) => {
      const shifted = new Uint8Array(offset + bytes.length);
      shifted.set(bytes, offset);
      const pcm = bytesToPcm(shifted.subarray(offset));
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const expected = Int16Array.from(
        { length: bytes.length >> 1 },
        (_, i) => view.getInt16(2 * i, true),
      );
      assertEquals(pcm, expected);
      assertEquals(pcmToBytes(pcm), bytes.slice(0, 2 * pcm.length));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("bytesToPcm() copies, pcmToBytes() shares memory, subarrays included", () => {
  const bytes = Uint8Array.of(1, 0, 2, 0);
  const pcm = bytesToPcm(bytes);
  bytes.fill(0);
  assertEquals([...pcm], [1, 2]);
  const seen = pcmToBytes(pcm.subarray(1));
  pcm[1] = 0x0403;
  assertEquals([...seen], [3, 4]);
});

Deno.test("pcmDurationMs() counts whole samples", () => {
  const cases: [byteLength: number, hz: number, ms: number][] = [
    [0, 8_000, 0],
    [1, 8_000, 0],
    [320, 8_000, 20],
    [640, 16_000, 20],
    [961, 24_000, 20],
    [48_000, 24_000, 1_000],
  ];
  for (const [byteLength, hz, ms] of cases) assertEquals(pcmDurationMs({ byteLength }, hz), ms);
});

Deno.test("mixToMono() cannot wrap and fills up the shorter channel", () => {
  const loud = Int16Array.of(32_767, -32_768, 10);
  assertEquals([...mixToMono(loud, loud)], [...loud]);
  assertEquals([...mixToMono(loud, new Int16Array(0))], [16_384, -16_384, 5]);
});

Deno.test("saturate() rounds to the nearest of 65,536 values", () => {
  fc.assert(fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
    const sample = saturate(value);
    const clamped = Math.min(Math.max(value, -32_768), 32_767);
    assert(Number.isInteger(sample) && Math.abs(sample - clamped) <= 0.5);
  }));
  assertEquals([saturate(Infinity), saturate(-Infinity)], [32_767, -32_768]);
});

Deno.test("floatToPcm() saturates instead of wrapping", () => {
  const floats = Float32Array.of(0, 1, -1, 1.5, -1.5, 0.25, Infinity, -Infinity, NaN);
  const pcm = new Int16Array(10).fill(7);
  floatToPcm(floats, pcm);
  assertEquals(
    [...pcm],
    [0, 32_767, -32_768, 32_767, -32_768, 8_192, 32_767, -32_768, 0, 7],
  );
  assertThrows(() => floatToPcm(floats, new Int16Array(8)), RangeError);
});
