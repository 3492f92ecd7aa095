import { assert, assertEquals, assertGreater, assertGreaterOrEqual } from "@std/assert";
import { breakIn, hangUp } from "../../emulators/caller_script.ts";
import { addRubbish, type LineFaults } from "../../emulators/line_faults.ts";
import type { Fault } from "../../emulators/model_script.ts";
import type { PhoneCall } from "../../emulators/phone_call.ts";
import { answerPlaceMs, assertUnbroken, framesOf, turnPlaceMs } from "../support/call_audio.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import {
  type FinishedCall,
  type RigCallOptions,
  SocketRig,
  until,
} from "../support/socket_call.ts";

const SEED = 20_260_105;
/** Which of three calls is broken, from 0. */
const BROKEN = 1;

/** Both sides of a call were heard to the bit. */
function assertUnharmed(finished: FinishedCall): void {
  assertUnbroken(finished);
  const { report, record, session } = finished;
  assert(session);
  assertEquals(record.ending, "caller-hung-up");
  assertEquals([session.windows.length, session.sent.length], [1, 2]);
  const said = framesOf(report.said);
  for (const { pcm } of session.windows) assertGreaterOrEqual(turnPlaceMs(pcm, said), 0);
  for (const { pcm } of session.sent) assertGreaterOrEqual(answerPlaceMs(pcm, report), 0);
}

/** Three calls at once, the second of them broken; gives what became of that one. */
async function breakOneOfThree(
  { line, model }: { line?: LineFaults; model?: Fault },
): Promise<FinishedCall> {
  const faults = model ? [{ ...model, connection: BROKEN }] : [];
  await using rig = await SocketRig.start({
    model: { script: { answers: spoken("which-day", "of-course"), faults } },
  });
  const dial = async (n: number): Promise<PhoneCall> => {
    const end = n === BROKEN ? breakIn(1_000) : hearsOut;
    const options: RigCallOptions = n === BROKEN && line ? { faults: line } : {};
    const call = rig.dial([hearsOut, says("stop"), end, hangUp()], options);
    await until(() => rig.model.sessions[n]?.sent.length === 1, `call ${n} is answered`);
    return call;
  };
  const calls = [await dial(0), await dial(1), await dial(2)];
  const [first, broken, last] = await Promise.all(calls.map((call) => rig.finish(call)));
  assert(first && broken && last);
  assertUnharmed(first);
  assertUnharmed(last);
  return broken;
}

Deno.test("two calls are unharmed to the bit while the line of a third sends rubbish, breaks and comes back", async () => {
  const tamper = addRubbish({ percent: 80, seed: SEED });
  const line = { tamper, resetAfterMs: 3_000 };
  const { report, record, session } = await breakOneOfThree({ line });
  assertGreater(report.streams.length, 1, "the call goes on");
  assertEquals(record.ending, "caller-hung-up");
  assertGreater(record.faults["message-unreadable"] ?? 0, 50);
  assertEquals(session?.violations, []);
});

Deno.test("two calls are unharmed to the bit while the model of a third breaks and comes back", async () => {
  const when = { at: "answer", turn: 1, afterMs: 50 } as const;
  const { report, record } = await breakOneOfThree({ model: { type: "reset", when } });
  assertEquals(record.ending, "caller-hung-up");
  assertEquals(report.spoken, [], "nothing to apologise for");
});
