import { assertEquals } from "@std/assert";
import {
  hearFrame,
  QUIET,
  type SpeechEvent,
  type SpeechState,
} from "../../lib/turns/endpointing.ts";
import { DEFAULT_TURN_SETTINGS } from "../../lib/turns/turn_settings.ts";

const SETTINGS = { ...DEFAULT_TURN_SETTINGS, onsetMs: 60, hangoverMs: 500 };

/** Hears runs of frames, each `[probability, frames]`, and gives what was believed when. */
function hear(runs: readonly [number, number][]): (SpeechEvent & { atMs: number })[] {
  const events: (SpeechEvent & { atMs: number })[] = [];
  let state: SpeechState = QUIET;
  let endMs = 0;
  for (const [speechProbability, frames] of runs) {
    for (let n = 0; n < frames; n++) {
      endMs += 20;
      const [next, event] = hearFrame(state, { endMs, lengthMs: 20, speechProbability }, SETTINGS);
      state = next;
      if (event) events.push({ ...event, atMs: endMs });
    }
  }
  return events;
}

Deno.test("hearFrame() believes in speech after the onset time and dates it back", () => {
  assertEquals(hear([[0, 10], [0.9, 5]]), [
    { type: "speech-started", onsetMs: 200, atMs: 260 },
  ]);
});

Deno.test("hearFrame() begins the onset anew when a frame falls below the threshold", () => {
  assertEquals(hear([[0.9, 2], [0.4, 1], [0.9, 2], [0.4, 1]]), []);
});

Deno.test("hearFrame() ends speech after the hangover and dates it back", () => {
  assertEquals(hear([[0.9, 10], [0.1, 30]]), [
    { type: "speech-started", onsetMs: 0, atMs: 60 },
    { type: "speech-ended", lastSpeechMs: 200, atMs: 700 },
  ]);
});

Deno.test("hearFrame() holds speech through frames between the two thresholds", () => {
  assertEquals(hear([[0.9, 5], [0.4, 100], [0.1, 24]]).map((event) => event.type), [
    "speech-started",
  ]);
});

Deno.test("hearFrame() holds speech through a pause shorter than the hangover", () => {
  assertEquals(hear([[0.9, 5], [0, 24], [0.9, 5], [0, 24]]).map((event) => event.type), [
    "speech-started",
  ]);
});
