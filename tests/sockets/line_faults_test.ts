import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import { LINE_FRAME_SAMPLES, MODEL_INPUT_HZ } from "../../audio/rates.ts";
import { MULAW_SILENCE } from "../../audio/mulaw.ts";
import { burst, hangUp, say, wait } from "../../emulators/caller_script.ts";
import {
  chain,
  doubleFrames,
  loseFrames,
  reorderFrames,
  rubbish,
  type Tamper,
} from "../../emulators/line_faults.ts";
import { callerLine } from "../../emulators/speech.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { print } from "../../tasks/terminal.ts";
import { assertUnbroken, framesOf, keptTime, turnPlaceMs } from "../support/call_audio.ts";
import { says } from "../support/recorded.ts";
import { scaledClock } from "../support/scaled_clock.ts";
import { type FinishedCall, SocketRig } from "../support/socket_call.ts";

const SEED = 20_260_105;
/** Half of the speech may be gone where a turn begins and ends. */
const MOST_TURN_CHANGE_MS = 150;
const RUBBISH_PER_FRAME = 50;
const LEAST_RUBBISH = 10_000;
const LOUD_PAYLOAD = new Uint8Array(LINE_FRAME_SAMPLES).map((_, n) => n % 8 < 4 ? 0x80 : 0x00)
  .toBase64();

/** The one turn of a call. */
function onlyTurn(finished: FinishedCall): Int16Array {
  assertUnbroken(finished);
  const windows = finished.session?.windows ?? [];
  assertEquals(windows.length, 1, "one turn, neither lost nor broken in two");
  return windows[0]?.pcm ?? new Int16Array(0);
}

/** A model that listens and never answers. Nothing here depends on the pace, so some calls go faster. */
function listening(clock: Clock = systemClock): Promise<SocketRig> {
  return SocketRig.start({ clock, model: { script: { answers: () => undefined } } });
}

Deno.test("a call keeps 10,000 wrong messages from the model [T04]", async () => {
  let count = 0;
  const flood: Tamper = (message) => {
    if (message.event !== "media") return [message];
    const loud = { ...message, media: { ...Object(message.media), payload: LOUD_PAYLOAD } };
    const wrong = rubbish(loud);
    const before = Array.from(
      { length: RUBBISH_PER_FRAME },
      () => wrong[count++ % wrong.length] ?? "",
    );
    return [...before, message];
  };
  await using rig = await listening();
  const finished = await rig.call([wait(300), says("table"), wait(900), hangUp()], {
    faults: { tamper: flood },
  });
  assertGreaterOrEqual(count, LEAST_RUBBISH);
  const turn = onlyTurn(finished);
  assertGreaterOrEqual(turnPlaceMs(turn, framesOf(finished.report.said)), 0, "not a bit differs");
  assertEquals(finished.record.ending, "caller-hung-up");
  const { faults } = finished.record;
  const counted = ["message-unreadable", "other-stream"].map((name) => faults[name] ?? 0);
  assertGreater(Math.min(...counted), 0);
  print(`  ${count} wrong messages, counted: ${JSON.stringify(faults)}`);
});

/** Loses frames and remembers which, by their place in the stream. */
function losing(percent: number): { tamper: Tamper; lost: Set<number> } {
  const lose = loseFrames({ percent, seed: SEED });
  const lost = new Set<number>();
  let frame = 0;
  const tamper: Tamper = (message) => {
    const sent = lose(message);
    if (message.event === "media" && sent.length === 0) lost.add(frame);
    if (message.event === "media") frame++;
    return sent;
  };
  return { tamper, lost };
}

Deno.test("a call puts silence in the place of lost frames, 1, 5 or 20 in a hundred [T05]", async (t) => {
  await using rig = await listening(scaledClock(2));
  const calls = [0, 1, 5, 20].map(async (percent) => {
    const { tamper, lost } = losing(percent);
    const script = [wait(300), says("table"), wait(900), hangUp()];
    const finished = await rig.call(script, { faults: { tamper } });
    return { percent, lost, finished, turn: onlyTurn(finished) };
  });
  const [whole, ...broken] = await Promise.all(calls);
  assert(whole);
  for (const { percent, lost, finished, turn } of broken) {
    await t.step(`${percent} % (seed ${SEED})`, () => {
      const arrived = framesOf(finished.report.said).map((frame, n) =>
        lost.has(n) ? new Uint8Array(frame.length).fill(MULAW_SILENCE) : frame
      );
      const placeMs = turnPlaceMs(turn, arrived);
      assertGreaterOrEqual(placeMs, 0, "what came is in its place, to the bit: no length is lost");
      const longerMs = (turn.length - whole.turn.length) / 16;
      print(
        `  ${percent} %: ${lost.size} of ${arrived.length} frames lost, ` +
          `${finished.record.faults["frame-filled"]} filled; ` +
          `the turn is ${longerMs} ms longer than without loss`,
      );
      if (!keptTime(finished.report)) return;
      assertLessOrEqual(Math.abs(longerMs), MOST_TURN_CHANGE_MS, "the turn is the same");
    });
  }
});

Deno.test("a call takes doubled and reordered frames once each and in order [T06]", async () => {
  await using rig = await listening(scaledClock(2));
  const tamper = chain(
    reorderFrames({ percent: 30, seed: SEED }),
    doubleFrames({ percent: 30, seed: SEED + 1 }),
  );
  const finished = await rig.call([wait(300), says("table"), wait(900), hangUp()], {
    faults: { tamper },
  });
  const turn = onlyTurn(finished);
  assertGreaterOrEqual(turnPlaceMs(turn, framesOf(finished.report.said)), 0, `seed ${SEED}`);
  assertEquals(finished.record.faults["frame-filled"], undefined, "nothing was given up");
  assertGreater(finished.record.faults["media-doubled"] ?? 0, 50);
});

Deno.test("a call takes ten gaps of 500 ms, each with 25 frames at once after it, for one turn [T08]", async () => {
  const { pcm16k } = callerLine("story");
  const pieces = Array.from({ length: 10 }, (_, n) => {
    const piece = pcm16k.subarray(n * MODEL_INPUT_HZ, (n + 1) * MODEL_INPUT_HZ);
    return [burst(500), say(piece, { hz: MODEL_INPUT_HZ })];
  }).flat();
  const clock = scaledClock(2);
  await using rig = await listening(clock);
  const sentAtMs: number[] = [];
  const watch: Tamper = (message) => {
    if (message.event === "media") sentAtMs.push(clock.nowMs());
    return [message];
  };
  const finished = await rig.call([wait(300), ...pieces, wait(900), hangUp()], {
    faults: { tamper: watch },
  });
  const gaps = sentAtMs.filter((atMs, n) => n > 0 && atMs - (sentAtMs[n - 1] ?? 0) > 400);
  assertEquals(gaps.length, 10, "the line did hold frames back");
  const turn = onlyTurn(finished);
  assertGreaterOrEqual(turnPlaceMs(turn, framesOf(finished.report.said)), 0);
  assertGreaterOrEqual(turn.length / MODEL_INPUT_HZ, 10.5, "0 frames lost");
  assertEquals(finished.record.faults["frame-filled"], undefined);
});
