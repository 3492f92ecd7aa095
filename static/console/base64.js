// @ts-check
/**
 * Bytes as text and back: the way in which sound and pictures travel in JSON.
 *
 * @module
 */

/** So many bytes become letters in one go; more arguments than these a function may not take. */
const AT_ONCE = 8192;

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function toBase64(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    letters += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  }
  return btoa(letters);
}

/**
 * @param {string} text
 * @returns {Uint8Array}
 */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
