import { assertGreaterOrEqual, assertLess } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { StallWatch } from "../support/stalls.ts";

/** The longest stall that was seen in a while. */
async function stallMs(happens: () => Promise<void> | void): Promise<number> {
  using watch = new StallWatch();
  await nextTick();
  const fromMs = systemClock.nowMs();
  await happens();
  const toMs = systemClock.nowMs();
  await nextTick();
  return watch.longestStallMs({ fromMs, toMs });
}

function nextTick(afterMs = 5): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, afterMs));
}

/** The process stands still, as when the machine gives the processor to another: it waits without computing. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function compute(ms: number): void {
  const endMs = systemClock.nowMs() + ms;
  while (systemClock.nowMs() < endMs);
}

Deno.test("StallWatch sees for how long the process stands still", async () => {
  assertGreaterOrEqual(await stallMs(() => standStill(60)), 50);
});

Deno.test("StallWatch takes neither what is computed nor what is waited for as a stall", async () => {
  for (const happens of [() => compute(200), () => nextTick(200)]) {
    assertLess(await stallMs(happens), 150);
  }
});
