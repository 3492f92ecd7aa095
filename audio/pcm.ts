/**
 * Samples of 16 bits: as bytes, as time, mixed, and rounded from finer numbers.
 *
 * On the wire they are little-endian. So is every machine that Deno or a browser runs on, and therefore bytes and samples
 * are the same memory here.
 *
 * @module
 */

/**
 * The samples in PCM16 little-endian bytes, copied; an odd last byte is dropped.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals([...bytesToPcm(Uint8Array.of(0x01, 0x00, 0xfe, 0xff, 0x7f))], [1, -2]);
 * ```
 */
export function bytesToPcm(bytes: Uint8Array): Int16Array<ArrayBuffer> {
  return new Int16Array(bytes.slice(0, bytes.length & ~1).buffer);
}

/**
 * The samples as PCM16 little-endian bytes. They share the samples' memory: whoever keeps them copies them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals([...pcmToBytes(Int16Array.of(1, -2))], [0x01, 0x00, 0xfe, 0xff]);
 * ```
 */
export function pcmToBytes<B extends ArrayBufferLike>(pcm: Int16Array<B>): Uint8Array<B> {
  return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}

/**
 * How long PCM16 mono lasts, in milliseconds.
 *
 * @param pcm Samples, or their bytes; an odd last byte does not count
 * @param hz Its sample rate
 *
 * @example A frame for the model
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(pcmDurationMs(new Int16Array(320), 16_000), 20);
 * assertEquals(pcmDurationMs(new Uint8Array(641), 16_000), 20);
 * ```
 */
export function pcmDurationMs(pcm: { readonly byteLength: number }, hz: number): number {
  return Math.floor(pcm.byteLength / 2) * 1000 / hz;
}

/**
 * The mean of two channels; the shorter one goes on as silence.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals([...mixToMono(Int16Array.of(100, 32_767), Int16Array.of(-50, 32_767))], [25, 32_767]);
 * ```
 */
export function mixToMono(left: Int16Array, right: Int16Array): Int16Array<ArrayBuffer> {
  const mono = new Int16Array(Math.max(left.length, right.length));
  for (let i = 0; i < mono.length; i++) mono[i] = saturate(((left[i] ?? 0) + (right[i] ?? 0)) / 2);
  return mono;
}

/**
 * The nearest value that 16 bits can hold: too loud stays loud instead of wrapping to the other sign.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals([saturate(40_000), saturate(-40_000), saturate(1.6)], [32_767, -32_768, 2]);
 * ```
 */
export function saturate(value: number): number {
  return value >= 32_767 ? 32_767 : value <= -32_768 ? -32_768 : Math.floor(value + 0.5);
}

/**
 * Samples of 16 bits from samples between -1 and 1; what lies outside saturates, what is no number becomes 0.
 *
 * @param out Receives the samples, from its start
 * @throws {RangeError} If `out` is shorter than `samples`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const pcm = new Int16Array(4);
 * floatToPcm(Float32Array.of(0.5, -1, 1, NaN), pcm);
 * assertEquals([...pcm], [16_384, -32_768, 32_767, 0]);
 * ```
 */
export function floatToPcm(samples: Float32Array, out: Int16Array): void {
  const count = samples.length;
  if (out.length < count) {
    throw new RangeError(`Cannot convert ${count} samples: room for ${out.length}`);
  }
  for (let i = 0; i < count; i++) out[i] = saturate((samples[i] as number) * 32_768);
}
