import { assertEquals } from "@std/assert";
import { LagWindow, LoopLag } from "../../lib/admission/loop_lag.ts";
import type { Clock } from "../../lib/clock.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("LagWindow tells a hitch from load", () => {
  const window = new LagWindow();
  assertEquals([window.largestMs, window.sustainedMs], [0, 0]);
  for (const lagMs of [2, 500, 1]) window.push(lagMs);
  assertEquals([window.largestMs, window.sustainedMs], [500, 2]);
  window.push(150);
  assertEquals(window.sustainedMs, 150);
  for (let look = 0; look < 20; look++) window.push(-1);
  assertEquals([window.largestMs, window.sustainedMs], [0, 0]);
});

/** A clock whose timers fire late. */
function lateClock(clock: FakeClock, lateMs: () => number): Clock {
  return {
    nowMs: () => clock.nowMs(),
    epochMs: () => clock.epochMs(),
    at: (atMs, fire) => clock.at(atMs + lateMs(), fire),
  };
}

Deno.test("LoopLag sees that this process is late, raises one alarm, and sees that it is over [P03]", async () => {
  const clock = new FakeClock();
  let lateMs = 0;
  const alarms: number[] = [];
  const lag = new LoopLag(lateClock(clock, () => lateMs), {
    aboveMs: 100,
    raise: (ms) => alarms.push(ms),
  });
  await clock.advance(5_000);
  assertEquals([lag.sustainedMs, alarms], [0, []]);
  lateMs = 500;
  await clock.advance(2_000);
  assertEquals([lag.sustainedMs, alarms], [500, [500]]);
  lateMs = 0;
  await clock.advance(3_000);
  assertEquals([lag.sustainedMs, alarms], [0, [500]]);
  clock.jumpWallClock(3_600_000);
  await clock.advance(1_000);
  assertEquals([lag.sustainedMs, alarms], [0, [500]]);
  lag.close();
  assertEquals(clock.pendingTimers, 0);
});
