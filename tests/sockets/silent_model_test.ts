import { assert, assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { levelDbfs } from "../../audio/level.ts";
import { decodeMulaw } from "../../audio/mulaw.ts";
import { FRAME_MS } from "../../audio/rates.ts";
import { breakIn, hangUp, untilEnded, wait } from "../../emulators/caller_script.ts";
import type { Answer, Fault, ModelTurn } from "../../emulators/model_script.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";
import { agentLine } from "../../emulators/speech.ts";
import { print } from "../../tasks/terminal.ts";
import {
  answerPlaceMs,
  asCallerHears,
  framesOf,
  heardPartMs,
  keptTime,
} from "../support/call_audio.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { scaledClock } from "../support/scaled_clock.ts";
import { SocketRig } from "../support/socket_call.ts";

/** What B2 and B3 of invariant I6 allow. */
const LONGEST_SILENCE_MS = 2_000;
/** Softer than this nobody hears. */
const SILENT_DBFS = -55;
const GREETING = agentLine("greeting");
const LONG = agentLine("by-the-window");
const SHORT = agentLine("of-course");

/** The rest of the long answer, from the word on that it was asked to go on from. */
function rest(words: string): Answer {
  const [, said = ""] = /up to here: "([^"]*)"/.exec(words) ?? [];
  const all = LONG.text.split(/\s+/);
  const from = said.trim().split(/\s+/).length;
  const pcm = LONG.pcm24k.slice(Math.round(LONG.pcm24k.length * from / all.length));
  return { text: all.slice(from).join(" "), pcm };
}

/** Greets, answers what is said with the long line, and goes on with it when asked to. */
function answersLong(turn: ModelTurn): Answer {
  if (turn.words.includes("up to here")) return rest(turn.words);
  const { text, pcm24k } = turn.type === "spoken" ? LONG : GREETING;
  return { text, pcm: pcm24k };
}

/** Runs of silence at the caller's ear, in milliseconds of the call's audio. */
function silences({ heard }: PhoneCallReport): { fromMs: number; toMs: number }[] {
  const runs: { fromMs: number; toMs: number }[] = [];
  const pcm = new Int16Array(160);
  for (const [n, frame] of framesOf(heard).entries()) {
    decodeMulaw(frame, pcm);
    if (levelDbfs(pcm) >= SILENT_DBFS) continue;
    const [fromMs, toMs] = [n * FRAME_MS, (n + 1) * FRAME_MS];
    const last = runs.at(-1);
    if (last?.toMs === fromMs) last.toMs = toMs;
    else runs.push({ fromMs, toMs });
  }
  return runs;
}

/** Longest silence between two moments of the clock. */
function longestSilenceMs(report: PhoneCallReport, fromMs: number, toMs: number): number {
  const startMs = report.audioStartedAtMs ?? 0;
  return Math.max(
    0,
    ...silences(report).map((run) =>
      Math.min(run.toMs, toMs - startMs) - Math.max(run.fromMs, fromMs - startMs)
    ),
  );
}

for (
  const [row, fault] of [
    ["G06", { type: "close", code: 1011, reason: "Internal error encountered." }],
    ["G14", { type: "mute" }],
  ] as const
) {
  const what = row === "G06" ? "connection breaks" : "model falls mute";
  Deno.test(`an answer in whose middle the ${what} plays out, is bridged and gone on with [${row}] [I6]`, async () => {
    const when = { at: "answer", turn: 1, afterMs: 1_200 } as const;
    await using rig = await SocketRig.start({
      clock: scaledClock(2),
      model: { script: { answers: answersLong, faults: [{ ...fault, when, connection: 0 }] } },
    });
    const { report, record } = await rig.call([hearsOut, says("window"), wait(20_000), hangUp()]);
    assertEquals(record.ending, "caller-hung-up");
    const [first, second] = rig.model.sessions;
    const cut = first?.sent.find(({ turn }) => turn === 1);
    const goOn = second?.texts.find(({ text }) => text.includes("up to here"));
    assert(cut && second && goOn, "there are two connections");
    assertEquals(rig.model.sessions.flatMap(({ violations }) => violations), []);

    const sentMs = cut.samplesSent / 24;
    const heardMs = heardPartMs(LONG.pcm24k, report);
    assert(heardMs > sentMs - 60, `${heardMs} of ${sentMs} ms were heard: what had come plays out`);
    const restMs = rest(goOn.text).pcm.length / 24;
    assert(answerPlaceMs(rest(goOn.text).pcm, report) >= 0, "the rest is heard whole");
    const repeatedMs = Math.max(0, heardMs + restMs - LONG.pcm24k.length / 24);
    assertLessOrEqual(repeatedMs, 500);

    const owedFromMs = (cut.firstSentAtMs ?? 0) + heardMs;
    const restAtMs = second.sent[0]?.firstSentAtMs ?? Infinity;
    const silentMs = longestSilenceMs(report, owedFromMs - 500, restAtMs);
    assertLessOrEqual(silentMs, LONGEST_SILENCE_MS);
    assertLessOrEqual(goOn.atMs - owedFromMs, 6_000, "the connection is another one by then");
    const entry = record.transcript.find(({ brokenOff }) => brokenOff);
    assert(entry?.party === "agent" && LONG.text.startsWith(entry.text), "the turn is marked");
    print(
      `  ${row}: repeated ${repeatedMs} ms, silence ${silentMs} ms, reconnected ${
        Math.round(goOn.atMs - owedFromMs)
      } ms after the last sound; ${JSON.stringify(record.repairs)}`,
    );
  });
}

const NOTHING = { text: "", pcm: new Int16Array() };
const NO_ANSWERS: Record<string, { answer: Answer | undefined; faults?: Fault[] }> = {
  "absent": { answer: undefined },
  "empty": { answer: NOTHING },
  "text-only": { answer: { ...NOTHING, text: "I write." } },
  "rejected": { answer: { ...NOTHING, turnCompleteReason: "RESPONSE_REJECTED" } },
  "near-silent": {
    answer: { text: SHORT.text, pcm: SHORT.pcm24k },
    faults: [{ type: "distort", how: "near-silence", when: { at: "answer", turn: 1 } }],
  },
};

for (const [problem, { answer, faults = [] }] of Object.entries(NO_ANSWERS)) {
  Deno.test(`an answer that is ${problem} is asked for again, and the caller hears it once [I6]`, async () => {
    const answers = ({ index }: ModelTurn): Answer | undefined => {
      if (index === 1) return answer;
      const { text, pcm24k } = index === 0 ? GREETING : SHORT;
      return { text, pcm: pcm24k };
    };
    await using rig = await SocketRig.start({
      clock: scaledClock(2),
      model: { script: { answers, faults } },
    });
    const { report, record, session } = await rig.call(
      [hearsOut, says("window"), wait(8_000), hangUp()],
    );
    assertEquals(record.ending, "caller-hung-up");
    assertEquals(session?.violations, []);
    assertEquals(record.faults[`answer-${problem}`], 1);
    assertEquals(record.repairs["nudge"], 1);
    const askedAtMs = session?.windows[0]?.endedAtMs ?? 0;
    const good = session?.sent.find(({ turn }) => turn === 2);
    const silentMs = longestSilenceMs(report, askedAtMs, good?.firstSentAtMs ?? Infinity);
    assertLessOrEqual(silentMs, LONGEST_SILENCE_MS);
    assert(answerPlaceMs(SHORT.pcm24k, report) >= 0, "the answer is heard whole");
    const once = asCallerHears(SHORT.pcm24k).length / 8;
    const spokenMs = record.transcript.at(-1)?.heardMs ?? 0;
    assertLess(spokenMs, once + 100);
    print(`  ${problem}: longest silence ${silentMs} ms`);
  });
}

Deno.test("a model that never speaks is given up, and the caller is told and handed over [I6]", async () => {
  await using rig = await SocketRig.start({
    clock: scaledClock(4),
    model: { script: { answers: () => undefined } },
    settings: { fallbackNumber: "+15558880000" },
  });
  const { report, record } = await rig.call([untilEnded()]);
  assertEquals(record.ending, "model-failed");
  assertLessOrEqual(record.durationMs ?? Infinity, 12_000);
  const endedAtMs = (report.audioStartedAtMs ?? 0) + (record.durationMs ?? 0);
  assertLessOrEqual((report.spoken[0]?.atMs ?? Infinity) - endedAtMs, 3_000, "B4");
  assertEquals(report.dials.flatMap(({ targets }) => targets), ["+15558880000"]);
  const silentMs = longestSilenceMs(report, report.audioStartedAtMs ?? 0, endedAtMs);
  assertLessOrEqual(silentMs, LONGEST_SILENCE_MS);
  print(`  given up after ${record.durationMs} ms, longest silence ${silentMs} ms`);
});

Deno.test("a second model goes on where the first one never speaks", async () => {
  const second = "gemini-3.1-flash-live-preview";
  const answers = ({ connection }: ModelTurn): Answer | undefined => {
    const { model } = rig.model.sessions[connection]?.setup ?? {};
    return model?.endsWith(second) ? { text: GREETING.text, pcm: GREETING.pcm24k } : undefined;
  };
  await using rig = await SocketRig.start({
    clock: scaledClock(4),
    fallbackModel: second,
    model: { script: { answers } },
  });
  const { report, record } = await rig.call([wait(18_000), hangUp()]);
  assertEquals(record.ending, "caller-hung-up");
  assertEquals(record.repairs["second-model"], 1);
  assert(answerPlaceMs(GREETING.pcm24k, report) >= 0);
});

Deno.test("a caller hears a tone within a second while the model is slow to be set up [G03]", async () => {
  await using rig = await SocketRig.start({
    model: {
      script: {
        answers: spoken("greeting"),
        faults: [{ type: "delay-setup", ms: 2_000, when: { at: "setup" } }],
      },
    },
  });
  const { report } = await rig.call([hearsOut, hangUp()]);
  const [first] = silences(report);
  const silentMs = first?.fromMs === 0 ? first.toMs : 0;
  assertLessOrEqual(silentMs, 1_000);
  assert(answerPlaceMs(GREETING.pcm24k, report) >= 0);
  print(`  G03: tone after ${silentMs} ms`);
});

Deno.test("a minute of audio in a second is paced, and stops when the caller breaks in [G17]", async () => {
  const minute = new Int16Array(60 * 24_000);
  for (let at = 0; at < minute.length; at += LONG.pcm24k.length) {
    minute.set(LONG.pcm24k.subarray(0, minute.length - at), at);
  }
  await using rig = await SocketRig.start({
    model: {
      script: {
        answers: [{ text: LONG.text, pcm: minute }, { text: SHORT.text, pcm: SHORT.pcm24k }],
        delivery: { pace: 60 },
      },
    },
  });
  const call = rig.dial([breakIn(4_000), says("stop"), hearsOut, hangUp()]);
  const { report, record, session } = await rig.finish(call);
  assertEquals(session?.violations, []);
  const isInTime = keptTime(report);
  if (!isInTime) print("  The machine did not keep time: lead and silence do not count.");
  for (const { waitingMs } of isInTime ? report.messages : []) assertLessOrEqual(waitingMs, 500);
  const [said] = report.utterances;
  const window = session?.windows[0];
  assert(said && window);
  const cleared = report.messages.find(({ event }) => event === "clear");
  const silentAfterMs = (cleared?.atMs ?? Infinity) - said.startedAtMs;
  const entry = record.transcript.find(({ interrupted }) => interrupted);
  assert(entry && (entry.spokenMs ?? 0) >= 59_000, "all of it had come");
  const stoppedMs = (cleared?.atMs ?? Infinity) - window.startedAtMs;
  if (isInTime) assertLessOrEqual(stoppedMs, 200, "silent once the caller is known to break in");
  assert(answerPlaceMs(SHORT.pcm24k, report) >= 0, "and the next answer is heard");
  print(`  G17: silent ${Math.round(silentAfterMs)} ms after the first word`);
});
