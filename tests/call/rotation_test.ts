import { assertEquals } from "@std/assert";
import { Rotation } from "../../lib/call/rotation.ts";

Deno.test("Rotation waits for a quiet moment in which all is kept, and says so once [G08] [G09]", () => {
  const rotation = new Rotation();
  rotation.take({ type: "resumption-updated", handle: "h" });
  assertEquals(rotation.isTime(true), false, "not due");
  rotation.take({ type: "model-rotation-due", deadlineMs: 10_000 });
  assertEquals(rotation.isTime(false), false, "somebody speaks");
  rotation.take({ type: "resumption-updated", handle: undefined });
  assertEquals(rotation.isTime(true), false, "an answer is in the making");
  rotation.take({ type: "resumption-updated", handle: "h2" });
  assertEquals(rotation.isTime(true), true);
  assertEquals(rotation.isTime(true), false);
});

Deno.test("Rotation forgets that it is due when the connection is lost meanwhile", () => {
  const rotation = new Rotation();
  rotation.take({ type: "model-rotation-due", deadlineMs: 10_000 });
  rotation.take({ type: "model-state-changed", state: "disconnected" });
  rotation.take({ type: "resumption-updated", handle: "h" });
  assertEquals(rotation.isTime(true), false);
});
