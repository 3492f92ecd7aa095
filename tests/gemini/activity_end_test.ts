import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { SessionSide } from "./session_side.ts";

Deno.test("a session says when the model was told that the caller had finished, not when it should have been", async () => {
  await using side = await SessionSide.open({
    faults: [{ type: "delay-setup", ms: 1_500, when: { at: "setup" } }],
  });
  side.model.openActivity();
  await side.speak(0, 25);
  side.model.closeActivity();
  const told = await side.came("activity-end-sent");
  const connected = await side.stood("connected");
  assertGreaterOrEqual(told.atMs, connected.atMs);
  side.model.openActivity();
  await side.speak(25, 30);
  assertEquals(side.events.filter(({ type }) => type === "activity-end-sent").length, 1);
  side.model.closeActivity();
  await side.came("activity-end-sent", 1);
});
