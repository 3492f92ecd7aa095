/** Lines that cease to read what they are sent. */
import { assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { asCallerHears } from "../support/call_audio.ts";
import { test } from "../support/flights.ts";
import { joined } from "../support/joined.ts";
import { callerVoice, type Scenario, startCall } from "../support/scenario.ts";

/** It rises all the time, so that every place in it is one of a kind. */
const PCM = Int16Array.from(
  { length: 16_000 * 24 },
  (_, i) => 9_000 * Math.sin(2 * Math.PI * (300 + 40 * i / 24_000) * i / 24_000),
);
const LONG = { pcm: PCM, text: " A long story." };
const DEAF_FROM_MS = 4_000;
const DEAF_MS = 5_000;

/** The agent talks for 16 s; the line does not read for five of them. */
async function startDeafCall(): Promise<Scenario> {
  const call = await startCall({ model: { answers: () => LONG } });
  call.clock.at(DEAF_FROM_MS, () => call.line.reads = false);
  call.clock.at(DEAF_FROM_MS + DEAF_MS, () => call.line.reads = true);
  return call;
}

/** How far from its time a part of the answer is heard that is due at `atMs`. */
function offTimeMs({ line }: Scenario, atMs: number): number {
  const answer = asCallerHears(LONG.pcm);
  const heard = joined(line.heard);
  const startMs = heard.findIndex((byte) => byte < 0x7f) / 8;
  const part = answer.subarray((atMs - startMs) * 8, (atMs - startMs + 100) * 8);
  for (let at = 0; at + part.length <= heard.length; at++) {
    if (part.every((byte, n) => byte === heard[at + n])) return Math.abs(at / 8 - atMs);
  }
  return Infinity;
}

test("a line that does not read for 5 s drops what is out of date, and goes on in time [T13]", async () => {
  const call = await startDeafCall();
  await call.clock.advance(DEAF_FROM_MS + DEAF_MS);
  const unread = call.line.sent.filter(({ atMs }) => atMs >= DEAF_FROM_MS);
  const bytes = unread.reduce((sum, one) => sum + one.bytes * 4 / 3 + 110, 0);
  assertLess(bytes, 256 * 1_024, "unsent");
  await call.clock.advance(9_000);
  for (const afterMs of [500, 2_000, 4_000]) {
    assertLessOrEqual(
      offTimeMs(call, DEAF_FROM_MS + DEAF_MS + afterMs),
      40,
      `${afterMs} ms later`,
    );
  }
  call.line.hangUp();
  await call.clock.advance(100);
  assertEquals((await call.ended).ending, "caller-hung-up");
  const [entry] = call.record().transcript;
  assertEquals([entry?.heardMs, entry?.interrupted], [entry?.spokenMs, false]);
  assertGreater(entry?.missedMs ?? 0, DEAF_MS - 1_000);
  assertLess(entry?.missedMs ?? 0, DEAF_MS + 500);
  assertEquals(call.record().faults, { "line-deaf": 1 });
  assertEquals(call.clock.pendingTimers, 0);
});

test("a caller who breaks in while the line does not read has heard what came before [T13]", async () => {
  const call = await startDeafCall();
  call.line.pause(DEAF_FROM_MS + 3_000);
  call.line.say(callerVoice(2_000));
  await call.clock.advance(DEAF_FROM_MS + DEAF_MS + 500);
  const [entry] = call.record().transcript;
  assertEquals(entry?.interrupted, true);
  assertLessOrEqual(Math.abs((entry?.heardMs ?? 0) - DEAF_FROM_MS), 700);
  call.line.hangUp();
  await call.clock.advance(100);
  await call.ended;
});

test("a line whose marks cease to come back is heard to the end all the same [T12]", async () => {
  const call = await startCall({ model: { answers: () => LONG } });
  call.clock.at(DEAF_FROM_MS, () => call.line.echoesMarks = false);
  await call.clock.advance(20_000);
  for (const atMs of [6_000, 10_000, 15_000]) assertLessOrEqual(offTimeMs(call, atMs), 40);
  call.line.hangUp();
  await call.clock.advance(100);
  await call.ended;
});
