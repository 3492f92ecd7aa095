import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { DEFAULT_ENDPOINT_SETTINGS } from "../../lib/turns/endpoint_settings.ts";
import { Endpointer, type SpeechEvent } from "../../lib/turns/endpointing.ts";

const HANGOVER_MS = DEFAULT_ENDPOINT_SETTINGS.hangoverMs;
const SPEECH_DBFS = -25;
const QUIET_DBFS = -62;

/** A stretch of a line: how probable speech is, how loud it is, and for how long. */
interface Stretch {
  readonly p: number;
  readonly dbfs: number;
  readonly ms: number;
}

const speech = (ms: number, p = 0.95): Stretch => ({ p, dbfs: SPEECH_DBFS, ms });
const quiet = (ms: number, p = 0.02): Stretch => ({ p, dbfs: QUIET_DBFS, ms });

/** Hears stretches and gives what was believed when. */
function hear(
  stretches: readonly Stretch[],
  endpointer = new Endpointer(DEFAULT_ENDPOINT_SETTINGS),
): (SpeechEvent & { atMs: number })[] {
  const events: (SpeechEvent & { atMs: number })[] = [];
  let endMs = 0;
  for (const { p, dbfs, ms } of stretches) {
    for (let passed = 0; passed < ms; passed += 20) {
      endMs += 20;
      const bandsDb = new Float64Array(10).fill(dbfs - 10);
      const event = endpointer.hear({ endMs, speechProbability: p, levelDbfs: dbfs, bandsDb });
      if (event) events.push({ ...event, atMs: endMs });
    }
  }
  return events;
}

Deno.test("Endpointer believes in speech after 60 ms of it and dates it back", () => {
  assertEquals(hear([quiet(1_000), speech(200)]), [
    { type: "speech-started", onsetMs: 1_000, atMs: 1_060 },
  ]);
});

Deno.test("Endpointer does not believe in what is too short, or fades behind a short sound", () => {
  assertEquals(hear([quiet(1_000), speech(40), quiet(500)]), []);
  // The detector goes on believing for a while; the sound is over.
  assertEquals(hear([quiet(1_000), speech(40), quiet(200, 0.8), quiet(500)]), []);
});

Deno.test("Endpointer ends speech one hangover after its last frame, whatever tail the detector has", () => {
  const tails: Stretch[][] = [[], [quiet(60, 0.6), quiet(60, 0.3)], [quiet(160, 0.25)]];
  for (const tail of tails) {
    const [, ended] = hear([quiet(4_000), speech(2_000), ...tail, quiet(3_000)]);
    assertEquals(ended?.type, "speech-ended");
    assertAlmostEquals(ended?.atMs ?? 0, 6_000 + HANGOVER_MS, 140);
  }
});

Deno.test("Endpointer holds speech through a pause that is shorter than the hangover", () => {
  const events = hear([quiet(4_000), speech(1_000), quiet(540), speech(1_000), quiet(540)]);
  assertEquals(events.map(({ type }) => type), ["speech-started"]);
});

Deno.test("Endpointer waits at the hangover for a sound that may be speech that goes on", () => {
  const events = hear([
    quiet(4_000),
    speech(1_000),
    quiet(560),
    { p: 0.35, dbfs: -40, ms: 80 },
    speech(500),
  ]);
  assertEquals(events.map(({ type }) => type), ["speech-started"]);
});

Deno.test("Endpointer does not wait for such a sound for ever", () => {
  const [, ended] = hear([quiet(4_000), speech(1_000), quiet(560), quiet(2_000, 0.35)]);
  assert(ended && ended.atMs <= 5_000 + HANGOVER_MS + 300, `${ended?.atMs} ms`);
});

Deno.test("Endpointer knows the end of speech by its sound where the detector fades slowly", () => {
  const fade = [0.9, 0.7, 0.6, 0.6, 0.6, 0.5, 0.5, 0.4];
  const [, soundless] = hear([
    quiet(4_000),
    speech(2_000),
    ...fade.map((p) => quiet(20, p)),
    quiet(2_000),
  ]);
  const sounding = fade.map((p) => ({ p, dbfs: SPEECH_DBFS - 20, ms: 20 }));
  const [, heard] = hear([quiet(4_000), speech(2_000), ...sounding, quiet(2_000)]);
  const fadeMs = 20 * fade.length;
  assertAlmostEquals(soundless?.atMs ?? 0, 6_000 + HANGOVER_MS + fadeMs / 2, 60);
  assertAlmostEquals(heard?.atMs ?? 0, 6_000 + HANGOVER_MS + fadeMs, 60);
});

Deno.test("Endpointer waits for a loud sound at the hangover although it has waited for a soft one", () => {
  const soft = { p: 0.02, dbfs: QUIET_DBFS + 4, ms: 80 };
  const loud = { p: 0.02, dbfs: SPEECH_DBFS, ms: 60 };
  const before = [quiet(4_000), speech(1_000), quiet(HANGOVER_MS - 20), soft];
  const [, ended] = hear([...before, quiet(1_000)]);
  const events = hear([...before, loud, speech(500)]);
  assertEquals(events.map(({ type }) => type), ["speech-started"]);
  assert(ended && ended.atMs > 5_000 + HANGOVER_MS + 40, `${ended?.atMs} ms: it was waited for`);
});

Deno.test("Endpointer ends speech by the level where the background sounds like speech", () => {
  const crowd = (ms: number): Stretch => ({ p: 0.6, dbfs: -48, ms });
  const [started, ended] = hear([crowd(15_000), speech(2_000), crowd(3_000)]);
  assertEquals(started?.type, "speech-started");
  assertEquals(ended?.type, "speech-ended");
  assert((ended?.atMs ?? Infinity) <= 17_000 + 1_100, `${ended?.atMs} ms`);
});

Deno.test("Endpointer does not open a turn for a crowd alone", () => {
  assertEquals(hear([{ p: 0.3, dbfs: -45, ms: 14_000 }, { p: 0.7, dbfs: -44, ms: 2_000 }]), []);
});

Deno.test("Endpointer keeps a monologue of five minutes one turn, and ends it", () => {
  const talk = Array.from({ length: 100 }, () => [speech(2_600), quiet(400)]).flat();
  const events = hear([quiet(4_000), ...talk, quiet(2_000)]);
  assertEquals(events.map(({ type }) => type), ["speech-started", "speech-ended"]);
  assertAlmostEquals(events[1]?.atMs ?? 0, 4_000 + 300_000 - 400 + HANGOVER_MS, 120);
});

Deno.test("Endpointer hears a whisper at -40 dBFS and a shout at full scale alike", () => {
  for (const dbfs of [-40, -3]) {
    const events = hear([quiet(4_000), { p: 0.8, dbfs, ms: 1_500 }, quiet(2_000)]);
    assertEquals(events.map(({ type }) => type), ["speech-started", "speech-ended"], `${dbfs}`);
  }
});

Deno.test("Endpointer follows a noise floor that rises, and still ends speech", () => {
  const rising = Array.from({ length: 30 }, (_, n) => ({ p: 0.03, dbfs: -62 + n, ms: 1_000 }));
  const noise = { p: 0.03, dbfs: -33, ms: 3_000 };
  const events = hear([...rising, { p: 0.9, dbfs: -18, ms: 1_500 }, noise]);
  assertEquals(events.map(({ type }) => type), ["speech-started", "speech-ended"]);
  assertAlmostEquals(events[1]?.atMs ?? 0, 31_500 + HANGOVER_MS, 200);
});

Deno.test("Endpointer ends what it was told to believe in", () => {
  const endpointer = new Endpointer(DEFAULT_ENDPOINT_SETTINGS);
  hear([quiet(4_000)], endpointer);
  endpointer.believe();
  assert(endpointer.isSpeech);
  const events = hear([speech(500), quiet(2_000)], endpointer);
  assertEquals(events.map(({ type }) => type), ["speech-ended"]);
});

Deno.test("Endpointer forgets who spoke, and hears the next", () => {
  const endpointer = new Endpointer(DEFAULT_ENDPOINT_SETTINGS);
  hear([quiet(1_000), speech(500)], endpointer);
  endpointer.forget();
  assert(!endpointer.isSpeech);
  assertEquals(hear([speech(100)], endpointer).map(({ type }) => type), ["speech-started"]);
});
