import { assertAlmostEquals, assertEquals } from "@std/assert";
import { test } from "../support/flights.ts";
import { callerVoice, startCall } from "../support/scenario.ts";

for (const percent of [1, 5, 20]) {
  test(`a call keeps a turn whole and as long as it was with ${percent} % of its frames lost [T05]`, async () => {
    const { clock, line, model, ended, record } = await startCall({
      model: { answers: () => undefined },
    });
    line.pause(1_000);
    const voice = callerVoice(6_000);
    const every = 100 / percent;
    let lost = 0;
    for (let n = 0; n < 300; n++) {
      if (n % every === Math.floor(every / 2)) {
        line.stall(20);
        lost++;
      } else line.say(voice.subarray(n * 160, (n + 1) * 160));
    }
    line.pause(2_000);
    line.hangUp();
    await clock.advance(10_000);
    await ended;
    assertEquals(lost, 3 * percent);
    assertEquals(model.violations, []);
    assertEquals(model.turns.length, 1, "no false end of turn");
    assertEquals(record().faults["frame-filled"], lost);
    assertAlmostEquals(model.heardIn(0).length / 16, 300 + 6_000 + 500, 60);
  });
}
