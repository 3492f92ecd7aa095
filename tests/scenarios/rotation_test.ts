/** Calls longer than any connection, on a test's clock. */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { ModelCircuit } from "../../lib/gemini/circuit.ts";
import { openLive } from "../../lib/gemini/live_session.ts";
import { liveSetup } from "../../lib/gemini/live_setup.ts";
import { createLog } from "../../lib/log.ts";
import { asCallerHears, placeOnLine } from "../support/call_audio.ts";
import type { FakeClock } from "../support/fake_clock.ts";
import { FakeLiveService } from "../support/fake_live_service.ts";
import { test } from "../support/flights.ts";
import { joined } from "../support/joined.ts";
import {
  AGENT,
  agentVoice,
  asModelHears,
  callerVoice,
  placeOf,
  type Scenario,
  startCall,
} from "../support/scenario.ts";

const MINUTE_MS = 60_000;
const MODEL = "gemini-3.8-live";
const HOUR_MS = 60 * MINUTE_MS;
const BEFORE_MS = 10_000;
/** Three of them are a little less than the 9 minutes after which our own clock wants another connection. */
const TURN_EVERY_MS = 170_000;

/** The n-th answer has a sound of its own, and a length. */
const answers = (index: number) => ({
  pcm: agentVoice(4_000 + 120 * index, 1 + index % 7),
  text: ` Answer ${index}.`,
});

async function startLongCall(): Promise<Scenario & { service: FakeLiveService }> {
  let service: FakeLiveService | undefined;
  const errors: string[] = [];
  const scenario = await startCall({
    model: { answers: () => undefined },
    maxCallSeconds: 2 * HOUR_MS / 1_000,
    agent: { limits: { maxCallSeconds: 2 * HOUR_MS / 1_000 } },
    openModel(clock: FakeClock) {
      service = new FakeLiveService(clock, answers);
      let names = 0;
      return openLive({
        apiKey: undefined,
        model: MODEL,
        setup: (begin) => liveSetup(AGENT, { ...begin, instructions: "Be brief.", model: MODEL }),
        activityGapMs: 100,
        circuit: new ModelCircuit(clock),
        ids: { next: () => String(names++).padStart(32, "0") },
        connect: service.connect,
        clock,
        log: createLog({ level: "error", clock, write: (line) => errors.push(line) }),
      });
    },
  });
  assert(service);
  assertEquals(errors, []);
  return { ...scenario, service };
}

/** How far into a turn of 3 s, behind which an answer of 4 s and more comes, the connection is left. */
const MOMENTS = {
  "the caller speaks": 1_500,
  "an answer is owed": 3_600,
  "the agent speaks": 3_000 + 500 + 200 + 2_500,
  "nobody speaks": 30_000,
};

/** Calls, and when each connection is left, in order; by our own clock where nothing is said. */
const CALLS: { name: string; lengthMs: number; leaveAt: readonly number[]; rotations: number }[] = [
  {
    name: `an hour, left every third turn while ${Object.keys(MOMENTS).join(", ")}`,
    lengthMs: HOUR_MS,
    leaveAt: Object.values(MOMENTS),
    rotations: 6,
  },
  { name: "20 minutes, left by our own clock", lengthMs: HOUR_MS / 3, leaveAt: [], rotations: 2 },
];

for (const { name, lengthMs, leaveAt, rotations } of CALLS) {
  test(`a call of ${name}: nothing is lost, nothing said twice [G13]`, async () => {
    const { clock, line, service, ended, record } = await startLongCall();
    line.pause(BEFORE_MS);
    const turns = Math.floor(lengthMs / TURN_EVERY_MS);
    for (let turn = 0; turn < turns; turn++) {
      line.say(callerVoice(3_000, 1 + turn % 5));
      line.pause(TURN_EVERY_MS - 3_000);
    }
    line.hangUp();
    for (let n = 0; leaveAt.length > 0 && n < rotations; n++) {
      const turnMs = BEFORE_MS + 3 * (n + 1) * TURN_EVERY_MS;
      clock.at(turnMs + (leaveAt[n % leaveAt.length] ?? 0), () => service.goAway(3_000));
    }
    await clock.advance(lengthMs + 20_000);
    assertEquals((await ended).ending, "caller-hung-up");
    assertEquals(service.violations, []);
    assertEquals(service.sessions.length - 1, rotations);
    for (const [n, { resumedFrom }] of service.sessions.entries()) {
      assertEquals(resumedFrom !== undefined, n > 0, "each goes on from the one before");
    }

    // What the model heard where it answered: every turn once and whole, to the bit.
    const said = asModelHears(line.said);
    assertEquals(service.answeredTurns.length, turns);
    for (const [turn, heard] of service.answeredTurns.entries()) {
      const beganMs = BEFORE_MS + turn * TURN_EVERY_MS;
      const around = said.subarray((beganMs - 1_000) * 16, (beganMs + 5_000) * 16);
      assertEquals(
        placeOf(heard, around, 320) / 16,
        1_000 - 300,
        `turn ${turn}, from its pre-roll`,
      );
      assertGreaterOrEqual(heard.length / 16, 300 + 3_000, `turn ${turn}, to its end`);
    }

    // What the caller heard: the greeting and one answer for each turn, in order, to the bit, and nothing else.
    let rest = joined(line.heard);
    let frames = 0;
    for (let n = 0; n <= turns; n++) {
      const answer = asCallerHears(answers(n).pcm);
      const place = placeOnLine(answer, rest);
      assertGreaterOrEqual(place, 0, `answer ${n}`);
      rest = rest.subarray(place + answer.length);
      frames += answer.length / 160;
    }
    assertEquals(line.heard.filter((frame) => frame.some((byte) => byte < 0x7f)).length, frames);
    assertEquals(record().faults, {});
    assertEquals(clock.pendingTimers, 0);
  });
}
