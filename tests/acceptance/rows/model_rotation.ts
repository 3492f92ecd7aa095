/**
 * G08 to G11 and G16: the service announces the end of a connection, and the conversation moves to another.
 *
 * @module
 */

import { pcmToBytes } from "../../../audio/pcm.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES, MODEL_OUTPUT_HZ } from "../../../audio/rates.ts";
import { hangUp, wait } from "../../../emulators/caller_script.ts";
import type { Fault } from "../../../emulators/model_script.ts";
import { answerHeard, firstSoundMs, framesOfAnswer, heardFrames } from "../heard.ts";
import type { FinishedCall, Rig } from "../rig.ts";
import type { Row } from "../row.ts";
import {
  codedCaller,
  GREETING,
  hearsOut,
  lineAfter,
  longAnswer,
  numberingOf,
  saysCoded,
} from "../speech.ts";
import { arrivalOf, framesAtModel } from "../uplink.ts";

const TIME_LEFT_MS = 10_000;
/** After the greeting was heard, before the caller speaks. */
const GO_AWAY_AFTER_MS = GREETING.length * FRAME_MS + 1_000;
const LONG = longAnswer(6_000, 0);
/** What the old connection goes on to say has these numbers. */
const STALE = longAnswer(1_000, 600);
const STALE_MESSAGES = 50;

function goAway(afterMs: number, turn = 0): Fault {
  const when = { at: "answer", turn, afterMs } as const;
  return { type: "go-away", timeLeftMs: TIME_LEFT_MS, connection: 0, when };
}

function lateClose(ms: number) {
  return { type: "late-close", ms, connection: 0, when: { at: "ready" } } as const;
}

/** When the end was announced, if the fault struck so long after the answer's first audio. */
function announcedMs({ sessions }: FinishedCall, afterMs: number, turn = 0): number {
  return (sessions[0]?.sent[turn]?.firstSentAtMs ?? NaN) + afterMs;
}

const QUIET_CALL = [hearsOut, wait(6_000), saysCoded("table"), hearsOut, hangUp()];

/** Nothing of what was said before, during or after the move was lost on either side. */
function checkNothingLost({ figures }: Rig, { report, sessions }: FinishedCall): void {
  const length = Math.floor(codedCaller("table").length / LINE_FRAME_SAMPLES);
  const { missing } = arrivalOf(framesAtModel(sessions), { first: 0, length });
  figures.is("frames lost", missing, 0);
  const heard = heardFrames(report);
  const answers = sessions.flatMap(({ sent }) => sent).map(numberingOf);
  const lost = answers.map((answer) => answerHeard(heard, answer).missing);
  figures.is("frames of answers lost", lost.reduce((sum, one) => sum + one, 0), 0);
  figures.is("connections", sessions.length, 2);
  figures.is("resumed", sessions[1]?.resumedFrom !== undefined, true);
}

/** Moves while nobody speaks. */
async function moveInSilence(rig: Rig): Promise<() => void> {
  const finished = await rig.call(QUIET_CALL);
  return () => {
    checkNothingLost(rig, finished);
    const movedMs = (finished.sessions[1]?.readyAtMs ?? NaN) -
      announcedMs(finished, GO_AWAY_AFTER_MS);
    rig.figures.atMost("moved after", movedMs, 4_000, "ms");
    const toldMs = finished.sessions[1]?.windows[0]?.endedAtMs ?? NaN;
    const heardMs = firstSoundMs(heardFrames(finished.report), toldMs, "agent") ?? NaN;
    rig.figures.atMost("owed silence", heardMs - toldMs, 1_000, "ms");
  };
}

/** Moves after the answer and before the deadline. */
async function moveAfterAnswer(rig: Rig): Promise<void> {
  const finished = await rig.call([hearsOut, saysCoded("stop"), hearsOut, wait(4_000), hangUp()]);
  const heard = heardFrames(finished.report);
  rig.figures.is("frames of the answer lost", answerHeard(heard, LONG).missing, 0);
  const announced = announcedMs(finished, 500, 1);
  const [, openedMs = NaN] = finished.sessions.map(({ openedAtMs }) => openedAtMs);
  const endMs = framesOfAnswer(heard, LONG).at(-1)?.atMs ?? NaN;
  rig.figures.atLeast("moved after the answer", openedMs - endMs, -500, "ms");
  rig.figures.atMost("moved after the warning", openedMs - announced, TIME_LEFT_MS, "ms");
}

/** The service says nothing more after its warning, not even the end. */
async function moveByOwnClock(rig: Rig): Promise<void> {
  const finished = await rig.call([hearsOut, wait(14_000), saysCoded("table"), hearsOut, hangUp()]);
  const [, openedMs = NaN] = finished.sessions.map(({ openedAtMs }) => openedAtMs);
  const beforeMs = announcedMs(finished, GO_AWAY_AFTER_MS) + TIME_LEFT_MS - openedMs;
  rig.figures.atLeast("before the deadline", beforeMs, 1_000, "ms");
  rig.figures.atLeast("answered after it", finished.sessions[1]?.sent.length, 1);
}

/** The service leaves our close without an answer for a while, and refuses a resume as long as it does. */
async function moveSoon(rig: Rig): Promise<void> {
  const finished = await rig.call(QUIET_CALL);
  const [, ...attempts] = rig.connectsAtMs;
  rig.figures.atMost("attempts", attempts.length, 2);
  const readyMs = finished.sessions.at(-1)?.readyAtMs ?? NaN;
  rig.figures.atMost("moved within", readyMs - (attempts[0] ?? NaN), 1_500, "ms");
  const refused = finished.sessions.flatMap(({ violations }) => violations);
  rig.figures.atMost("resumes while the old one was open", refused.length, 1);
  rig.figures.is("resumed", finished.sessions.at(-1)?.resumedFrom !== undefined, true);
}

/** The old connection goes on talking. */
async function staleTalk(rig: Rig): Promise<void> {
  const { report, record, sessions } = await rig.call(QUIET_CALL);
  rig.figures.is("stale frames heard", framesOfAnswer(heardFrames(report), STALE).length, 0);
  const isWritten = JSON.stringify(record.transcript).includes(STALE_WORDS);
  rig.figures.is("stale words written down", isWritten, false);
  rig.figures.is("connections", sessions.length, 2);
}

const STALE_WORDS = "Nobody may hear this.";

/** Messages of an answer that nobody asked for. */
function staleMessages(): string[] {
  const samples = MODEL_OUTPUT_HZ * FRAME_MS / 1_000;
  return Array.from({ length: STALE_MESSAGES }, (_, n) => {
    const bytes = pcmToBytes(STALE.pcm.slice(n * samples, (n + 1) * samples));
    const inlineData = { mimeType: "audio/pcm;rate=24000", data: bytes.toBase64() };
    return JSON.stringify({
      serverContent: {
        modelTurn: { parts: [{ inlineData }] },
        outputTranscription: { text: STALE_WORDS },
      },
    });
  });
}

/** G08 to G11 and G16. */
export const MODEL_ROTATION_ROWS: readonly Row[] = [
  { id: "G08", modelFaults: [goAway(GO_AWAY_AFTER_MS)], run: moveInSilence },
  {
    id: "G09",
    answers: ({ index, type }) => type === "written" ? GREETING : index === 1 ? LONG : lineAfter(0),
    modelFaults: [goAway(500, 1)],
    run: moveAfterAnswer,
  },
  {
    id: "G10",
    modelFaults: [
      goAway(GO_AWAY_AFTER_MS),
      {
        type: "mute",
        connection: 0,
        when: { at: "answer", turn: 0, afterMs: GO_AWAY_AFTER_MS + 100 },
      },
    ],
    run: moveByOwnClock,
  },
  {
    id: "G11",
    modelFaults: [
      goAway(GO_AWAY_AFTER_MS),
      lateClose(700),
    ],
    run: moveSoon,
  },
  {
    id: "G16",
    modelFaults: [
      goAway(GO_AWAY_AFTER_MS),
      { ...lateClose(500), frames: staleMessages() },
    ],
    run: staleTalk,
  },
];
