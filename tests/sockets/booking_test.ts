import { assert, assertEquals, assertGreater } from "@std/assert";
import { decodeMulaw } from "../../audio/mulaw.ts";
import { breakIn, say, untilEnded } from "../../emulators/caller_script.ts";
import { agentLine } from "../../emulators/speech.ts";
import { AGENT_LINES, BOOKING, books } from "../support/booking.ts";
import { answerPlaceMs } from "../support/call_audio.ts";
import { hum } from "../support/held_call.ts";
import { hearsOut, says } from "../support/recorded.ts";
import { scaledClock } from "../support/scaled_clock.ts";
import { SocketRig } from "../support/socket_call.ts";

/** A murmur of somebody who listens. */
function murmur(): Int16Array {
  const mulaw = hum();
  const pcm = new Int16Array(mulaw.length);
  decodeMulaw(mulaw, pcm);
  return pcm;
}

Deno.test("a whole booking: a question, a look at the tables, a murmur, the booking, the goodbye, and the agent hangs up", async () => {
  await using rig = await SocketRig.start({
    clock: scaledClock(2),
    model: { script: { answers: books } },
    agent: { tools: ["hang_up", "find_table", "book_table"] },
  });
  const { report, record, session } = await rig.call([
    hearsOut,
    says("table"),
    hearsOut,
    says("tomorrow"),
    hearsOut,
    says("window"),
    // It stops nothing.
    breakIn(1_500),
    say(murmur()),
    hearsOut,
    says("goodbye"),
    untilEnded(),
  ]);
  assertEquals(report.endedBy, "twiml");
  assertEquals(record.ending, "agent-hung-up");
  assertEquals(record.tools?.map(({ name, ending }) => [name, ending]), [
    ["find_table", "answered"],
    ["book_table", "answered"],
    ["hang_up", "answered"],
  ]);
  const [found, booked] = session?.toolResponses ?? [];
  assertEquals(found?.response, { output: { free: ["17:30", "18:00", "18:30"] } });
  assertEquals(booked?.response, {
    output: { booked: BOOKING },
  });
  assertEquals(session?.violations, []);
  for (const name of ["greeting", "which-day", "table-is-free", "goodbye"] as const) {
    assert(answerPlaceMs(agentLine(name).pcm24k, report) >= 0, `${name} was heard to the bit`);
  }
  const heard = record.transcript.filter(({ party }) => party === "agent")
    .map(({ heardText }) => heardText?.trim());
  assertEquals(
    heard,
    AGENT_LINES.map((name) => agentLine(name).text),
  );
  assertEquals(record.transcript.filter(({ interrupted }) => interrupted), []);
  const ofTurns = record.turns.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);
  assertGreater(ofTurns, 0);
  assertGreater(record.costUsd ?? 0, ofTurns, "the greeting belongs to no turn");
});
