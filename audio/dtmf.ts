/**
 * Keys as sound: what a telephone sends when a key is pressed, to be played into the line by an agent that has to get
 * past a menu.
 *
 * @see ITU-T Q.23 for the frequencies, Q.24 for the lengths and levels that a receiver must take
 * @module
 */

import { LINE_HZ } from "./rates.ts";

/** Keys that can be sent; `w` is half a second of nothing. */
export const DTMF_KEYS = "0123456789*#ABCDw";

const LOW_HZ = [697, 770, 852, 941] as const;
const HIGH_HZ = [1209, 1336, 1477, 1633] as const;
/** The keypad, a row for each low frequency. */
const KEYPAD = ["123A", "456B", "789C", "*0#D"] as const;

/** Of each tone; the high one is a little louder, because lines lose more of it. A full-scale sine is +3.17 dBm0. */
const LOW_DBFS = -9 - 3.17;
const HIGH_DBFS = -7 - 3.17;
/** Twice the shortest that every receiver takes. */
const TONE_MS = 100;
const GAP_MS = 100;
const WAIT_MS = 500;
/** A tone that begins at once clicks. */
const RAMP_MS = 3;

/**
 * The sound of keys, each followed by a gap.
 *
 * @param keys Of {@linkcode DTMF_KEYS}
 * @returns Samples at 8 kHz
 * @throws {RangeError} If one is no key
 * @example Two keys take four tenths of a second
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(dtmf("1#").length, 3_200);
 * ```
 */
export function dtmf(keys: string): Int16Array {
  const sounds = [...keys].map((key) => key === "w" ? silence(WAIT_MS) : soundOf(key));
  const pcm = new Int16Array(sounds.reduce((sum, sound) => sum + sound.length, 0));
  let at = 0;
  for (const sound of sounds) {
    pcm.set(sound, at);
    at += sound.length;
  }
  return pcm;
}

function soundOf(key: string): Int16Array {
  const row = KEYPAD.findIndex((keys) => keys.includes(key));
  const column = KEYPAD[row]?.indexOf(key) ?? -1;
  const low = LOW_HZ[row];
  const high = HIGH_HZ[column];
  if (low === undefined || high === undefined || key.length !== 1) {
    throw new RangeError(`Cannot sound a key: expected one of ${DTMF_KEYS}`);
  }
  const length = samplesIn(TONE_MS);
  const pcm = silence(TONE_MS + GAP_MS);
  for (let i = 0; i < length; i++) {
    const tones = amplitude(LOW_DBFS) * wave(low, i) + amplitude(HIGH_DBFS) * wave(high, i);
    pcm[i] = Math.round(tones * ramp(Math.min(i, length - 1 - i) / samplesIn(RAMP_MS)));
  }
  return pcm;
}

function silence(ms: number): Int16Array {
  return new Int16Array(samplesIn(ms));
}

function samplesIn(ms: number): number {
  return ms * LINE_HZ / 1_000;
}

function amplitude(dbfs: number): number {
  return 32_767 * 10 ** (dbfs / 20);
}

function wave(hz: number, sample: number): number {
  return Math.sin(2 * Math.PI * hz * sample / LINE_HZ);
}

/** From 0 to 1 along half a cosine, and 1 from there on. */
function ramp(part: number): number {
  return part >= 1 ? 1 : (1 - Math.cos(Math.PI * part)) / 2;
}
