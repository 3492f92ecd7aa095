import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { breakIn, hangUp } from "../../emulators/caller_script.ts";
import type { Delivery } from "../../emulators/model_script.ts";
import { print } from "../../tasks/terminal.ts";
import {
  answerPlaceMs,
  assertUnbroken,
  framesOf,
  heardPartMs,
  keptTime,
  turnPlaceMs,
} from "../support/call_audio.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { type FinishedCall, SocketRig } from "../support/socket_call.ts";

const BREAKS_IN_AFTER_MS = [100, 900, 2_000];
const LONGEST_CLEAR_MS = 100;

type Figure = "clearMs" | "sinceOnsetMs" | "errorMs";

/** A caller breaks into the first answer; gives what it took. */
function checkBargeIn(finished: FinishedCall): Record<Figure, number> {
  assertUnbroken(finished);
  const { report, record, session } = finished;
  const [window] = session?.windows ?? [];
  const [broken, next] = session?.sent ?? [];
  const [clear, ...otherClears] = report.clears;
  assert(window && broken && next && clear);
  assertEquals(otherClears, []);
  assertEquals([broken.outcome, next.outcome], ["interrupted", "complete"]);

  const nextAtMs = next.firstSentAtMs ?? 0;
  const ofTheDead = report.messages.filter(({ event, atMs }) =>
    event === "media" && atMs > clear.atMs && atMs < nextAtMs
  );
  assertEquals(ofTheDead, [], "audio of the dead answer went out");
  assert(answerPlaceMs(next.pcm, report) >= 0, "the next answer is heard whole");
  assert(turnPlaceMs(window.pcm, framesOf(report.said)) >= 0, "the interruption is heard whole");

  const [entry] = record.transcript;
  assert(entry?.interrupted && entry.heardMs !== undefined);
  const errorMs = Math.abs(entry.heardMs - heardPartMs(broken.pcm, report));
  if (keptTime(report)) assertLessOrEqual(errorMs, 60, "the record knows what was heard");
  assert(entry.text.startsWith(entry.heardText ?? "?"));
  const onsetMs = report.utterances[0]?.startedAtMs ?? NaN;
  return {
    clearMs: clear.atMs - window.startedAtMs,
    sinceOnsetMs: clear.atMs - onsetMs,
    errorMs,
  };
}

const DELIVERIES: Record<string, Partial<Delivery>> = {
  "All at once": { pace: 50 },
  "With late chunks": { pace: 2, lateAudioMs: 300 },
};

Deno.test("a caller who breaks in silences the answer, however it comes, and nothing of it follows [T07]", async () => {
  await Promise.all(
    Object.entries(DELIVERIES).map(async ([how, delivery]) => {
      await using rig = await SocketRig.start({
        model: { script: { answers: spoken("by-the-window", "of-course"), delivery } },
      });
      const calls = await Promise.all(
        BREAKS_IN_AFTER_MS.map((afterMs) =>
          rig.call([breakIn(afterMs), says("wait"), hearsOut, hangUp()])
        ),
      );
      const figures = calls.map(checkBargeIn);
      const longest = (name: Figure) => Math.max(...figures.map((figure) => figure[name]));
      print(
        `  ${how}: clear at most ${longest("clearMs").toFixed(1)} ms from activityStart, ` +
          `${longest("sinceOnsetMs").toFixed(0)} ms after the caller began; ` +
          `what was heard is known to ${longest("errorMs").toFixed(0)} ms`,
      );
      if (calls.every(({ report }) => keptTime(report))) {
        assertLessOrEqual(longest("clearMs"), LONGEST_CLEAR_MS);
      }
      if (!delivery.lateAudioMs) return;
      const late = calls.map(({ record }) => record.faults["late-agent-audio"] ?? 0);
      assertGreater(Math.max(...late), 0, "late chunks did come");
    }),
  );
});
