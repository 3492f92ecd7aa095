/** Callers who are put through: whom it reaches, what they hear, and how those come back who reach nobody. */
import { assert, assertEquals } from "@std/assert";
import { hangUp, untilEnded } from "../../emulators/caller_script.ts";
import type { Answer, ModelTurn } from "../../emulators/model_script.ts";
import type { DialOutcome } from "../../emulators/phone_report.ts";
import { agentLine, type AgentLineName, CALLER_LINES } from "../../emulators/speech.ts";
import { line } from "../support/booking.ts";
import { answerPlaceMs } from "../support/call_audio.ts";
import { hearsOut, says } from "../support/recorded.ts";
import { scaledClock } from "../support/scaled_clock.ts";
import { type FinishedCall, SocketRig } from "../support/socket_call.ts";

const KITCHEN = {
  number: "+15550003333",
  description: "The kitchen",
  ringSeconds: 7,
  whisper: "A guest who is < 3 & hungry.",
};
const OURS = "+15559990000";

/** Puts the caller through whatever they say; says so when that fails, and goodbye. */
function putsThrough(turn: ModelTurn): Answer {
  if (turn.words.includes("put the caller through")) return line("one-moment");
  if (turn.type === "written") return line("greeting");
  if (turn.words === CALLER_LINES.goodbye) return line("goodbye");
  return line("of-course", { name: "transfer_call", args: { destination: "kitchen" } });
}

async function start(): Promise<SocketRig> {
  return await SocketRig.start({
    clock: scaledClock(2),
    model: { script: { answers: putsThrough } },
    agent: { tools: ["transfer_call"], destinations: { kitchen: KITCHEN } },
  });
}

/** What the agent said, as the record has it. */
function agentWords({ record }: FinishedCall): string[] {
  return record.transcript.filter(({ party }) => party === "agent").map(({ text }) => text.trim());
}

function texts(...names: readonly AgentLineName[]): string[] {
  return names.map((name) => agentLine(name).text);
}

const FAILURES: Readonly<Record<Exclude<DialOutcome["status"], "completed">, string>> = {
  busy: "but the line was busy",
  "no-answer": "but nobody answered",
  failed: "but the connection could not be made",
};

for (const [status, why] of Object.entries(FAILURES) as [DialOutcome["status"], string][]) {
  Deno.test(`a transfer that ends as ${status} comes back to the agent, who says so and goes on`, async () => {
    await using rig = await start();
    const finished = await rig.call([
      hearsOut,
      says("table"),
      hearsOut,
      // The line rings in vain, and the agent is back.
      hearsOut,
      says("goodbye"),
      hearsOut,
      hangUp(),
    ], { dialOutcome: () => ({ status }) });
    const { report, record } = finished;
    const [dial, ...more] = report.dials;
    assertEquals(more, []);
    assertEquals(dial?.targets, [KITCHEN.number]);
    assertEquals([dial?.attributes.timeout, dial?.attributes.callerId], ["7", OURS]);
    assertEquals(dial?.whispered, [], "nobody was there to hear it");
    assertEquals(report.warnings, []);
    assertEquals(record.ending, "caller-hung-up");
    const cues = rig.sessionsOf(report.from).flatMap((each) => each.texts.map(({ text }) => text));
    assertEquals(cues.filter((cue) => cue.includes(why)).length, 1, cues.join("\n"));
    assertEquals(agentWords(finished), texts("greeting", "of-course", "one-moment", "goodbye"));
    for (const name of ["of-course", "one-moment", "goodbye"] as const) {
      assert(answerPlaceMs(agentLine(name).pcm24k, report) >= 0, `${name} was heard`);
    }
  });
}

Deno.test("a transfer that is answered: the other side hears the whisper first, and the call ends with their hang-up", async () => {
  await using rig = await start();
  const { report, record } = await rig.call([
    hearsOut,
    says("table"),
    untilEnded(),
  ], { dialOutcome: () => ({ status: "completed", talkMs: 500 }) });
  assertEquals(report.dials.map(({ status, whispered }) => [status, whispered]), [
    ["completed", [KITCHEN.whisper]],
  ]);
  assertEquals(report.spoken, [], "the caller does not hear it");
  assertEquals(report.warnings, []);
  assert(answerPlaceMs(agentLine("of-course").pcm24k, report) >= 0, "the words before it were");
  assertEquals([record.ending, record.endingDetail], ["transferred", "kitchen"]);
  assertEquals(report.endedBy, "twiml");
});
