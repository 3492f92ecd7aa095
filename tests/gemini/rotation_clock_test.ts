import { assertEquals } from "@std/assert";
import { RotationClock } from "../../lib/gemini/rotation_clock.ts";
import { FakeClock } from "../support/fake_clock.ts";

function watched(): { clock: FakeClock; rotation: RotationClock; told: string[] } {
  const clock = new FakeClock();
  const told: string[] = [];
  const rotation = new RotationClock(clock, {
    due: (deadlineMs) => told.push(`${clock.nowMs()} due by ${deadlineMs}`),
    deadline: () => told.push(`${clock.nowMs()} deadline`),
  });
  return { clock, rotation, told };
}

Deno.test("RotationClock wants a quiet moment after 9 minutes, and does not wait for ten", async () => {
  const { clock, rotation, told } = watched();
  rotation.begin();
  await clock.advance(600_000);
  assertEquals(told, ["540000 due by 585000", "585000 deadline"]);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("RotationClock leaves 3 s of what the service gives it, whatever comes after that [G10]", async () => {
  const { clock, rotation, told } = watched();
  rotation.begin();
  rotation.goingAway(10_000);
  rotation.goingAway(60_000);
  await clock.advance(20_000);
  assertEquals(told, ["0 due by 7000", "7000 deadline"]);
});

Deno.test("RotationClock takes a time that is not said for a wish, and a short one for now", async () => {
  const { clock, rotation, told } = watched();
  rotation.goingAway(0);
  rotation.goingAway(2_000);
  await clock.advance(1);
  assertEquals(told, ["0 due by 45000", "0 due by 0", "0 deadline"]);
});

Deno.test("RotationClock says nothing of a connection that was left", async () => {
  const { clock, rotation, told } = watched();
  rotation.begin();
  rotation.goingAway(10_000);
  rotation.end();
  assertEquals(clock.pendingTimers, 0);
  rotation.begin();
  rotation.goingAway(60_000);
  await clock.advance(57_000);
  assertEquals(told, ["0 due by 7000", "0 due by 57000", "57000 deadline"]);
  rotation.end();
});
