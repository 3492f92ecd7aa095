import { assertEquals } from "@std/assert";
import { countTimers } from "../lib/clock.ts";
import { FakeClock } from "./support/fake_clock.ts";

Deno.test("countTimers() counts what is set until it fires or is cancelled", async () => {
  const fake = new FakeClock();
  const clock = countTimers(fake);
  let fired = 0;
  clock.at(clock.nowMs() + 10, () => fired++);
  const other = clock.at(clock.nowMs() + 20, () => fired++);
  assertEquals(clock.pending, 2);
  await fake.advance(10);
  assertEquals([fired, clock.pending], [1, 1]);
  other.cancel();
  other.cancel();
  assertEquals([clock.pending, fake.pendingTimers], [0, 0]);
});
