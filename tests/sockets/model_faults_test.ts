import {
  assert,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
  assertStringIncludes,
} from "@std/assert";
import { hangUp, untilEnded, wait } from "../../emulators/caller_script.ts";
import type { Fault } from "../../emulators/model_script.ts";
import { print } from "../../tasks/terminal.ts";
import { answerPlaceMs, assertFed, framesOf, turnPlaceMs } from "../support/call_audio.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { scaledClock } from "../support/scaled_clock.ts";
import { API_KEY, type FinishedCall, SocketRig } from "../support/socket_call.ts";
import { strangeFrames } from "../support/strange_frames.ts";

const SEED = 20_260_105;
/** All is over within 8 s; the rest is for a machine with much to do, whose time runs faster here. */
const LONGEST_FAILURE_MS = 11_000;

/** The second turn of a call was heard both ways as if nothing had happened. */
function assertGoesOn({ report, record, session }: FinishedCall): void {
  assertEquals(session?.violations, []);
  assertEquals(report.warnings, []);
  assertEquals(report.gaveUp, undefined);
  assertFed(report);
  assertEquals(record.ending, "caller-hung-up");
  const [window, last] = [session?.windows.at(-1), session?.sent.at(-1)];
  assert(window && last);
  assert(turnPlaceMs(window.pcm, framesOf(report.said)) >= 0, "the model still hears");
  assert(answerPlaceMs(last.pcm, report) >= 0, "the caller still hears");
}

Deno.test("a call outlives 1,000 messages of the model that make no sense [G15]", async () => {
  const faults = strangeFrames(SEED).map((frame, n): Fault => ({
    type: "send",
    frame,
    when: { at: "answer", turn: 0, afterMs: n },
  }));
  await using rig = await SocketRig.start({
    model: { script: { answers: spoken("greeting", "of-course"), faults } },
  });
  // What the strange audio sounds like is nobody's business, so the caller just waits for it to be over.
  const finished = await rig.call([wait(4_500), says("stop"), hearsOut, hangUp()]);
  assertGoesOn(finished);
  const { faults: counts } = finished.record;
  assertGreater(Object.values(counts).reduce((sum, count) => sum + count, 0), 100);
  print(`  seed ${SEED}, counted: ${JSON.stringify(counts)}`);
});

Deno.test("a call outlives frames that are not JSON, in the middle of an answer [P02]", async () => {
  const junk: (string | Uint8Array)[] = [
    "",
    "not json",
    "{",
    "[]",
    '{"text":""}',
    Uint8Array.of(0xff),
  ];
  const faults = junk.map((frame, n): Fault => ({
    type: "send",
    frame,
    when: { at: "answer", turn: 0, afterMs: 20 * n },
  }));
  await using rig = await SocketRig.start({
    model: { script: { answers: spoken("which-day", "of-course"), faults } },
  });
  const finished = await rig.call([hearsOut, says("stop"), hearsOut, hangUp()]);
  assertGoesOn(finished);
  const [first] = finished.session?.sent ?? [];
  assert(first && answerPlaceMs(first.pcm, finished.report) >= 0, "the answer is whole");
});

interface Failure {
  readonly faults: readonly Fault[];
  readonly badKey?: string;
  readonly attempts: number;
}

const FAILURES: Record<string, Failure> = {
  "refuses the key [G01]": { faults: [], badKey: API_KEY, attempts: 1 },
  "answers 403 [G01]": {
    attempts: 1,
    faults: [{ type: "refuse-upgrade", status: 403, when: { at: "upgrade" } }],
  },
  "answers 404 [G01]": {
    attempts: 1,
    faults: [{ type: "refuse-upgrade", status: 404, when: { at: "upgrade" } }],
  },
  "has no quota left [G02]": {
    attempts: 2,
    faults: [{ type: "refuse-upgrade", status: 429, when: { at: "upgrade" } }],
  },
  "never answers the setup [G03]": {
    attempts: 2,
    faults: [{ type: "mute", when: { at: "setup" } }],
  },
  "never answers the upgrade [G03]": {
    attempts: 2,
    faults: [{ type: "never-upgrade", when: { at: "upgrade" } }],
  },
  "answers 503": {
    attempts: 4,
    faults: [{ type: "refuse-upgrade", status: 503, when: { at: "upgrade" } }],
  },
};

for (const [what, { faults, badKey, attempts }] of Object.entries(FAILURES)) {
  Deno.test(`a caller whose model ${what} hears an apology or is handed over`, async () => {
    await Promise.all([undefined, "+15558880000"].map(async (fallbackNumber) => {
      await using rig = await SocketRig.start({
        clock: scaledClock(4),
        model: { script: { answers: [], faults }, ...(badKey ? { badKey } : {}) },
        settings: { fallbackNumber },
      });
      const { report, record } = await rig.call([untilEnded()]);
      assertEquals(rig.model.connects, attempts);
      assertEquals(record.ending, "model-failed");
      assertLessOrEqual(record.durationMs ?? Infinity, LONGEST_FAILURE_MS);
      assertEquals(report.warnings, []);
      assertEquals(report.endedBy, "twiml");
      assertEquals(report.spoken.length, 1);
      assertStringIncludes(report.spoken[0]?.text ?? "", "something went wrong");
      const dialled = report.dials.flatMap(({ targets }) => targets);
      assertEquals(dialled, fallbackNumber ? [fallbackNumber] : []);
    }));
  });
}
