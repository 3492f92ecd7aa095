/**
 * G.711 mu-law, the code of the telephone line: one byte per sample, fine steps near silence and coarse ones for loud
 * sound.
 *
 * This is the classic 16-bit coder with a bias of 132. It decodes to the 256 levels of ITU-T Recommendation G.711, times
 * four, and places every one of the 65,536 inputs by its magnitude, so it adds no DC offset. It agrees with npm's
 * alawmulaw throughout. The coder of the ITU software tools (G.191) places negative values by their one's complement; the
 * two differ on 127 inputs, the negative decision values themselves.
 *
 * @module
 */

/** Added to a magnitude so that every segment begins at a power of two. */
const BIAS = 132;
/** The largest magnitude that still has a code of its own; above it, the loudest code stands. */
const CLIP = 32_635;

/** The byte that means silence: positive zero. */
export const MULAW_SILENCE = 0xff;

const LEVELS = Int16Array.from({ length: 256 }, (_, code) => decode(code));
/** Indexed by the sample's 16 bits taken as unsigned. */
const CODES = Uint8Array.from({ length: 65_536 }, (_, bits) => encode(bits << 16 >> 16));

/**
 * Encodes samples for the line.
 *
 * @param pcm Samples of 16 bits
 * @param out Receives one byte per sample, from its start
 * @throws {RangeError} If `out` is shorter than `pcm`
 *
 * @example Silence, and the loudest sample
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const frame = new Uint8Array(2);
 * encodeMulaw(Int16Array.of(0, 32_767), frame);
 * assertEquals([...frame], [MULAW_SILENCE, 0x80]);
 * ```
 */
export function encodeMulaw(pcm: Int16Array, out: Uint8Array): void {
  checkRoom(pcm.length, out.length);
  for (let i = 0; i < pcm.length; i++) out[i] = CODES[(pcm[i] as number) & 0xffff] as number;
}

/**
 * Decodes bytes from the line.
 *
 * @param mulaw One byte per sample
 * @param out Receives the samples, from its start
 * @throws {RangeError} If `out` is shorter than `mulaw`
 *
 * @example Silence, and the loudest code
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const pcm = new Int16Array(2);
 * decodeMulaw(Uint8Array.of(MULAW_SILENCE, 0x80), pcm);
 * assertEquals([...pcm], [0, 32_124]);
 * ```
 */
export function decodeMulaw(mulaw: Uint8Array, out: Int16Array): void {
  checkRoom(mulaw.length, out.length);
  for (let i = 0; i < mulaw.length; i++) out[i] = LEVELS[mulaw[i] as number] as number;
}

function checkRoom(needed: number, room: number): void {
  if (room < needed) throw new RangeError(`Cannot convert ${needed} samples: room for ${room}`);
}

/** Sign, three bits of segment, four bits of step; sent inverted, so that a quiet line is full of ones. */
function encode(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  const segment = 24 - Math.clz32(magnitude);
  const step = magnitude >> (segment + 3) & 15;
  const sign = sample < 0 ? 0x80 : 0;
  return ~(sign | segment << 4 | step) & 0xff;
}

function decode(code: number): number {
  const bits = ~code;
  const segment = bits >> 4 & 7;
  const step = bits & 15;
  const magnitude = ((step << 3) + BIAS << segment) - BIAS;
  return bits & 0x80 ? -magnitude : magnitude;
}
