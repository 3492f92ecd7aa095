import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { dtmf } from "../../audio/dtmf.ts";
import { decodeMulaw, encodeMulaw } from "../../audio/mulaw.ts";
import { decodeDtmf, KEYS, powerAt } from "../support/dtmf_decoder.ts";

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
  assertEquals(decodeDtmf(dtmf(all)), all);
  assertEquals(decodeDtmf(overTheLine(dtmf(all))), all);
});

Deno.test("dtmf() makes 1,000 random entries that are all decoded after mu-law", () => {
  let state = 20_261_121;
  const next = () => state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  const keys = Object.keys(KEYS);
  for (let n = 0; n < 1_000; n++) {
    const entry = Array.from({ length: 1 + next() % 4 }, () => keys[next() % keys.length]).join("");
    assertEquals(decodeDtmf(overTheLine(dtmf(entry))), entry, `entry ${n}`);
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
  assertEquals(decodeDtmf(pcm.subarray(1_600 + 4_000)), "2");
});

Deno.test("dtmf() refuses what is no key", () => {
  for (const key of ["x", "+", " ", "１"]) {
    assertThrows(() => dtmf(key), RangeError, "expected one of");
  }
});
