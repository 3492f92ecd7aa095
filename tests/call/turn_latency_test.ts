import { assertEquals } from "@std/assert";
import { TurnLatencies } from "../../lib/call/turn_latency.ts";

Deno.test("TurnLatencies gives each turn what was billed from it until the next, and none what came before", () => {
  const turns = new TurnLatencies();
  const ended = { speechEndedMs: 1, decidedMs: 2, activityEndSentMs: 2 };
  turns.cost(0.5);
  turns.turnEnded(ended);
  turns.cost(0.1);
  turns.cost(0.2);
  turns.turnEnded(ended);
  turns.turnEnded(ended);
  turns.cost(0.000_000_4);
  turns.cost(0.3);
  assertEquals(turns.turns().map(({ costUsd }) => costUsd), [0.3, undefined, 0.3]);
});
