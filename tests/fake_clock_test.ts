import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { sleep } from "../lib/clock.ts";
import { FakeClock, settle } from "./support/fake_clock.ts";

Deno.test("FakeClock stands still until it is moved", async () => {
  const clock = new FakeClock(1_000);
  await settle();
  assertEquals([clock.nowMs(), clock.epochMs()], [0, 1_000]);
  await clock.advance(250.5);
  assertEquals([clock.nowMs(), clock.epochMs()], [250.5, 1_250.5]);
});

Deno.test("FakeClock.advance() fires what falls due, in order, each at its own time", async () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  for (const [name, atMs] of [["c", 30], ["a", 10], ["d", 31], ["b", 10]] as const) {
    clock.at(atMs, () => fired.push(`${name} at ${clock.nowMs()}`));
  }
  await clock.advance(30);
  assertEquals(fired, ["a at 10", "b at 10", "c at 30"]);
  assertEquals(clock.pendingTimers, 1);
  await clock.advance(1);
  assertEquals(fired.at(-1), "d at 31");
});

Deno.test("FakeClock.at() fires on the next move when the time has passed", async () => {
  const clock = new FakeClock();
  await clock.advance(100);
  const fired: number[] = [];
  clock.at(50, () => fired.push(clock.nowMs()));
  assertEquals(fired, []);
  await clock.advance(0);
  assertEquals(fired, [100]);
});

Deno.test("FakeClock.advance() fires timers that are set while it moves", async () => {
  const clock = new FakeClock();
  const fired: number[] = [];
  const tick = (): void => {
    fired.push(clock.nowMs());
    clock.at(clock.nowMs() + 20, tick);
  };
  clock.at(20, tick);
  await clock.advance(100);
  assertEquals(fired, [20, 40, 60, 80, 100]);
});

Deno.test("FakeClock.at() gives a timer that does not fire once it is cancelled", async () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  const timers = ["a", "b"].map((name) => clock.at(10, () => fired.push(name)));
  timers[0]?.cancel();
  assertEquals(clock.pendingTimers, 1);
  await clock.advance(10);
  timers[1]?.cancel();
  assertEquals([fired, clock.pendingTimers], [["b"], 0]);
});

Deno.test("FakeClock.advance() lets promises settle before the next timer", async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const run = async (): Promise<void> => {
    await sleep(clock, 10);
    seen.push(`slept at ${clock.nowMs()}`);
    await sleep(clock, 10);
    seen.push(`slept again at ${clock.nowMs()}`);
  };
  const running = run();
  clock.at(20, () => seen.push("timer"));
  await clock.advance(20);
  await running;
  assertEquals(seen, ["slept at 10", "timer", "slept again at 20"]);
});

Deno.test("FakeClock.jumpWallClock() moves the wall clock and no timer", async () => {
  const clock = new FakeClock(1_000);
  const fired: number[] = [];
  clock.at(10, () => fired.push(clock.epochMs()));
  clock.jumpWallClock(-3_600_000);
  await settle();
  assertEquals([clock.nowMs(), clock.epochMs(), fired.length], [0, 1_000 - 3_600_000, 0]);
  await clock.advance(10);
  assertEquals(fired, [1_010 - 3_600_000]);
});

Deno.test("FakeClock.advance() fires the same timers at the same times however it is cut", async () => {
  const times = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 20 });
  const steps = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(times, steps, async (timesMs, stepsMs) => {
      const clock = new FakeClock();
      const fired: [number, number][] = [];
      for (const [order, atMs] of timesMs.entries()) {
        clock.at(atMs, () => fired.push([clock.nowMs(), order]));
      }
      for (const ms of stepsMs) await clock.advance(ms);
      await clock.advance(200);
      const expected = timesMs.map((atMs, order): [number, number] => [atMs, order]);
      assertEquals(fired, expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
    }),
    { numRuns: 300 },
  );
});
