import { assert, assertEquals, assertGreaterOrEqual, assertStringIncludes } from "@std/assert";
import { hangUp, wait } from "../../emulators/caller_script.ts";
import type { Tamper } from "../../emulators/line_faults.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";
import { systemClock } from "../../lib/clock.ts";
import type { SileroNetwork } from "../../lib/hearing/silero_vad.ts";
import { answerPlaceMs, assertUnbroken, framesOf, turnPlaceMs } from "../support/call_audio.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { scaledClock } from "../support/scaled_clock.ts";
import { type FinishedCall, network, SocketRig, until } from "../support/socket_call.ts";

const LOADING_MS = 1_500;

Deno.test("the first call is answered while hearing is being loaded, and no early frame is lost", async () => {
  const hearing = Promise.withResolvers<SileroNetwork>();
  await using rig = await SocketRig.start({
    hearing: hearing.promise,
    model: { script: { answers: spoken("of-course", "which-day") } },
  });
  assertEquals(await rig.statusOf("/readyz"), 503);
  let frames = 0;
  const loadMeanwhile: Tamper = (message) => {
    if (message.event === "media" && ++frames === LOADING_MS / 20) hearing.resolve(network);
    return [message];
  };
  const finished = await rig.call([says("table"), hearsOut, hangUp()], {
    faults: { tamper: loadMeanwhile },
  });
  assertEquals(await rig.statusOf("/readyz"), 200);
  assertUnbroken(finished);
  const [window, ...others] = finished.session?.windows ?? [];
  assert(window);
  assertEquals(others, []);
  assertEquals(turnPlaceMs(window.pcm, framesOf(finished.report.said)), 0, "from the first frame");
  assertGreaterOrEqual(window.pcm.length / 16, 3_000, "to the last");
});

/** Nobody talked to the caller but the voice of the network. */
function assertTurnedAway({ report }: Pick<FinishedCall, "report">): void {
  assertEquals(report.streams, []);
  assertEquals(report.warnings, []);
  assertEquals(report.spoken.length, 1);
  assertStringIncludes(report.spoken[0]?.text ?? "", "All our lines are busy");
}

Deno.test("a call too many hears a sentence, and the others are not harmed", async () => {
  await using rig = await SocketRig.start({
    model: { script: { answers: spoken("table-is-free") } },
    settings: { maxCalls: 2 },
  });
  const served = [1, 2].map(() => rig.dial([hearsOut, hangUp()]));
  await until(() => rig.model.sessions.length === 2, "two calls run");
  assertEquals(await rig.statusOf("/readyz"), 503);
  assertTurnedAway({ report: await rig.dial([wait(300), hangUp()]).ended });
  for (const call of served) {
    const finished = await rig.finish(call);
    assertUnbroken(finished);
    const [answer] = finished.session?.sent ?? [];
    assert(answer && answerPlaceMs(answer.pcm, finished.report) >= 0);
  }
  assertEquals(await rig.statusOf("/readyz"), 200, "there is room again");
  assertEquals(rig.model.connects, 2);
});

/** When its stream is over, the network is left some time to ask what comes next. */
function assertLeftTime({ streams }: PhoneCallReport, drainedAtMs: number): void {
  const endedAtMs = streams[0]?.endedAtMs ?? Infinity;
  assertGreaterOrEqual(drainedAtMs - endedAtMs, 400);
}

Deno.test("a server that drains takes no new call and lets the running one end by itself [P04]", async () => {
  await using rig = await SocketRig.start({
    model: { script: { answers: spoken("greeting", "of-course") } },
  });
  const running = rig.dial([hearsOut, says("stop"), hearsOut, hangUp()]);
  await until(() => rig.model.sessions[0]?.sent.length === 1, "the call runs");
  let drainedAtMs = Infinity;
  const drained = rig.server.drain(60_000).then(() => drainedAtMs = systemClock.nowMs());
  assertEquals(await rig.statusOf("/readyz"), 503);
  assertEquals(await rig.statusOf("/healthz"), 200);
  assertTurnedAway({ report: await rig.dial([wait(300), hangUp()]).ended });
  assertEquals(drainedAtMs, Infinity);
  const finished = await rig.finish(running);
  assertUnbroken(finished);
  assertEquals(finished.record.ending, "caller-hung-up");
  assertEquals(finished.record.turns.length, 1);
  await drained;
  assertLeftTime(finished.report, drainedAtMs);
});

Deno.test("a server that has drained for too long and cannot hand its calls over ends them, and their callers hear why", async () => {
  const clock = scaledClock(4);
  await using rig = await SocketRig.start({
    clock,
    isStoreAway: true,
    model: { script: { answers: spoken("greeting") } },
  });
  const running = rig.dial([wait(60_000)]);
  await until(() => rig.model.sessions[0]?.sent[0]?.outcome === "complete", "the agent was heard");
  await rig.server.drain(500);
  const drainedAtMs = clock.nowMs();
  const { report, record } = await rig.finish(running);
  assertEquals(record.ending, "server-stopped");
  assertLeftTime(report, drainedAtMs);
  assertEquals(report.endedBy, "twiml");
  assertStringIncludes(report.spoken[0]?.text ?? "", "something went wrong");
});
