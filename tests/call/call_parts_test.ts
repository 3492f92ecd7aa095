import { assertEquals, assertThrows } from "@std/assert";
import { Preroll } from "../../audio/preroll.ts";
import { Faults } from "../../lib/call/faults.ts";
import { Inbox } from "../../lib/call/inbox.ts";
import { callTimes } from "../../lib/call/limits.ts";
import { Timers } from "../../lib/call/timers.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

Deno.test("Inbox gives facts in the order in which they were posted, also to a reader who waits", async () => {
  const inbox = new Inbox<number>();
  const read: number[] = [];
  const reading = (async () => {
    for (let n = 0; n < 4; n++) read.push(await inbox.next());
  })();
  inbox.post(1);
  await settle();
  inbox.post(2);
  inbox.post(3);
  inbox.post(4);
  await reading;
  assertEquals(read, [1, 2, 3, 4]);
});

Deno.test("Inbox takes nothing after it was closed", async () => {
  const inbox = new Inbox<number>();
  inbox.post(1);
  inbox.close();
  inbox.post(2);
  let isAnswered = false;
  inbox.next().then(() => isAnswered = true);
  await settle();
  assertEquals(isAnswered, false);
});

Deno.test("Timers fire once by name, move when set again and end with the call", async () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  const timers = new Timers(clock, (name) => fired.push(`${name} ${clock.nowMs()}`));
  timers.set("playout", 100);
  timers.set("playout", 150);
  timers.set("playout", 150);
  timers.set("hang-up", 120);
  timers.set("wrap-up", 130);
  timers.set("wrap-up", undefined);
  await clock.advance(200);
  assertEquals(fired, ["hang-up 120", "playout 150"]);
  timers.set("playout", 250);
  timers.cancelAll();
  await clock.advance(100);
  assertEquals(fired.length, 2);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("callTimes() takes the shortest limit and leaves time for a goodbye", () => {
  assertEquals(callTimes(1_000, [1_800, 60]), { wrapUpAtMs: 46_000, endAtMs: 61_000 });
  assertEquals(callTimes(0, [10, 60]), { wrapUpAtMs: undefined, endAtMs: 10_000 });
});

Deno.test("Faults counts by name and adds the counts of others", () => {
  const faults = new Faults();
  faults.count("a");
  faults.count("a");
  assertEquals(faults.with(new Map([["a", 3], ["b", 1]])), { a: 5, b: 1 });
});

Deno.test("Preroll gives the frames from a time on, once, and never more than it keeps", () => {
  const preroll = new Preroll({ frames: 3, frameSamples: 1 });
  for (let n = 0; n < 5; n++) preroll.push(Int16Array.of(n), n * 20);
  assertEquals(preroll.takeFrom(60), [Int16Array.of(3), Int16Array.of(4)]);
  assertEquals(preroll.takeFrom(0), []);
  preroll.push(Int16Array.of(5), 100);
  assertEquals(preroll.takeFrom(0), [Int16Array.of(5)]);
  assertThrows(() => preroll.push(Int16Array.of(6, 7), 120), RangeError, "expected 1");
  assertThrows(() => new Preroll({ frames: 0, frameSamples: 1 }), RangeError, "whole number");
});
