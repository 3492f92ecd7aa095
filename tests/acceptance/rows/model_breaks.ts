/**
 * G05 to G07, G12, G14, G17: the model breaks in the middle of a call.
 *
 * @module
 */

import { FRAME_MS, LINE_FRAME_SAMPLES } from "../../../audio/rates.ts";
import { breakIn, hangUp, wait } from "../../../emulators/caller_script.ts";
import type { ModelTurn } from "../../../emulators/model_script.ts";
import { answerHeard, firstSoundMs, framesOfAnswer, heardFrames, silenceMs } from "../heard.ts";
import type { FinishedCall, Rig } from "../rig.ts";
import type { Row } from "../row.ts";
import {
  type CodedAnswer,
  codedAnswer,
  codedCaller,
  GREETING,
  hearsOut,
  lineAfter,
  longAnswer,
  restOf,
  saysCoded,
} from "../speech.ts";
import { arrivalOf, framesAtModel } from "../uplink.ts";

/** Silence that may be owed altogether because of one fault [B3]. */
const MOST_OWED_MS = 2_000;
/** The second utterance is under way by then: an ordinary turn comes first, to compare with. */
const MID_SPEECH_MS = 3_000;
const BROKEN = codedAnswer("by-the-window", 0);
const LAST_WORDS = { first: BROKEN.length - 50, length: 50 };
const MINUTE = longAnswer(60_000, 0);
const FLOODED_CALLS = 5;
const SHORT = codedAnswer("of-course", 800);
const CUT_MARKS = ["brokenOff", "interrupted"];

/** How much longer an utterance waited for the agent than the one before, where nothing went wrong. */
function addedMs({ report }: FinishedCall, utterance: number): number {
  const [usual, slow] = [utterance - 1, utterance].map((n) => report.utterances[n]);
  const heard = heardFrames(report);
  const answerMs = firstSoundMs(heard, slow?.endedAtMs ?? NaN, "agent") ?? NaN;
  return answerMs - (slow?.endedAtMs ?? NaN) - (usual?.latencyMs ?? NaN);
}

/** How many answers the model began to speak. */
function spokenAnswers({ sessions }: FinishedCall): number {
  return sessions.flatMap(({ sent }) => sent).filter(({ samplesSent }) => samplesSent > 0).length;
}

/** Made here once: to number the frames of a story takes longer than a call may wait. */
const STORY_TELLER = [
  ...[hearsOut, saysCoded("stop"), hearsOut, saysCoded("story", 100), hearsOut],
  hangUp(),
];

/** The connection is lost while the caller speaks; what was said is said again to the next one. */
async function resetMidSpeech(rig: Rig): Promise<() => void> {
  const finished = await rig.call(STORY_TELLER);
  return () => {
    const length = Math.floor(codedCaller("story").length / LINE_FRAME_SAMPLES);
    const [, resumed] = finished.sessions;
    const arrived = framesAtModel(resumed ? [resumed] : []);
    rig.figures.is("frames missing", arrivalOf(arrived, { first: 100, length }).missing, 0);
    rig.figures.is("resumed", resumed?.resumedFrom !== undefined, true);
    rig.figures.atMost("added", addedMs(finished, 1), 1_500, "ms");
    rig.figures.is("answers", spokenAnswers(finished), 3);
  };
}

/** A model that is told in writing up to which words it was heard, and goes on from there. */
function goingOn({ index, type, words }: ModelTurn): CodedAnswer | undefined {
  if (type === "spoken") return BROKEN;
  if (index === 0) return GREETING;
  const said = BROKEN.text.split(" ");
  const last = said.findLastIndex((_, n) =>
    words.includes(said.slice(Math.max(0, n - 3), n + 1).join(" "))
  );
  return restOf(BROKEN, Math.round(BROKEN.length * (last + 1) / said.length));
}

/** An answer is cut in the middle. */
async function cutAnswer(rig: Rig): Promise<void> {
  const { report, record } = await rig.call([hearsOut, saysCoded("stop"), wait(14_000), hangUp()]);
  const heard = heardFrames(report);
  const frames = framesOfAnswer(heard, BROKEN);
  const span = { fromMs: frames[0]?.atMs ?? NaN, toMs: frames.at(-1)?.atMs ?? NaN };
  rig.figures.atMost("owed silence", silenceMs(heard, span), MOST_OWED_MS, "ms");
  const { repeated } = answerHeard(heard, BROKEN);
  rig.figures.atMost("said twice", repeated * FRAME_MS, 500, "ms");
  rig.figures.is("said to its end", framesOfAnswer(heard, LAST_WORDS).length > 0, true);
  const isMarked = record.transcript.some((entry) =>
    Object.entries(entry).some(([name, value]) => CUT_MARKS.includes(name) && value === true)
  );
  rig.figures.is("marked as cut", isMarked, true);
}

/** Resuming is refused, twice: the third connection begins anew, and knows what was said. */
async function refusedResume(rig: Rig): Promise<void> {
  const script = [hearsOut, saysCoded("stop"), hearsOut, wait(4_000), saysCoded("stop"), hearsOut];
  const { report, sessions } = await rig.call([...script, hangUp()]);
  rig.figures.atMost("connects after the cut", rig.connectsAtMs.length - 1, 3);
  checkFresh(rig, sessions.at(-1)?.setup);
  const lastMs = report.utterances[1]?.latencyMs;
  rig.figures.is("answered at last", lastMs !== undefined, true);
}

/** A session that begins anew has no handle and knows what was said. */
function checkFresh(rig: Rig, setup: FinishedCall["sessions"][number]["setup"]): void {
  rig.figures.is("fresh", setup?.sessionResumption?.handle === undefined, true);
  rig.figures.is("recap", JSON.stringify(setup ?? "").includes(lineAfter(1).text), true);
}

/** The connection is lost while an answer is owed, and the handle is refused. */
async function refusedHandle(rig: Rig): Promise<void> {
  const script = [hearsOut, saysCoded("stop"), hearsOut, saysCoded("table"), hearsOut];
  const finished = await rig.call([...script, hangUp()]);
  const { report, sessions } = finished;
  rig.figures.atMost("owed silence", owedMs(finished, 1), MOST_OWED_MS + 500, "ms");
  checkFresh(rig, sessions.at(-1)?.setup);
  const greeted = framesOfAnswer(heardFrames(report), GREETING);
  rig.figures.atMost("greeting heard", greeted.length, GREETING.length);
  rig.figures.is("answers", spokenAnswers(finished), 3);
}

/** Silence after an utterance until the agent speaks, without what a turn takes anyway. */
function owedMs({ report }: FinishedCall, utterance: number): number {
  const heard = heardFrames(report);
  const fromMs = report.utterances[utterance]?.endedAtMs ?? NaN;
  const toMs = firstSoundMs(heard, fromMs, "agent") ?? NaN;
  const usualMs = report.utterances[utterance - 1]?.latencyMs ?? NaN;
  return Number.isNaN(toMs) ? NaN : silenceMs(heard, { fromMs, toMs }) - usualMs;
}

/** The audio of an answer stops and nothing says so. */
async function stalledAnswer(rig: Rig): Promise<void> {
  const { report } = await rig.call([hearsOut, saysCoded("stop"), wait(14_000), hangUp()]);
  const heard = heardFrames(report);
  const frames = framesOfAnswer(heard, BROKEN);
  const stop = frames.findIndex(({ atMs }, n) => (frames[n + 1]?.atMs ?? Infinity) - atMs > 200);
  const silentMs = (frames[stop]?.atMs ?? NaN) + FRAME_MS;
  const soundMs = firstSoundMs(heard, silentMs) ?? NaN;
  rig.figures.atMost("something heard after", soundMs - silentMs, MOST_OWED_MS, "ms");
  const [, againMs = NaN] = rig.connectsAtMs;
  rig.figures.atMost("reconnected after", againMs - silentMs, 6_000, "ms");
}

/**
 * A minute of audio comes in a second; then the callers break in. What is held meanwhile is weighed in a test of its own. Gives
 * the reckoning.
 */
async function flood(rig: Rig): Promise<() => void> {
  const script = [hearsOut, saysCoded("stop"), breakIn(3_000), saysCoded("wait"), hearsOut];
  const calls = Array.from({ length: FLOODED_CALLS }, () => rig.dial([...script, hangUp()]));
  const reports = await Promise.all(calls.map((call) => call.ended));
  return () => {
    const leads = reports.flatMap(({ messages }) => messages.map(({ waitingMs }) => waitingMs));
    rig.figures.atMost("lead", Math.max(...leads), 500, "ms");
    const silences = reports.map((report) => {
      const minute = framesOfAnswer(heardFrames(report), MINUTE);
      const last = minute.findLast(({ code = SHORT.first }) => code < SHORT.first);
      const takenMs = rig.sessionsOf(report.from)[0]?.windows[1]?.startedAtMs;
      return (last?.atMs ?? NaN) + FRAME_MS - (takenMs ?? NaN);
    });
    rig.figures.atMost("silent after the floor was taken", Math.max(...silences), 200, "ms");
  };
}

/** G05 to G07, G12, G14, G17. */
export const MODEL_BREAKS_ROWS: readonly Row[] = [
  {
    id: "G05",
    modelFaults: [{
      type: "reset",
      connection: 0,
      when: { at: "answer", turn: 1, afterMs: lineAfter(1).length * FRAME_MS + MID_SPEECH_MS },
    }],
    run: resetMidSpeech,
  },
  {
    id: "G06",
    answers: goingOn,
    delivery: { pace: 1.2 },
    modelFaults: [{
      type: "close",
      code: 1011,
      reason: "Internal error encountered.",
      connection: 0,
      when: { at: "answer", turn: 1, afterMs: 1_200 },
    }],
    run: cutAnswer,
  },
  {
    id: "G07",
    modelFaults: [
      { type: "reset", connection: 0, when: { at: "answer", turn: 1, afterMs: 3_000 } },
      ...[1, 2].map((connection) => ({
        type: "close" as const,
        code: 1007,
        reason: "Request contains an invalid argument.",
        connection,
        when: { at: "setup" as const },
      })),
    ],
    run: refusedResume,
  },
  {
    id: "G12",
    modelFaults: [
      { type: "reset", connection: 0, when: { at: "turn", turn: 2 } },
      {
        type: "close",
        code: 1007,
        reason: "Invalid session handle",
        connection: 1,
        when: { at: "setup" },
      },
    ],
    run: refusedHandle,
  },
  {
    id: "G14",
    answers: goingOn,
    delivery: { pace: 1.2 },
    modelFaults: [{
      type: "mute",
      connection: 0,
      when: { at: "answer", turn: 1, afterMs: 1_200 },
    }],
    run: stalledAnswer,
  },
  {
    id: "G17",
    answers: ({ index }) => [GREETING, MINUTE, SHORT][index],
    delivery: { pace: 60 },
    run: flood,
  },
];
