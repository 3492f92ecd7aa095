/** Calls longer than any connection, on a test's clock. */
import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { runCall } from "../../lib/call/call.ts";
import { sleep } from "../../lib/clock.ts";
import { ModelCircuit } from "../../lib/gemini/circuit.ts";
import { openLive } from "../../lib/gemini/live_session.ts";
import { liveSetup } from "../../lib/gemini/live_setup.ts";
import { createLog } from "../../lib/log.ts";
import { asCallerHears, framesOf, placeOnLine } from "../support/call_audio.ts";
import { countingIds } from "../support/counting_ids.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeLiveService } from "../support/fake_live_service.ts";
import { test } from "../support/flights.ts";
import { joined } from "../support/joined.ts";
import {
  AGENT,
  agentVoice,
  asModelHears,
  callerVoice,
  pcmOf,
  placeOf,
  type Scenario,
  startCall,
} from "../support/scenario.ts";
import { kitOf, toolOf } from "../support/tool_kit.ts";

const MINUTE_MS = 60_000;
const MODEL = "gemini-3.8-live";
/** So long a connection is kept. */
const CONNECTION_MS = 9 * MINUTE_MS;
const TURN_MS = 3_000;
/** Where the caller's silence says that the turn is over, the model thinks, and a tool runs. */
const [ENDPOINT_MS, THINK_MS, TOOL_MS] = [500, 200, 600];
const PREROLL_MS = 300;
/** Samples beyond this are of an answer: the tone that fills a silence is softer. */
const LOUD = 3_000;
/** Answers for which something is looked up first. */
const LOOKED_UP: ReadonlySet<number> = new Set([1, 9, 13]);

/** The n-th answer has a sound of its own, and a length. */
const answers = (index: number) => ({
  pcm: agentVoice(4_000 + 120 * index, 1 + index % 7),
  text: ` Answer ${index}.`,
  ...(LOOKED_UP.has(index) ? { calls: [{ name: "look_up", args: {} }] } : {}),
});

async function startLongCall(): Promise<Scenario & { service: FakeLiveService }> {
  const clock = new FakeClock();
  const service = new FakeLiveService(clock, answers);
  const lookUp = toolOf("look_up", () => sleep(clock, TOOL_MS), { isBlocking: true });
  const scenario = await startCall({
    clock,
    model: { answers: () => undefined },
    maxCallSeconds: 7_200,
    // An hour of sound is too much to be recorded in memory.
    run: runCall,
    agent: { limits: { maxCallSeconds: 7_200 } },
    toolKit: kitOf(lookUp),
    openModel: () =>
      openLive({
        apiKey: undefined,
        model: MODEL,
        setup: (begin) => liveSetup(AGENT, { ...begin, instructions: "Be brief.", model: MODEL }),
        isBlocking: (name) => name === lookUp.name,
        activityGapMs: 100,
        circuit: new ModelCircuit(clock),
        ids: countingIds(),
        connect: service.connect,
        clock,
        log: createLog({ level: "error", clock, write: (line) => assertEquals(line, "") }),
      }),
  });
  return { ...scenario, service };
}

/** What goes on when a connection is left: how far into a turn, behind which an answer of 4 s and more comes, that is. */
const MOMENTS = {
  "the caller speaks": 1_500,
  "an answer is owed": TURN_MS + ENDPOINT_MS + THINK_MS / 2,
  "a tool runs": TURN_MS + ENDPOINT_MS + THINK_MS + TOOL_MS / 2,
  "the agent speaks": TURN_MS + ENDPOINT_MS + THINK_MS + 2_500,
  "nobody speaks": 30_000,
};

/** A call: when the caller speaks, and when the service asks for another connection, if it does. */
interface LongCall {
  readonly name: string;
  readonly lengthMs: number;
  readonly turnsMs: readonly number[];
  readonly goAwayMs: readonly number[];
  readonly rotations: number;
}

/** Every nine minutes of an hour something else goes on, and two more turns lie in between. */
function forcedHour(): LongCall {
  const moments = Object.values(MOMENTS);
  const goAwayMs = Array.from({ length: 6 }, (_, n) => (n + 1) * CONNECTION_MS);
  const turnsMs = goAwayMs.flatMap((atMs, n) => [
    atMs - 6 * MINUTE_MS,
    atMs - 3 * MINUTE_MS,
    atMs - (moments[n % moments.length] ?? 0),
  ]);
  return {
    name: `an hour, left every nine minutes while ${Object.keys(MOMENTS).join(", ")}`,
    lengthMs: 60 * MINUTE_MS,
    turnsMs: [...turnsMs, 57 * MINUTE_MS],
    goAwayMs,
    rotations: 6,
  };
}

/** The service never says anything; the call looks at its own clock. */
function unforcedHalfHour(): LongCall {
  return {
    name: "half an hour, left every nine minutes by our own clock",
    lengthMs: 30 * MINUTE_MS,
    turnsMs: Array.from({ length: 10 }, (_, n) => 10_000 + n * 170_000),
    goAwayMs: [],
    rotations: 3,
  };
}

/** What the model heard where it answered: every turn once and whole, to the bit. */
function checkHeardByModel({ line, service }: LongScenario, { turnsMs }: LongCall): void {
  const said = asModelHears(line.said);
  assertEquals(service.answeredTurns.length, turnsMs.length);
  for (const [turn, heard] of service.answeredTurns.entries()) {
    const beganMs = turnsMs[turn] ?? 0;
    const around = said.subarray((beganMs - 1_000) * 16, (beganMs + 5_000) * 16);
    const fromMs = placeOf(heard, around, 320) / 16;
    assertEquals(fromMs, 1_000 - PREROLL_MS, `turn ${turn}, from its pre-roll`);
    assertGreaterOrEqual(heard.length / 16, PREROLL_MS + TURN_MS, `turn ${turn}, to its end`);
  }
}

/** What the caller heard: the greeting and one answer for each turn, in order, to the bit, and nothing else. */
function checkHeardByCaller({ line }: LongScenario, { turnsMs }: LongCall): void {
  let rest = joined(line.heard);
  let frames = 0;
  for (let n = 0; n <= turnsMs.length; n++) {
    const answer = asCallerHears(answers(n).pcm);
    const place = placeOnLine(answer, rest);
    assertGreaterOrEqual(place, 0, `answer ${n}`);
    rest = rest.subarray(place + answer.length);
    frames += framesOf(answer).filter(isLoud).length;
  }
  assertEquals(line.heard.filter(isLoud).length, frames);
}

type LongScenario = Awaited<ReturnType<typeof startLongCall>>;

function isLoud(frame: Uint8Array): boolean {
  return pcmOf([frame]).some((sample) => Math.abs(sample) > LOUD);
}

for (const long of [forcedHour(), unforcedHalfHour()]) {
  test(`a call of ${long.name}: nothing is lost, nothing said twice [G08] [G09] [G13]`, async () => {
    const call = await startLongCall();
    const { clock, line, service, ended, record } = call;
    let atMs = 0;
    for (const turnMs of long.turnsMs) {
      line.pause(turnMs - atMs);
      line.say(callerVoice(TURN_MS, 1 + turnMs % 5));
      atMs = turnMs + TURN_MS;
    }
    line.pause(long.lengthMs - atMs);
    line.hangUp();
    for (const goAwayMs of long.goAwayMs) clock.at(goAwayMs, () => service.goAway(3_000));
    await clock.advance(long.lengthMs + 20_000);
    assertEquals((await ended).ending, "caller-hung-up");
    assertEquals(service.violations, []);
    assertEquals(service.sessions.length - 1, long.rotations);
    for (const [n, { resumedFrom, openedAtMs }] of service.sessions.entries()) {
      assertEquals(resumedFrom !== undefined, n > 0, "each goes on from the one before");
      const lastedMs = (service.sessions[n + 1]?.openedAtMs ?? NaN) - openedAtMs;
      if (n < long.rotations) {
        assertLessOrEqual(Math.abs(lastedMs - CONNECTION_MS), 500, "nine minutes");
      }
    }
    checkHeardByModel(call, long);
    checkHeardByCaller(call, long);
    assertEquals(record().faults, {});
    const endings = record().tools?.map(({ ending }) => ending) ?? [];
    const isToolLeft = long.goAwayMs.length > 0;
    assertEquals(endings.filter((ending) => ending === "cancelled").length, isToolLeft ? 1 : 0);
    const lookedUp = LOOKED_UP.values().filter((index) => index <= long.turnsMs.length).toArray();
    assertEquals(endings.filter((ending) => ending === "answered").length, lookedUp.length);
    assert(Object.keys(record().repairs).every((repair) => repair === "bridge"));
    assertEquals(clock.pendingTimers, 0);
  });
}
