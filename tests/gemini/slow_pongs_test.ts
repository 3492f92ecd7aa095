import { assertEquals } from "@std/assert";
import type { Fault } from "../../emulators/model_script.ts";
import { SessionSide } from "./session_side.ts";

Deno.test("a session whose pongs come 30 s late goes on by the same connection [G13]", async () => {
  const faults: Fault[] = [{ type: "late-pongs", ms: 30_000, when: { at: "ready" } }];
  await using side = await SessionSide.open({ faults }, 20);
  await side.stood("connected");
  await side.passes(70_000);
  side.model.openActivity();
  await side.speak(0, 20);
  side.model.closeActivity();
  await side.came("model-turn-completed");
  assertEquals(side.service.sessions.length, 1, "it closes nothing by itself");
  assertEquals(side.violations, []);
});
