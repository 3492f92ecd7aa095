// @ts-check
/**
 * Samples from -1 to 1 as the gateway has them: 16 bits, the lower byte first.
 *
 * @module
 */

const LOUDEST = 32767;

/**
 * @param {Float32Array} samples
 * @returns {Uint8Array}
 */
export function encode(samples) {
  const view = new DataView(new ArrayBuffer(2 * samples.length));
  samples.forEach((sample, n) => {
    view.setInt16(2 * n, Math.round(Math.max(-1, Math.min(1, sample)) * LOUDEST), true);
  });
  return new Uint8Array(view.buffer);
}

/**
 * @param {Uint8Array} bytes
 * @returns {Float32Array}
 */
export function decode(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from(
    { length: bytes.length >> 1 },
    (_, n) => view.getInt16(2 * n, true) / LOUDEST,
  );
}
