import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { dtmf } from "../../audio/dtmf.ts";
import { decodeMulaw, encodeMulaw } from "../../audio/mulaw.ts";

/** Rows and columns of a keypad as the standard prints them, apart from the source. */
const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ...{ 1: [697, 1209], 2: [697, 1336], 3: [697, 1477], A: [697, 1633] },
  ...{ 4: [770, 1209], 5: [770, 1336], 6: [770, 1477], B: [770, 1633] },
  ...{ 7: [852, 1209], 8: [852, 1336], 9: [852, 1477], C: [852, 1633] },
  ...{ "*": [941, 1209], 0: [941, 1336], "#": [941, 1477], D: [941, 1633] },
};
const ALL_HZ = [697, 770, 852, 941, 1209, 1336, 1477, 1633];

/** Power of one frequency in samples, dBm0: Goertzel's way. */
function powerAt(pcm: Int16Array, hz: number): number {
  let re = 0;
  let im = 0;
  pcm.forEach((sample, n) => {
    re += sample / 32_768 * Math.cos(2 * Math.PI * hz * n / 8_000);
    im += sample / 32_768 * Math.sin(2 * Math.PI * hz * n / 8_000);
  });
  const amplitude = 2 * Math.hypot(re, im) / pcm.length;
  return 20 * Math.log10(Math.max(amplitude, 1e-9)) + 3.17;
}

/** The key that 80 ms of sound are, by the rules of a receiver: two tones far above all others. */
function keyOf(pcm: Int16Array): string | undefined {
  const strong = ALL_HZ.filter((hz) => powerAt(pcm, hz) > -25);
  return Object.keys(KEYS).find((key) => `${KEYS[key]}` === `${strong}`);
}

/** Every key in a sound that is made of 100 ms of tone and 100 ms of nothing. */
function heardIn(pcm: Int16Array): string {
  const keys: string[] = [];
  for (let at = 0; at + 800 <= pcm.length; at += 1_600) {
    keys.push(keyOf(pcm.subarray(at + 80, at + 720)) ?? "?");
  }
  return keys.join("");
}

function overTheLine(pcm: Int16Array): Int16Array {
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  const heard = new Int16Array(pcm.length);
  decodeMulaw(mulaw, heard);
  return heard;
}

Deno.test("dtmf() makes every key so that a decoder of its own finds it, also after mu-law", () => {
  const all = Object.keys(KEYS).join("");
  assertEquals(all.length, 16);
  assertEquals(heardIn(dtmf(all)), all);
  assertEquals(heardIn(overTheLine(dtmf(all))), all);
});

Deno.test("dtmf() makes 1,000 random entries that are all decoded after mu-law", () => {
  let state = 20_261_121;
  const next = () => state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  const keys = Object.keys(KEYS);
  for (let n = 0; n < 1_000; n++) {
    const entry = Array.from({ length: 1 + next() % 4 }, () => keys[next() % keys.length]).join("");
    assertEquals(heardIn(overTheLine(dtmf(entry))), entry, `entry ${n}`);
  }
});

Deno.test("dtmf() keeps the levels: -9 and -7 dBm0, within 1 dB, the high tone at most 4 dB above", () => {
  for (const [key, [low, high]] of Object.entries(KEYS)) {
    const tone = dtmf(key).subarray(80, 720);
    const levels = [powerAt(tone, low), powerAt(tone, high)] as const;
    assertAlmostEquals(levels[0], -9, 1, key);
    assertAlmostEquals(levels[1], -7, 1, key);
    assert(levels[1] - levels[0] < 4);
  }
});

Deno.test("dtmf() makes tones of 100 ms with gaps of 100 ms, and w a wait of 500 ms", () => {
  const pcm = dtmf("1w2");
  assertEquals(pcm.length, (200 + 500 + 200) * 8);
  assert(pcm.subarray(800, 1_600 + 4_000).every((sample) => sample === 0));
  assertEquals(heardIn(pcm.subarray(1_600 + 4_000)), "2");
});

Deno.test("dtmf() refuses what is no key", () => {
  for (const key of ["x", "+", " ", "１"]) {
    assertThrows(() => dtmf(key), RangeError, "expected one of");
  }
});
