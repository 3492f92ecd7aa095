/**
 * Hears keys as a telephone exchange does: by Goertzel's way, in blocks, wherever they lie. It shares nothing with what makes
 * them.
 *
 * @module
 */

/** Rows and columns of a keypad as the standard prints them. */
export const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ...{ 1: [697, 1209], 2: [697, 1336], 3: [697, 1477], A: [697, 1633] },
  ...{ 4: [770, 1209], 5: [770, 1336], 6: [770, 1477], B: [770, 1633] },
  ...{ 7: [852, 1209], 8: [852, 1336], 9: [852, 1477], C: [852, 1633] },
  ...{ "*": [941, 1209], 0: [941, 1336], "#": [941, 1477], D: [941, 1633] },
};
const LOW_HZ = [697, 770, 852, 941];
const HIGH_HZ = [1209, 1336, 1477, 1633];

const LINE_HZ = 8_000;
/** The block of most receivers: its bins lie close to the eight tones. */
const BLOCK = 205;
const HOP = 80;
/** A receiver must take 40 ms for a key, and so much less than that is none. */
const FEWEST_BLOCKS = 3;
const QUIETEST_DBM0 = -25;
/** How far a tone stands above the others of its group. */
const CLEAR_DB = 8;

/** Power of one frequency in samples at 8 kHz, dBm0. */
export function powerAt(pcm: Int16Array, hz: number): number {
  const factor = 2 * Math.cos(2 * Math.PI * hz / LINE_HZ);
  let [last, before] = [0, 0];
  for (const sample of pcm) [last, before] = [sample / 32_768 + factor * last - before, last];
  const power = last * last + before * before - factor * last * before;
  const amplitude = 2 * Math.sqrt(Math.max(power, 0)) / pcm.length;
  return 20 * Math.log10(Math.max(amplitude, 1e-9)) + 3.17;
}

/** All keys in samples at 8 kHz, first to last. */
export function decodeDtmf(pcm: Int16Array): string {
  let keys = "";
  let last: string | undefined;
  let blocks = 0;
  for (let at = 0; at + BLOCK <= pcm.length; at += HOP) {
    const key = keyOf(pcm.subarray(at, at + BLOCK));
    blocks = key === last ? blocks + 1 : 1;
    last = key;
    if (key !== undefined && blocks === FEWEST_BLOCKS) keys += key;
  }
  return keys;
}

function keyOf(block: Int16Array): string | undefined {
  const tones = [strongest(block, LOW_HZ), strongest(block, HIGH_HZ)];
  return Object.keys(KEYS).find((key) => `${KEYS[key]}` === `${tones}`);
}

/** The tone of a group that stands out. */
function strongest(block: Int16Array, group: readonly number[]): number | undefined {
  const [first, second] = group.map((hz) => ({ hz, level: powerAt(block, hz) }))
    .toSorted((a, b) => b.level - a.level);
  const isClear = first && second && first.level > QUIETEST_DBM0 &&
    first.level - second.level >= CLEAR_DB;
  return isClear ? first.hz : undefined;
}
