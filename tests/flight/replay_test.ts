/** What a replay says of flights that are as they were, changed, cut short, or none. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ModelError, type OpenModel } from "../../lib/call/model.ts";
import { FLIGHT_FORMAT, FlightError } from "../../lib/flight/flight_lines.ts";
import { replayFlight } from "../../lib/flight/flight_replay.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { test } from "../support/flights.ts";
import { agentVoice, callerVoice, type ScenarioOptions, startCall } from "../support/scenario.ts";
import { ScriptedModel } from "../support/scripted_model.ts";

/** When the caller begins to speak, and for how long. */
const SPEAKS_AT_MS = 2_500;
const SPEAKS_FOR_MS = 1_000;
const WORDS = "Half past nine.";

/** A call with one turn of the caller, as it was recorded. */
async function flightOfCall(options: Partial<ScenarioOptions> = {}): Promise<readonly string[]> {
  const { line, clock, ended, flight } = await startCall({
    model: { answers: (index) => ({ pcm: agentVoice(800, index + 1), text: WORDS }) },
    ...options,
  });
  line.pause(SPEAKS_AT_MS);
  line.say(callerVoice(SPEAKS_FOR_MS));
  line.pause(3_000);
  line.hangUp();
  await clock.advance(8_000);
  await ended;
  return flight;
}

/** The flight with its first line changed. */
function withHead(
  [first = "", ...rest]: readonly string[],
  change: (head: Record<string, unknown>) => Record<string, unknown>,
): string[] {
  return [JSON.stringify(change(JSON.parse(first))), ...rest];
}

test("replayFlight() finds every byte the same when the code is the same", async () => {
  const flight = await flightOfCall();
  const replay = await replayFlight(flight);
  assertEquals(replay.difference, undefined);
  assertEquals(replay.cutShort, undefined);
  assertEquals(replay.lines, flight.length);
  assertEquals(replay.callMs, 6_520);
  const audio = flight.filter((line) => line.startsWith('{"out":"leg.play"'));
  assert(audio.length > 10, "sound went out");
});

test("replayFlight() shows the first thing that differs when a number of the code is another", async () => {
  const flight = await flightOfCall();
  const changed = withHead(flight, (head) => {
    const { agent } = head as { agent: { turns: { hangoverMs: number } } };
    return { ...head, agent: { ...agent, turns: { ...agent.turns, hangoverMs: 300 } } };
  });
  const { difference } = await replayFlight(changed);
  assert(difference);
  // The turn of the caller is over 200 ms sooner.
  const spokenMs = SPEAKS_AT_MS + SPEAKS_FOR_MS;
  assertEquals(difference.callMs, spokenMs + 320);
  assertEquals(difference.recorded, flight[difference.line - 1]);
  assertStringIncludes(difference.recorded, '"in":"fact"');
  assertStringIncludes(difference.now ?? "", '"out":"model.close-activity"');
});

test("replayFlight() shows the first thing that differs when something else was recorded", async () => {
  const flight = await flightOfCall();
  const at = flight.findLastIndex((line) => line.startsWith('{"out":"leg.mark"'));
  const { difference } = await replayFlight(flight.with(at, '{"out":"leg.mark","with":["none"]}'));
  assertEquals(difference?.line, at + 1);
  assertEquals(difference?.recorded, '{"out":"leg.mark","with":["none"]}');
  assertEquals(difference?.now, flight[at]);
  const { difference: missing } = await replayFlight(flight.toSpliced(at, 1));
  assertEquals(missing?.line, at + 1);
  assertEquals(missing?.now, flight[at]);
  const more = await replayFlight(flight.toSpliced(at, 0, '{"out":"leg.clear","with":[]}'));
  assertEquals(more.difference?.recorded, '{"out":"leg.clear","with":[]}');
});

test("replayFlight() says that a call goes on when the recorded one had ended", async () => {
  const flight = await flightOfCall();
  const at = flight.findIndex((line) => line.includes('"leg-ended"'));
  const { difference } = await replayFlight(flight.toSpliced(at, 1));
  assertEquals(difference?.line, at + 1);
  assertStringIncludes(difference?.recorded ?? "", '"in":"took"');
  assertEquals(difference?.now, undefined);
});

test("replayFlight() goes as far as a flight goes that was cut short, and says so", async () => {
  const flight = await flightOfCall();
  const half = Math.floor(flight.length / 2);
  const cut = flight.slice(0, half);
  const torn = [...cut, (flight[half] ?? "").slice(0, -3)];
  const noted = [...cut, '{"note":"there was no room"}'];
  const ends: [readonly string[], string][] = [
    [cut, "it ends before its call"],
    [torn, "its last line is not whole"],
    [noted, "there was no room"],
  ];
  for (const [lines, cutShort] of ends) {
    const replay = await replayFlight(lines);
    assertEquals(replay, { ...replay, cutShort, lines: half, difference: undefined });
  }
  const changed = cut.with(half - 1, '{"out":"leg.clear","with":[]}');
  assert((await replayFlight(changed)).difference, "and is compared that far");
});

test("replayFlight() refuses what it cannot read, and says why", async () => {
  const flight = await flightOfCall();
  const wrong: [readonly string[], string][] = [
    [[], "its first line is no JSON"],
    [["hello"], "its first line is no JSON"],
    [['{"a":1}'], "its first line names no format"],
    [withHead(flight, (head) => ({ ...head, flight: 0 })), "it has format 0; this version reads 1"],
    [flight.with(70, "?"), "line 71 is no JSON"],
    [flight.with(70, '{"in":"fact"}'), "line 71 has none of the forms of a line"],
  ];
  for (const [lines, why] of wrong) {
    const error = await assertRejects(() => replayFlight(lines), FlightError);
    assertEquals(error.message, `Cannot read flight: ${why}`);
  }
  assertEquals(FLIGHT_FORMAT, 1);
});

test("a call that loses its model, and the next, replays to the same bytes", async () => {
  const gone = (message: string): OpenModel => (post) => {
    queueMicrotask(() => {
      const error = new ModelError("quota", message, { closeCode: 1011 });
      post({ type: "model-lost", error });
    });
    return new ScriptedModel(new FakeClock(), { answers: () => undefined });
  };
  const flight = await flightOfCall({
    openModel: () => gone("no more today"),
    tamper: (parts) => ({ ...parts, openSecondModel: gone("none of these either") }),
  });
  const kind = (line: string) => /^\{"out":"(model\.open|ended)"/.exec(line)?.[1] ?? [];
  assertEquals(flight.flatMap(kind), ["model.open", "model.open", "ended"]);
  assertStringIncludes(flight.at(-1) ?? "", '"model-failed","detail":"none of these either"');
  const { difference, cutShort } = await replayFlight(flight);
  assertEquals([difference, cutShort], [undefined, undefined]);
});

test("a call whose parts throw replays to the same bytes", async () => {
  const flight = await flightOfCall({
    tamper: (parts) => ({
      ...parts,
      leg: {
        ...parts.leg,
        clear: () => {
          throw new TypeError("no line");
        },
      },
    }),
    agent: { greeting: "Hello." },
    model: { answers: () => ({ pcm: agentVoice(6_000), text: WORDS }) },
  });
  assert(flight.some((line) => line.startsWith('{"in":"threw"')));
  assertStringIncludes(flight.at(-1) ?? "", "TypeError: no line");
  const { difference, cutShort } = await replayFlight(flight);
  assertEquals([difference, cutShort], [undefined, undefined]);
});
