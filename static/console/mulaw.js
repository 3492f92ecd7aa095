// @ts-check
/**
 * G.711 mu-law, the code of a telephone line, for samples from -1 to 1.
 *
 * @module
 */

const BIAS = 132;
const LOUDEST = 32635;

/** What each byte sounds like. */
const HEARD = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const value = (((bits & 0x0f) << 3) + BIAS << ((bits & 0x70) >> 4)) - BIAS;
  return (bits & 0x80 ? -value : value) / 32768;
});

/** The byte of silence. */
export const SILENCE = 0xff;

/**
 * @param {Float32Array} samples
 * @returns {Uint8Array}
 */
export function encode(samples) {
  return Uint8Array.from(samples, (sample) => {
    const value = Math.round(sample * 32768);
    const size = Math.min(Math.abs(value), LOUDEST) + BIAS;
    const exponent = Math.max(0, 24 - Math.clz32(size));
    const bits = (value < 0 ? 0x80 : 0) | exponent << 4 | size >> exponent + 3 & 0x0f;
    return ~bits & 0xff;
  });
}

/**
 * @param {Uint8Array} bytes
 * @returns {Float32Array}
 */
export function decode(bytes) {
  return Float32Array.from(bytes, (code) => HEARD[code] ?? 0);
}
