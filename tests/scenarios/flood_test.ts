/** Models that say much more than anybody has heard. */
import { assertEquals, assertLessOrEqual } from "@std/assert";
import { runCall } from "../../lib/call/call.ts";
import { keptBytes } from "../support/kept_memory.ts";
import { agentVoice, type Scenario, startCall } from "../support/scenario.ts";

const CALLS = 5;
const MINUTE = { pcm: agentVoice(60_000), text: " A minute." };

/** Places a call whose first answer is a minute that comes in a second, and waits until it is there. */
async function floodedCall(): Promise<Scenario> {
  const model = { answers: () => MINUTE, pace: 60 };
  const call = await startCall({ model, run: runCall });
  await call.clock.advance(2_000);
  assertEquals(call.model.firstAudioAtMs.length, 1);
  return call;
}

async function hangUp({ line, clock, ended }: Scenario): Promise<void> {
  line.hangUp();
  await clock.advance(100);
  await ended;
}

Deno.test("a call whose model says a minute in a second holds at most 2 MB, and is kept 500 ms ahead at most [G17]", async () => {
  await hangUp(await floodedCall());
  const before = keptBytes();
  const calls: Scenario[] = [];
  for (let n = 0; n < CALLS; n++) calls.push(await floodedCall());
  const eachMb = (keptBytes() - before) / CALLS / 1_048_576;
  assertLessOrEqual(eachMb, 2);
  for (const call of calls) {
    const sentMs = call.line.sent.reduce((sum, { bytes }) => sum + bytes / 8, 0);
    const heardMs = call.line.heard.filter((frame) => frame.some((byte) => byte < 0x7f)).length *
      20;
    assertLessOrEqual(sentMs - heardMs, 500, "lead");
    await hangUp(call);
    const [entry] = call.record().transcript;
    assertLessOrEqual(59_000, entry?.spokenMs ?? 0, "all of it had come");
  }
});
