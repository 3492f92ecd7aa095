import { assertEquals } from "@std/assert";
import type { Fault } from "../../emulators/model_script.ts";
import { SessionSide } from "./session_side.ts";

Deno.test("a session whose pongs come 30 s late goes on by the same connection [G13]", async () => {
  const faults: Fault[] = [{ type: "late-pongs", ms: 30_000, when: { at: "ready" } }];
  await using side = await SessionSide.open({ faults }, 10);
  await side.stood("connected");
  const before = side.events.length;
  await side.passes(45_000);
  side.model.openActivity();
  await side.speak(0, 20);
  side.model.closeActivity();
  await side.came("model-turn-completed");
  const changes = side.events.slice(before).filter(({ type }) => type === "model-state-changed");
  assertEquals(changes, [], "it closes nothing by itself");
  assertEquals(side.violations, []);
});
