import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { FRAME_MS } from "../../audio/rates.ts";
import type { FakeLine } from "../support/fake_line.ts";
import { test } from "../support/flights.ts";
import { finish, LONG_MS, SPOKEN, startHeldCall, stretchesHeard } from "../support/held_call.ts";

/** From the onset of a sound to the decision. */
const DECIDE_MS = 600;

/** The detector takes the softest echo for speech. */
const SPEECH_LEVEL = 4;
const ECHOES = [[100, -20], [20, -20], [300, -20], [200, -30], [60, -40]] as const;

for (const [delayMs, gainDb] of ECHOES) {
  test(`the agent's own echo, ${delayMs} ms late at ${gainDb} dB, opens no turn`, async () => {
    const sounds = (line: FakeLine) => {
      line.echo = { delayMs, gainDb };
    };
    const call = await startHeldCall({ sounds, speechLevel: SPEECH_LEVEL });
    await finish(call);
    assertEquals(call.model.turns, []);
    assertEquals(call.model.texts.length, 1);
    const stretches = stretchesHeard(call);
    assertEquals(stretches.at(-1)?.toMs, LONG_MS, "the answer was not heard to its end");
    assertLessOrEqual(stretches.length, 3, "the agent stammers");

    const unjudged = await startHeldCall({ sounds, speechLevel: SPEECH_LEVEL, mode: "immediate" });
    await finish(unjudged);
    assertGreater(unjudged.model.turns.length, 0, "the echo was too soft to be taken for speech");
  });
}

test("a caller who speaks into the agent's echo is heard", async () => {
  const { mulaw, onsetMs } = SPOKEN.wait;
  const call = await startHeldCall({
    speechLevel: SPEECH_LEVEL,
    sounds: (line) => {
      line.echo = { delayMs: 100, gainDb: -20 };
      line.pause(4_000);
      line.say(mulaw);
    },
  });
  await finish(call);
  assertEquals(call.model.turns.length, 1);
  assertLessOrEqual(
    (call.model.turns[0]?.openedAtMs ?? Infinity) - 4_000 - onsetMs,
    DECIDE_MS + FRAME_MS,
  );
});
