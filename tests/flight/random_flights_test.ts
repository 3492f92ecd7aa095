/**
 * Calls in which everything happens by chance, recorded and replayed. `RANDOM_FLIGHTS` says how many, 1,000 unless given,
 * and `RANDOM_FLIGHTS_FROM` the first seed.
 */
import { assert, assertEquals } from "@std/assert";
import type { Chance } from "../../bench/barge_in/chance.ts";
import { CallSight } from "../../lib/call/call_sight.ts";
import { sleep } from "../../lib/clock.ts";
import { replayFlight } from "../../lib/flight/flight_replay.ts";
import { print } from "../../tasks/terminal.ts";
import type { FakeClock } from "../support/fake_clock.ts";
import { test } from "../support/flights.ts";
import { runRandomCall } from "../support/random_call.ts";
import { agentVoice, type ScenarioOptions } from "../support/scenario.ts";
import { ScriptedModel } from "../support/scripted_model.ts";
import { snapshotOf } from "../support/snapshot.ts";

const COUNT = Number(Deno.env.get("RANDOM_FLIGHTS") ?? 1_000);
const FIRST = Number(Deno.env.get("RANDOM_FLIGHTS_FROM") ?? 0);

/** Short, so that there can be many. */
const LONGEST_MS = 6_500;

const CALL_SID = "CA" + "1".repeat(32);

/** What happens to a call beside what its caller and its model do. */
function changeByChance(chance: Chance, clock: FakeClock): Partial<ScenarioOptions> {
  const machine = new AbortController();
  const isOutbound = chance.unit() < 0.1;
  const kept = agentVoice(chance.between(200, 900));
  const isGreeted = !isOutbound && chance.unit() < 0.2;
  const second = new ScriptedModel(clock, {
    answers: () => ({ pcm: agentVoice(700), text: "Here is another." }),
  });
  const sight = new CallSight(snapshotOf(CALL_SID).record);
  if (chance.unit() < 0.1) clock.at(chance.below(6_000), () => sight.whisper("Be kind."));
  if (chance.unit() < 0.02) clock.at(chance.below(6_000), () => sight.hangUp());
  const breaksAtMs = chance.unit() < 0.03 ? chance.below(4_000) : Infinity;
  if (chance.unit() < 0.5) clock.at(chance.below(3_000), () => machine.abort());
  if (chance.unit() < 0.1) clock.at(chance.below(5_000), () => clock.jumpWallClock(-3_600_000));
  return {
    canHandOver: chance.unit() < 0.5,
    continuity: {
      ...(chance.unit() < 0.15 ? { term: 2, resumed: snapshotOf(CALL_SID) } : {}),
      flush: () => sleep(clock, chance.below(400)),
    },
    tamper: (parts) => ({
      ...parts,
      vad: {
        score: async (frame) => {
          await sleep(clock, chance.pick([0, 0, 0, 5, 60]));
          if (chance.unit() < 0.01) throw new Error("no score");
          return await parts.vad.score(frame);
        },
      },
      leg: {
        ...parts.leg,
        play: (mulaw) => {
          if (clock.nowMs() > breaksAtMs) throw new Error("the leg is broken");
          parts.leg.play(mulaw);
        },
      },
      openSecondModel: chance.unit() < 0.3 ? second.open : undefined,
      greeting: isGreeted || chance.unit() < 0.2
        ? { kept: isGreeted ? kept : undefined, keep: () => {} }
        : undefined,
      outbound: isOutbound
        ? {
          voicemail: chance.pick(["hang-up", { message: "Please call us back." }] as const),
          machineAnswered: machine.signal,
        }
        : undefined,
      prices: { textIn: 0.5, audioIn: 3, textOut: 2, audioOut: 12 },
      spent: () => {},
      observer: sight,
    }),
  };
}

/** What a line is about: the way in or out, and the fact. */
const ABOUT =
  /^\{"(?:in|out)":"([a-z.-]+)(?: \d+)?"(?:,"nowMs":[\d.]+)?,"with":\[(?:\{"type":"([a-z-]+)")?/;

/** What calls by chance must meet now and then for their replay to prove anything. */
const MET = [
  ...["generation-interrupted", "agent-audio-received", "model-reconnected", "model-rotation-due"],
  ...["functions-called", "functions-cancelled", "tool-settled", "tool.transfer", "tool.hang-up"],
  ...["digit-pressed", "draining-began", "stop-requested", "machine-answered", "scoring-failed"],
  ...["whispered", "hang-up-requested"],
  ...["leg.clear", "model.answer-functions", "recap", "greeting.keep", "threw", "go-on", "spent"],
  ...["caller-hung-up", "call-failed", "handed-over", "transferred", "server-stopped"],
];

test(`${COUNT} calls by chance replay to the same bytes`, async () => {
  const seen = new Map<string, number>();
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const { call } = await runRandomCall(`flight ${seed}`, {
      change: changeByChance,
      longestMs: LONGEST_MS,
    });
    const { difference, cutShort, lines } = await replayFlight(call.flight);
    assertEquals(difference ?? cutShort, undefined, `seed "flight ${seed}"`);
    assertEquals(lines, call.flight.length, `seed "flight ${seed}"`);
    count((await call.ended).ending);
    for (const line of call.flight) {
      const [, way, fact] = ABOUT.exec(line) ?? [];
      if (way) count(way);
      if (fact) count(fact);
    }
  }
  print(`  seeds ${FIRST} to ${FIRST + COUNT - 1}: ${JSON.stringify(Object.fromEntries(seen))}`);
  // Few calls need not meet all of it.
  const least = Math.floor(COUNT / 500);
  for (const what of MET) assert((seen.get(what) ?? 0) >= least, `${what} was met too seldom`);
});
