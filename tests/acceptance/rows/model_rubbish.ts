/**
 * G15: the model sends what makes no sense.
 *
 * @module
 */

import { hangUp, wait } from "../../../emulators/caller_script.ts";
import type { Fault } from "../../../emulators/model_script.ts";
import { strangeFrames } from "../../support/strange_frames.ts";
import { answerHeard, heardFrames } from "../heard.ts";
import type { Rig } from "../rig.ts";
import type { Row } from "../row.ts";
import { GREETING, hearsOut, lineAfter, numberingOf, saysCoded } from "../speech.ts";

const SEED = 20_260_105;
/** What the strange audio sounds like is nobody's business: the caller waits until it is over. */
const STRANGE_MS = 4_500;
const FRAME_BYTES = 160;

/** A thousand messages in a second; then the call goes on as if nothing had been. */
async function rubbish(rig: Rig): Promise<() => void> {
  const script = [wait(STRANGE_MS), saysCoded("stop"), hearsOut, hangUp()];
  const { report, record, sessions } = await rig.call(script);
  return () => {
    const parts = report.messages.filter(({ event, bytes }) =>
      event === "media" && bytes % FRAME_BYTES !== 0
    );
    rig.figures.is("payloads that are no whole frames", parts.length, 0);
    const counted = Object.values(record.faults).reduce((sum, count) => sum + count, 0);
    rig.figures.atLeast("messages counted", counted, 100);
    rig.figures.is("ending", record.ending, "caller-hung-up");
    const answer = sessions.flatMap(({ sent }) => sent).at(-1);
    const missing = answer && answerHeard(heardFrames(report), numberingOf(answer)).missing;
    rig.figures.is("frames of the next answer lost", missing, 0);
  };
}

/** G15. */
export const MODEL_RUBBISH_ROWS: readonly Row[] = [{
  id: "G15",
  answers: ({ index }) => index === 0 ? GREETING : lineAfter(1),
  modelFaults: strangeFrames(SEED).map((frame, n): Fault => ({
    type: "send",
    frame,
    connection: 0,
    when: { at: "answer", turn: 0, afterMs: n },
  })),
  run: rubbish,
}];
