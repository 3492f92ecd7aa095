import { assertEquals } from "@std/assert";
import {
  type DeadAirEvent,
  type DeadAirOrder,
  NOT_QUIET,
  stepDeadAir,
} from "../../lib/turns/dead_air.ts";

const SETTINGS = { askAfterMs: 8_000, asks: 2, longestHoldMs: 60_000 };

/** Plays events and gives the orders with the time of their event. */
function play(events: readonly DeadAirEvent[]): (DeadAirOrder & { atMs?: number })[] {
  const orders: (DeadAirOrder & { atMs?: number })[] = [];
  let state = NOT_QUIET;
  for (const event of events) {
    const [next, order] = stepDeadAir(state, event, SETTINGS);
    state = next;
    if (order) orders.push("nowMs" in event ? { ...order, atMs: event.nowMs } : order);
  }
  return orders;
}

/** A look at the clock every half second. */
function time(fromMs: number, toMs: number, isOnHold = false): DeadAirEvent[] {
  const events: DeadAirEvent[] = [];
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 500) {
    events.push({ type: "time-passed", nowMs, isOnHold });
  }
  return events;
}

const freed = (nowMs: number): DeadAirEvent => ({ type: "floor-freed", nowMs });
const taken = (byCaller = false): DeadAirEvent => ({ type: "floor-taken", byCaller });

Deno.test("stepDeadAir() asks, asks again, says goodbye and hangs up", () => {
  const orders = play([
    freed(3_000),
    ...time(3_000, 11_000),
    taken(),
    freed(13_000),
    ...time(13_000, 21_000),
    taken(),
    freed(23_000),
    ...time(23_000, 31_000),
    taken(),
    freed(33_000),
  ]);
  assertEquals(orders, [
    { type: "ask", ask: 0, atMs: 11_000 },
    { type: "ask", ask: 1, atMs: 21_000 },
    { type: "say-goodbye", atMs: 31_000 },
    { type: "hang-up", atMs: 33_000 },
  ]);
});

Deno.test("stepDeadAir() begins anew when the caller speaks", () => {
  const orders = play([
    freed(0),
    ...time(0, 8_000),
    taken(),
    freed(10_000),
    taken(true),
    freed(12_000),
    ...time(12_000, 20_000),
  ]);
  assertEquals(orders, [
    { type: "ask", ask: 0, atMs: 8_000 },
    { type: "ask", ask: 0, atMs: 20_000 },
  ]);
});

Deno.test("stepDeadAir() says nothing while the floor is taken", () => {
  assertEquals(play([taken(), ...time(0, 100_000), freed(100_000), ...time(100_000, 107_500)]), []);
});

Deno.test("stepDeadAir() does not ask a caller who is on hold, but does not wait for ever", () => {
  assertEquals(play([freed(0), ...time(0, 60_000, true), ...time(60_500, 67_500)]), []);
  const orders = play([freed(0), ...time(0, 80_000, true)]);
  assertEquals(orders, [{ type: "ask", ask: 0, atMs: 68_000 }]);
});

Deno.test("stepDeadAir() counts the silence before and after a hold together", () => {
  const orders = play([
    freed(0),
    ...time(0, 5_000),
    ...time(5_500, 30_000, true),
    ...time(30_500, 40_000),
  ]);
  assertEquals(orders, [{ type: "ask", ask: 0, atMs: 33_000 }]);
});

Deno.test("stepDeadAir() takes a floor that is freed twice as free since the first time", () => {
  assertEquals(play([freed(0), freed(5_000), ...time(5_000, 8_000)]), [
    { type: "ask", ask: 0, atMs: 8_000 },
  ]);
});

Deno.test("stepDeadAir() only says goodbye when there is nothing to ask", () => {
  const [, order] = stepDeadAir(
    { ...NOT_QUIET, quietSinceMs: 0 },
    { type: "time-passed", nowMs: 9_000, isOnHold: false },
    { ...SETTINGS, asks: 0 },
  );
  assertEquals(order, { type: "say-goodbye" });
});
