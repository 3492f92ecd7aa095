/** The server as a process: what ends it and what does not. */
import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { hangUp, wait } from "../../emulators/caller_script.ts";
import type { Fault } from "../../emulators/model_script.ts";
import { systemClock } from "../../lib/clock.ts";
import { print } from "../../tasks/terminal.ts";
import { answerPlaceMs, assertUnbroken } from "../support/call_audio.ts";
import { ProcessRig } from "../support/process_rig.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { until } from "../support/socket_call.ts";

const FORCED = 130;
/** Signals within this are one: a terminal sends its Ctrl-C twice. */
const SAME_PRESS_MS = 600;

Deno.test("a server that is asked to stop says so at once, serves its call to the end and exits 0 [P04]", async () => {
  await using rig = await ProcessRig.start({ answers: spoken("of-course", "which-day") });
  const running = rig.dial([hearsOut, says("stop"), hearsOut, hangUp()]);
  await until(() => rig.model.sessions[0]?.sent.length === 1, "the call runs");
  assertEquals(await rig.statusOf("/readyz"), 200);
  rig.server.signal("SIGTERM");
  const askedAtMs = performance.now();
  while (await rig.statusOf("/readyz") !== 503) assert(performance.now() < askedAtMs + 1_000);
  const unreadyMs = performance.now() - askedAtMs;
  assertEquals(await rig.statusOf("/healthz"), 200);
  const turnedAway = await rig.dial([wait(300), hangUp()]).ended;
  assertStringIncludes(turnedAway.spoken[0]?.text ?? "", "All our lines are busy");

  const report = await running.ended;
  const [session] = rig.model.sessions;
  assertUnbroken({ report, session });
  assertEquals(session?.sent.length, 2);
  for (const { pcm } of session?.sent ?? []) assert(answerPlaceMs(pcm, report) >= 0);
  const { code } = await rig.server.ended();
  const exitMs = systemClock.nowMs() - report.endedAtMs;
  assertEquals(code, 0);
  assertEquals(rig.server.errors, "");
  print(`  503 after ${unreadyMs.toFixed(0)} ms, exit ${exitMs.toFixed(0)} ms after the last call`);
  assertLessOrEqual(exitMs, 1_000);
});

Deno.test("a server that is asked to stop twice ends at once [P04]", async () => {
  await using rig = await ProcessRig.start({ answers: spoken("by-the-window") });
  const running = rig.dial([wait(4_000), hangUp()]);
  await until(() => rig.model.sessions[0]?.sent.length === 1, "the call runs");
  rig.server.signal("SIGTERM");
  await until(() => rig.server.events("draining").length > 0, "the first signal has come");
  const firstAtMs = performance.now();
  await until(() => performance.now() > firstAtMs + SAME_PRESS_MS, "the next is another one");
  rig.server.signal("SIGTERM");
  assertEquals((await rig.server.ended()).code, FORCED);
  const report = await running.ended;
  assertEquals(report.streams[0]?.closedBy, "server");
});

Deno.test("a server outlives frames of the model that are no JSON, and nothing has to be caught [P02]", async () => {
  const faults = ["not json", "{", '{"text":""}', Uint8Array.of(0xff, 0xfe)].map((
    frame,
  ): Fault => ({
    type: "send",
    frame,
    when: { at: "answer", turn: 0, afterMs: 100 },
  }));
  await using rig = await ProcessRig.start({ answers: spoken("which-day", "of-course"), faults });
  const report = await rig.dial([hearsOut, says("stop"), hearsOut, hangUp()]).ended;
  const [session] = rig.model.sessions;
  assertUnbroken({ report, session });
  assertEquals(session?.sent.length, 2);
  for (const { pcm } of session?.sent ?? []) assert(answerPlaceMs(pcm, report) >= 0);
  await until(() => rig.server.events("call-ended").length === 1, "the call is booked");
  assertEquals(rig.server.events("uncaught-error"), []);
  assertEquals(rig.server.events("unhandled-rejection"), []);
  assertEquals(rig.server.errors, "");
  assertEquals(await rig.statusOf("/healthz"), 200);
});
