import { assert, assertEquals, assertGreater } from "@std/assert";
import { decodeMulaw } from "../../audio/mulaw.ts";
import { breakIn, say, untilEnded } from "../../emulators/caller_script.ts";
import type { Answer, ModelTurn } from "../../emulators/model_script.ts";
import { agentLine, type AgentLineName, CALLER_LINES } from "../../emulators/speech.ts";
import { answerPlaceMs } from "../support/call_audio.ts";
import { hum } from "../support/held_call.ts";
import { hearsOut, says } from "../support/recorded.ts";
import { scaledClock } from "../support/scaled_clock.ts";
import { SocketRig } from "../support/socket_call.ts";

const TOMORROW = "2026-11-22";

/** A line of the agent, behind functions that it asks for. */
function spoken(name: AgentLineName, ...calls: NonNullable<Answer["calls"]>[number][]): Answer {
  const { text, pcm24k } = agentLine(name);
  return { text, pcm: pcm24k, ...(calls.length > 0 ? { calls } : {}) };
}

/** A murmur of somebody who listens. */
function murmur(): Int16Array {
  const mulaw = hum();
  const pcm = new Int16Array(mulaw.length);
  decodeMulaw(mulaw, pcm);
  return pcm;
}

/** Takes a booking, with a look at the tables and a note of what was agreed. */
function books({ type, words }: ModelTurn): Answer {
  if (type === "written") return spoken("greeting");
  switch (words) {
    case CALLER_LINES.table:
      return spoken("which-day");
    case CALLER_LINES.tomorrow:
      return spoken("table-is-free", { name: "find_table", args: { day: TOMORROW, guests: 4 } });
    case CALLER_LINES.window: {
      const args = { day: TOMORROW, time: "19:30", guests: 4, name: "Ann" };
      return spoken("by-the-window", { name: "book_table", args });
    }
    case CALLER_LINES.goodbye:
      return spoken("goodbye", { name: "hang_up", args: {} });
    default:
      return spoken("nothing-heard");
  }
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
    output: { booked: { day: TOMORROW, time: "19:30", guests: 4, name: "Ann" } },
  });
  assertEquals(session?.violations, []);
  for (const name of ["greeting", "which-day", "table-is-free", "goodbye"] as const) {
    assert(answerPlaceMs(agentLine(name).pcm24k, report) >= 0, `${name} was heard to the bit`);
  }
  const heard = record.transcript.filter(({ party }) => party === "agent")
    .map(({ heardText }) => heardText?.trim());
  assertEquals(
    heard,
    (["greeting", "which-day", "table-is-free", "by-the-window", "goodbye"] as const)
      .map((name) => agentLine(name).text),
  );
  assertEquals(record.transcript.filter(({ interrupted }) => interrupted), []);
  const ofTurns = record.turns.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);
  assertGreater(ofTurns, 0);
  assertGreater(record.costUsd ?? 0, ofTurns, "the greeting belongs to no turn");
});
