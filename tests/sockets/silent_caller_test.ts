import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { hangUp, pauseFrames, untilEnded, wait } from "../../emulators/caller_script.ts";
import { agentLine } from "../../emulators/speech.ts";
import { print } from "../../tasks/terminal.ts";
import { spoken } from "../support/recorded.ts";
import { scaledClock } from "../support/scaled_clock.ts";
import { SocketRig } from "../support/socket_call.ts";

const LONGEST_CALL_MS = 45_000;
const MOST_PROMPTS = 3;
const DEAD_LINE_MS = 20_000;

Deno.test("a caller who is muted is asked, told goodbye and hung up on by 45 s [T10]", async () => {
  await using rig = await SocketRig.start({
    clock: scaledClock(4),
    model: { script: { answers: spoken("greeting", "nothing-heard", "nothing-heard", "goodbye") } },
  });
  const { report, record, session } = await rig.call([wait(60_000), untilEnded()]);
  assertEquals(record.ending, "agent-hung-up");
  assertEquals(session?.violations, []);
  assertLessOrEqual(record.durationMs ?? Infinity, LONGEST_CALL_MS);
  const prompts = session?.texts.slice(1) ?? [];
  assert(prompts.length > 0 && prompts.length <= MOST_PROMPTS, `${prompts.length} prompts`);
  assertEquals(record.transcript.at(-1)?.text, agentLine("goodbye").text);
  assertEquals(record.transcript.at(-1)?.interrupted, false);
  assertEquals(record.repairs, {}, "the model was not to blame");
  print(`  T10: ${prompts.length} prompts, over after ${record.durationMs} ms`);
  assertEquals(report.endedBy, "twiml");
});

Deno.test("a stream on which nothing comes is closed within 20 s [T10]", async () => {
  await using rig = await SocketRig.start({
    clock: scaledClock(4),
    model: { script: { answers: spoken("greeting", "nothing-heard", "nothing-heard", "goodbye") } },
  });
  const { report, record } = await rig.call([pauseFrames(18_000), hangUp()]);
  const ended = report.requests.find(({ url }) => url.includes("/twilio/stream-ended"));
  assert(ended, "the stream was not closed");
  const closedMs = ended.sentAtMs - (report.audioStartedAtMs ?? 0);
  assertLessOrEqual(closedMs, DEAD_LINE_MS);
  assertEquals(record.faults["line-silent"], 1);
  assertEquals([record.ending, report.streams.length], ["line-dead", 1], "it does not come back");
  print(`  T10: closed after ${Math.round(closedMs)} ms`);
});
