import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { levelDbfs } from "../../audio/level.ts";
import { encodeMulaw } from "../../audio/mulaw.ts";
import { LINE_FRAME_SAMPLES, LINE_HZ } from "../../audio/rates.ts";
import { ComfortTone, Tone } from "../../audio/tone.ts";
import { framesOf, throughMulaw } from "../support/line_sounds.ts";

/** Power of one frequency in samples, in dBFS. */
function powerAt(pcm: Int16Array, hz: number): number {
  let [real, imaginary] = [0, 0];
  for (const [i, sample] of pcm.entries()) {
    real += sample * Math.cos(2 * Math.PI * hz * i / LINE_HZ);
    imaginary += sample * Math.sin(2 * Math.PI * hz * i / LINE_HZ);
  }
  const amplitude = 2 * Math.hypot(real, imaginary) / pcm.length;
  return 20 * Math.log10(amplitude / Math.SQRT2 / 32_768);
}

/** What network tones and keys are made of: ITU-T E.180 and its national supplements, Q.23. */
const TAKEN_HZ = [
  ...[350, 400, 425, 440, 450, 480, 620, 950, 1_400, 1_800],
  ...[697, 770, 852, 941, 1_209, 1_336, 1_477, 1_633],
];

Deno.test("Tone gives each sine its level", () => {
  const pcm = new Tone([{ hz: 700, dbfs: -20 }, { hz: 1_200, dbfs: -26 }]).next(LINE_HZ);
  assertAlmostEquals(powerAt(pcm, 700), -20, 0.05);
  assertAlmostEquals(powerAt(pcm, 1_200), -26, 0.05);
  assertLess(powerAt(pcm, 1_000), -80);
});

Deno.test("Tone refuses what the line cannot carry", () => {
  for (const hz of [0, -400, 4_000, NaN]) {
    assertThrows(() => new Tone([{ hz, dbfs: -20 }]), RangeError, `${hz} Hz`);
  }
});

Deno.test("ComfortTone is the same however it is cut", () => {
  const whole = new ComfortTone().next(9_000);
  fc.assert(fc.property(fc.array(fc.nat(900), { maxLength: 10 }), (lengths) => {
    const tone = new ComfortTone();
    const pieces = lengths.flatMap((length) => [...tone.next(length)]);
    assertEquals(pieces, [...whole.subarray(0, pieces.length)]);
  }));
});

Deno.test("ComfortTone fades in, is about -30 dBFS then, and never ceases", () => {
  const pcm = throughMulaw(new ComfortTone().next(60 * LINE_HZ));
  const levels = [...framesOf(pcm)].map(levelDbfs);
  assertLess(levels[0] ?? 0, -50);
  for (const [n, level] of levels.entries()) {
    if (n >= 15) assert(level > -36 && level < -26, `${level} dBFS in frame ${n}`);
  }
  assertAlmostEquals(levelDbfs(pcm.subarray(LINE_HZ)), -30, 1);
});

Deno.test("ComfortTone has next to nothing where the network's tones and the keys are", () => {
  const pcm = new ComfortTone().next(10 * LINE_HZ).subarray(LINE_HZ);
  for (const hz of TAKEN_HZ) {
    // A receiver of such a tone takes what is within two per cent of it.
    for (const off of [0.98, 1, 1.02]) assertLess(powerAt(pcm, hz * off), -55, `${hz} Hz`);
  }
});

Deno.test("ComfortTone is no silence to mu-law after its first frame", () => {
  const pcm = new ComfortTone().next(50 * LINE_FRAME_SAMPLES);
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  for (let n = 1; n < 50; n++) {
    const frame = mulaw.subarray(n * LINE_FRAME_SAMPLES, (n + 1) * LINE_FRAME_SAMPLES);
    assert(frame.some((byte) => byte !== 0xff && byte !== 0x7f), `frame ${n} is silent`);
  }
});
