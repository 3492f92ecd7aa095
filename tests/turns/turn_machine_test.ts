import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  NOBODYS_TURN,
  step,
  type TurnEvent,
  type TurnOrder,
  type TurnState,
} from "../../lib/turns/turn_machine.ts";
import { DEFAULT_TURN_SETTINGS } from "../../lib/turns/turn_settings.ts";

const SETTINGS = { ...DEFAULT_TURN_SETTINGS, activityGapMs: 100, longestActivityMs: 10_000 };

function play(events: readonly TurnEvent[]): { state: TurnState; orders: TurnOrder[] } {
  let state = NOBODYS_TURN;
  const orders: TurnOrder[] = [];
  for (const event of events) {
    const [next, more] = step(state, event, SETTINGS);
    state = next;
    orders.push(...more);
  }
  return { state, orders };
}

const started = (streamMs: number): TurnEvent => ({
  type: "speech-started",
  streamMs,
  onsetMs: streamMs - 60,
});
const ended = (streamMs: number): TurnEvent => ({ type: "speech-ended", streamMs });
const heard = (streamMs: number): TurnEvent => ({ type: "frame-heard", streamMs });

Deno.test("step() opens and closes an activity around what the caller says", () => {
  assertEquals(play([started(1_000), ended(2_000)]).orders, [
    { type: "open-activity", fromMs: 940 },
    { type: "close-activity" },
  ]);
});

Deno.test("step() clears the playout before it opens the caller's turn on barge-in", () => {
  const { orders } = play([{ type: "playout-started", streamMs: 500 }, started(1_000)]);
  assertEquals(orders, [{ type: "clear-playout" }, { type: "open-activity", fromMs: 940 }]);
});

Deno.test("step() clears the playout at once even when the activity must wait for its gap", () => {
  const { state, orders } = play([
    started(1_000),
    ended(2_000),
    { type: "playout-started", streamMs: 2_010 },
    started(2_060),
  ]);
  assertEquals(orders.slice(2), [{ type: "clear-playout" }]);
  assertEquals(state, { phase: "listening", closedMs: 2_000, waitingFromMs: 2_000 });
});

Deno.test("step() opens an activity that waited once the gap has passed", () => {
  const { orders } = play([
    started(1_000),
    ended(2_000),
    started(2_060),
    heard(2_080),
    heard(2_100),
  ]);
  assertEquals(orders.slice(2), [{ type: "open-activity", fromMs: 2_000 }]);
});

Deno.test("step() still sends a waiting activity whose speech ends within the gap", () => {
  const { orders } = play([started(1_000), ended(2_000), started(2_060), ended(2_080)]);
  assertEquals(orders.slice(2).map((order) => order.type), ["open-activity", "close-activity"]);
});

Deno.test("step() does not give the agent the floor while the caller waits for the gap", () => {
  const { state } = play([
    started(1_000),
    ended(2_000),
    started(2_060),
    { type: "playout-started", streamMs: 2_070 },
  ]);
  assertEquals(state.phase, "listening");
});

Deno.test("step() closes the turn when frames stop", () => {
  const { orders } = play([started(1_000), { type: "frames-stopped", streamMs: 1_500 }]);
  assertEquals(orders.at(-1), { type: "close-activity" });
});

Deno.test("step() closes an activity at its longest and opens another after the gap", () => {
  const { orders } = play([started(0), heard(10_000), heard(10_060), heard(10_100)]);
  assertEquals(orders.map((order) => order.type), [
    "open-activity",
    "close-activity",
    "open-activity",
  ]);
});

Deno.test("step() gives the floor back when the playout has finished", () => {
  const { state } = play([
    { type: "playout-started", streamMs: 0 },
    { type: "playout-finished", streamMs: 900 },
  ]);
  assertEquals(state.phase, "listening");
});

Deno.test("step() changes nothing on events out of place", () => {
  for (
    const event of [
      ended(100),
      heard(100),
      { type: "frames-stopped", streamMs: 100 },
      { type: "playout-finished", streamMs: 100 },
    ] as const
  ) {
    assertEquals(step(NOBODYS_TURN, event, SETTINGS), [NOBODYS_TURN, []]);
  }
  const callerTurn: TurnState = { phase: "caller-turn", openedMs: 0 };
  for (
    const event of [
      started(100),
      { type: "playout-started", streamMs: 100 },
      { type: "playout-finished", streamMs: 100 },
    ] as const
  ) {
    assertEquals(step(callerTurn, event, SETTINGS), [callerTurn, []]);
  }
  const agentTurn: TurnState = { phase: "agent-turn", closedMs: 0 };
  for (
    const event of [
      ended(100),
      heard(100),
      { type: "frames-stopped", streamMs: 100 },
      { type: "playout-started", streamMs: 100 },
    ] as const
  ) {
    assertEquals(step(agentTurn, event, SETTINGS), [agentTurn, []]);
  }
});

Deno.test("step() never opens two activities, and never leaves one open, in any order of events [C02]", () => {
  const kinds: TurnEvent["type"][] = [
    "speech-started",
    "speech-ended",
    "frames-stopped",
    "frame-heard",
    "playout-started",
    "playout-finished",
  ];
  const events = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.integer({ min: 0, max: 400 })), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(events, (steps) => {
      let state = NOBODYS_TURN;
      let streamMs = 0;
      let isOpen = false;
      for (const [type, ms] of [...steps, ["speech-ended", 0] as const]) {
        streamMs += ms;
        const event = type === "speech-started"
          ? started(streamMs)
          : { type, streamMs } satisfies TurnEvent;
        const [next, orders] = step(state, event, SETTINGS);
        for (const order of orders) {
          if (order.type === "open-activity") {
            assert(!isOpen, "opened twice");
            isOpen = true;
          } else if (order.type === "close-activity") {
            assert(isOpen, "closed twice");
            isOpen = false;
          }
        }
        assertEquals(next.phase === "caller-turn", isOpen);
        state = next;
      }
      assert(!isOpen, "left open");
    }),
    { numRuns: 2_000 },
  );
});
