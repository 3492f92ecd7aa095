import { assertAlmostEquals, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { test } from "../support/flights.ts";
import {
  BEGINS_AT_MS,
  finish,
  LONG_MS,
  SPOKEN,
  startHeldCall,
  stretchesHeard,
} from "../support/held_call.ts";
import { asModelHears, placeOf } from "../support/scenario.ts";

const PREROLL_MS = 300;

for (const [name, atMs] of [["wait", 3_000], ["table", 3_000], ["story", 1_000]] as const) {
  test(`mode "never": "${name}" is told, all of it, when the answer is over`, async () => {
    const { mulaw, onsetMs } = SPOKEN[name];
    const call = await startHeldCall({
      mode: "never",
      sounds: (line) => {
        line.pause(atMs);
        line.say(mulaw);
      },
    });
    await finish(call);
    const { line, model } = call;
    assertEquals(line.sent.filter(({ event }) => event === "clear"), []);
    assertEquals(stretchesHeard(call), [{ fromMs: 0, toMs: LONG_MS, atMs: BEGINS_AT_MS }]);
    assertEquals(model.turns.length, 1);
    assertGreaterOrEqual(model.turns[0]?.openedAtMs ?? 0, BEGINS_AT_MS + LONG_MS);
    const heard = model.heardIn(0);
    const fromMs = placeOf(heard, asModelHears(line.said), 320) / 16;
    assertAlmostEquals(fromMs, atMs + onsetMs - PREROLL_MS, 100);
    assertGreaterOrEqual(fromMs + heard.length / 16, atMs + mulaw.length / 8 - 100);
  });
}

test('mode "never": a caller who speaks when the answer ends has the floor, from the first word on', async () => {
  const { mulaw, onsetMs } = SPOKEN.story;
  const atMs = BEGINS_AT_MS + Math.floor(LONG_MS / 20) * 20 - 4_000;
  const call = await startHeldCall({
    mode: "never",
    sounds: (line) => {
      line.pause(atMs);
      line.say(mulaw);
    },
  });
  await finish(call);
  const { line, model } = call;
  assertEquals(stretchesHeard(call)[0]?.toMs, LONG_MS);
  const fromMs = placeOf(model.heardIn(0), asModelHears(line.said), 320) / 16;
  assertAlmostEquals(fromMs, atMs + onsetMs - PREROLL_MS, 100);
});
