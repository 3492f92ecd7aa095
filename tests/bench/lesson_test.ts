import { assertEquals } from "@std/assert";
import { lessonOf } from "../../bench/pause_clock/lesson.ts";
import type { TurnCall } from "../../bench/turn_ends/calls.ts";
import { CUES } from "../../lib/turns/pause_clock.ts";

/** Silence, or what is said to be speech, frame by frame. */
function callOf(speech: readonly number[], snrDb?: number): TurnCall {
  const mulaw = new Uint8Array(160 * speech.length).fill(0xff);
  return { noise: "silence", snrDb, turns: [], mulaw, speech: Uint8Array.from(speech) };
}

const detector = { score: () => Promise.resolve(0.5) };
const run = (value: number, frames: number) => Array.from({ length: frames }, () => value);

Deno.test("a lesson says of each frame how long ago the caller spoke", async () => {
  const { since, cues } = await lessonOf(
    callOf([...run(0, 3), ...run(1, 5), ...run(0, 60)]),
    detector,
  );
  assertEquals([...since.subarray(0, 3)], [40, 40, 40], "before anything was said");
  assertEquals([...since.subarray(3, 12)], [0, 0, 0, 0, 0, 1, 2, 3, 4]);
  assertEquals(since.at(-1), 40);
  assertEquals(cues.length, 68 * CUES);
});

Deno.test("a lesson weighs most where a turn is decided about, and where a caller goes on after a pause", async () => {
  const call = callOf([...run(1, 10), ...run(0, 20), ...run(1, 15), ...run(0, 200)]);
  const { weights } = await lessonOf(call, detector);
  assertEquals([...weights.subarray(28, 32)], [1, 1, 5, 5]);
  assertEquals([...weights.subarray(38, 42)], [5, 5, 1, 1]);
  assertEquals([...weights.subarray(66, 70)], [1, 1, 3, 3]);
  assertEquals(weights.at(-1), 0.3);
});

Deno.test("a lesson in loud noise is taken more rarely", async () => {
  assertEquals((await lessonOf(callOf(run(0, 10), 20), detector)).share, 1);
  assertEquals((await lessonOf(callOf(run(0, 10), 5), detector)).share, 0.6);
});
