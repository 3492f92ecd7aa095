import { assert, assertEquals } from "@std/assert";
import { BeepDetector } from "../../audio/beep_detector.ts";
import { dtmf } from "../../audio/dtmf.ts";
import { fileToPcm } from "../../audio/file_to_pcm.ts";
import { decodeMulaw, encodeMulaw } from "../../audio/mulaw.ts";

/** Frames at which a beep was found, in ms from the beginning. */
function beepsIn(pcm: Int16Array): number[] {
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  const line = new Int16Array(pcm.length);
  decodeMulaw(mulaw, line);
  const detector = new BeepDetector();
  const found: number[] = [];
  for (let at = 0; at + 160 <= line.length; at += 160) {
    if (detector.hear(line.subarray(at, at + 160))) found.push((at + 160) / 8);
  }
  return found;
}

function tones(ms: number, hz: readonly number[], amplitude = 6_000): Int16Array {
  return Int16Array.from(
    { length: ms * 8 },
    (_, n) => hz.reduce((sum, f) => sum + amplitude * Math.sin(2 * Math.PI * f * n / 8_000), 0),
  );
}

function join(...parts: readonly Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

const quiet = (ms: number) => new Int16Array(ms * 8);

/** mulberry32 */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SPEECH = new URL("../../emulators/speech/", import.meta.url);

/** A bundled recording at 8 kHz. */
async function recording(name: string): Promise<Int16Array> {
  return fileToPcm(await Deno.readFile(new URL(name, SPEECH)), 8_000);
}

async function recordings(): Promise<Int16Array[]> {
  const names = (await Array.fromAsync(Deno.readDir(SPEECH))).map(({ name }) => name).sort();
  return await Promise.all(names.map(recording));
}

Deno.test("BeepDetector finds a beep within 60 ms of its end", () => {
  for (
    const [hz, ms] of [[400, 200], [440, 1_000], [1_000, 400], [1_400, 600], [
      2_000,
      1_900,
    ]] as const
  ) {
    const found = beepsIn(join(quiet(500), tones(ms, [hz]), quiet(500)));
    assertEquals(found.length, 1, `${hz} Hz, ${ms} ms`);
    const late = (found[0] ?? 0) - 500 - ms;
    assert(late >= 0 && late <= 60, `${late} ms`);
  }
});

Deno.test("BeepDetector finds a beep of every frequency, also of half a period more than whole ones, on a line that is not at zero", () => {
  for (let hz = 405; hz < 2_000; hz += 10) {
    for (const offset of [0, 300]) {
      const line = join(quiet(213), tones(400, [hz], 3_000), quiet(300))
        .map((sample) => sample + offset);
      assertEquals(beepsIn(line).length, 1, `${hz} Hz, ${offset}`);
    }
  }
});

Deno.test("BeepDetector passes over what is too short, too long, too low, too high, too quiet or no single tone", () => {
  const others: Readonly<Record<string, Int16Array>> = {
    short: tones(160, [1_000]),
    long: tones(2_200, [1_000]),
    low: tones(500, [350]),
    high: tones(500, [2_100]),
    faint: tones(500, [1_000], 200),
    "ring-back": tones(1_000, [440, 480]),
    busy: tones(500, [480, 620]),
    "dial tone": tones(1_000, [350, 440]),
    chord: tones(600, [523, 659, 784]),
    keys: dtmf("1234567890"),
    noise: Int16Array.from(quiet(2_000), ((next) => () => 8_000 * (next() - 0.5))(random(1))),
    "rising tone": Int16Array.from(
      { length: 8_000 },
      (_, n) => 6_000 * Math.sin(2 * Math.PI * (500 + n / 16) * n / 8_000),
    ),
  };
  for (const [name, pcm] of Object.entries(others)) {
    assertEquals(beepsIn(join(quiet(300), pcm, quiet(500))), [], name);
  }
});

Deno.test("BeepDetector finds at least 95 of 100 made-up voicemail greetings' beeps, and no others", async () => {
  const speech = await recordings();
  const next = random(7);
  let right = 0;
  for (let n = 0; n < 100; n++) {
    const greeting = speech[Math.floor(next() * speech.length)] ?? quiet(0);
    const beepMs = Math.round(200 + next() * 1_200);
    const hz = 400 + next() * 1_600;
    const before = join(greeting, quiet(Math.round(100 + next() * 1_500)));
    const pcm = join(before, tones(beepMs, [hz], 1_000 + next() * 9_000), quiet(400));
    const hum = next() * 60;
    const line = pcm.map((sample) => sample + Math.round(hum * (next() - 0.5)));
    const endMs = (before.length / 8) + beepMs;
    const [found, ...more] = beepsIn(line);
    if (found !== undefined && more.length === 0 && Math.abs(found - endMs) <= 80) right++;
  }
  assert(right >= 95, `${right} of 100`);
});

Deno.test("BeepDetector hears no beep in the bundled recordings", async () => {
  for (const pcm of await recordings()) assertEquals(beepsIn(pcm), []);
});
