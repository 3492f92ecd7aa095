/**
 * G01 to G04: the model cannot be reached, or not soon.
 *
 * @module
 */

import { hangUp, untilEnded } from "../../../emulators/caller_script.ts";
import type { Fault } from "../../../emulators/model_script.ts";
import type { PhoneCallReport } from "../../../emulators/phone_report.ts";
import { firstSoundMs, heardFrames } from "../heard.ts";
import { FALLBACK_NUMBER, type Rig } from "../rig.ts";
import type { Row } from "../row.ts";
import { hearsOut, saysCoded } from "../speech.ts";
import { arrivalOf, framesAtModel } from "../uplink.ts";

/** Budgets of silence [I6]. */
const BRIDGED_WITHIN_MS = 1_000;
const NOTICE_WITHIN_MS = 3_000;
const OVER_WITHIN_MS = 10_000;
const EARLY_FRAMES = 75;
const CALLS_IN_A_MINUTE = 6;

/** The caller is told, and gets the fallback number [B4]; `sinceMs` is when it went wrong. */
function checkNotice({ figures }: Rig, report: PhoneCallReport, sinceMs: number): void {
  const noticeMs = report.spoken[0]?.atMs ?? firstSoundMs(heardFrames(report), sinceMs);
  figures.atMost("notice after", (noticeMs ?? NaN) - sinceMs, NOTICE_WITHIN_MS, "ms");
  const [dial] = report.dials;
  figures.is("handed over to", dial?.targets[0], FALLBACK_NUMBER);
  figures.atMost("handed over after", (dial?.atMs ?? NaN) - sinceMs, OVER_WITHIN_MS, "ms");
}

/** One call finds out; those after it are told at once, and the model is left alone. */
async function refusedForGood(rig: Rig): Promise<void> {
  const { report } = await rig.call([untilEnded()]);
  rig.figures.is("attempts of the first call", rig.connectsAtMs.length, 1);
  checkNotice(rig, report, report.answeredAtMs ?? NaN);
  for (let n = 1; n < CALLS_IN_A_MINUTE; n++) {
    const next = await rig.dial([untilEnded()]).ended;
    if (n === 1) rig.figures.is("next call gets a stream", next.streams.length > 0, false);
    rig.figures.is(`call ${n + 1} handed over to`, next.dials[0]?.targets[0], FALLBACK_NUMBER);
  }
  rig.figures.atMost("attempts in a minute", rig.connectsAtMs.length, 4);
}

async function withoutQuota(rig: Rig): Promise<void> {
  const { report } = await rig.call([untilEnded()]);
  const [firstMs = NaN, secondMs = NaN] = rig.connectsAtMs;
  rig.figures.is("attempts", rig.connectsAtMs.length, 2);
  rig.figures.atLeast("between them", secondMs - firstMs, 500, "ms");
  rig.figures.atMost("between them", secondMs - firstMs, 2_000, "ms");
  checkNotice(rig, report, secondMs);
}

/** Both attempts lead nowhere; meanwhile the caller hears that the call is alive. */
async function silentModel(rig: Rig): Promise<void> {
  const { report } = await rig.call([untilEnded()]);
  const answeredMs = report.answeredAtMs ?? NaN;
  const [firstMs = NaN, secondMs = NaN] = rig.connectsAtMs;
  rig.figures.is("attempts", rig.connectsAtMs.length, 2);
  rig.figures.atMost("first given up after", secondMs - firstMs, 3_500, "ms");
  const soundMs = firstSoundMs(heardFrames(report), answeredMs) ?? report.spoken[0]?.atMs;
  rig.figures.atMost(
    "something heard after",
    (soundMs ?? NaN) - answeredMs,
    BRIDGED_WITHIN_MS,
    "ms",
  );
  const saidMs = report.spoken[0]?.atMs ?? NaN;
  rig.figures.atMost("over after", saidMs - firstMs, 8_000, "ms");
}

/** Only the first attempt leads nowhere: the call goes on by the second. */
async function silentOnce(rig: Rig): Promise<void> {
  const { report, sessions } = await rig.call([hearsOut, saysCoded("stop"), hearsOut, hangUp()]);
  const heard = heardFrames(report);
  const answeredMs = report.answeredAtMs ?? NaN;
  rig.figures.is("attempts", rig.connectsAtMs.length, 2);
  const soundMs = firstSoundMs(heard, answeredMs);
  rig.figures.atMost(
    "something heard after",
    (soundMs ?? NaN) - answeredMs,
    BRIDGED_WITHIN_MS,
    "ms",
  );
  const greetedMs = firstSoundMs(heard, answeredMs, "agent");
  rig.figures.atMost("greeted after", (greetedMs ?? NaN) - answeredMs, 8_000, "ms");
  rig.figures.atLeast("answers", sessions.at(-1)?.sent.length, 2);
}

/** The caller speaks before the model is there. */
async function lateSetup(rig: Rig): Promise<() => void> {
  const { report, sessions } = await rig.call([saysCoded("table"), hearsOut, hangUp()]);
  return () => {
    const [first] = sessions;
    const arrived = framesAtModel(sessions);
    const { missing, outOfOrder } = arrivalOf(arrived, { first: 0, length: EARLY_FRAMES + 2 });
    rig.figures.is(`lost of ${EARLY_FRAMES}`, missing, 0);
    rig.figures.is("out of order", outOfOrder, 0);
    const waitedMs = (first?.readyAtMs ?? NaN) - (first?.openedAtMs ?? NaN);
    rig.figures.atLeast("set up after", waitedMs, 1_500, "ms");
    const saidMs = report.utterances[0]?.endedAtMs ?? NaN;
    const answeredMs = firstSoundMs(heardFrames(report), saidMs, "agent");
    rig.figures.is("answered", answeredMs !== undefined, true);
  };
}

const REFUSALS: Record<string, Fault> = {
  "403": { type: "refuse-upgrade", status: 403, when: { at: "upgrade" } },
  "404": { type: "refuse-upgrade", status: 404, when: { at: "upgrade" } },
  "1008 with text": {
    type: "close",
    code: 1008,
    reason: "models/gemini-0 is not found for API version v1beta, or is not supported",
    when: { at: "setup" },
  },
};
const QUOTA: Record<string, Fault> = {
  "429": { type: "refuse-upgrade", status: 429, when: { at: "upgrade" } },
  "1011 with text": {
    type: "close",
    code: 1011,
    reason: "Resource has been exhausted (e.g. check quota).",
    when: { at: "setup" },
  },
};
const SILENT: Record<string, Fault> = {
  "no 101": { type: "never-upgrade", when: { at: "upgrade" } },
  "no setupComplete": { type: "mute", when: { at: "setup" } },
};

function cases(id: string, faults: Record<string, Fault>, run: Row["run"]): Row[] {
  return Object.entries(faults).map(([name, fault]) => ({
    id,
    case: name,
    modelFaults: [fault],
    run,
  }));
}

/** G01 to G04. */
export const MODEL_REFUSES_ROWS: readonly Row[] = [
  ...cases("G01", REFUSALS, refusedForGood),
  ...cases("G02", QUOTA, withoutQuota),
  ...cases("G03", SILENT, silentModel),
  ...Object.entries(SILENT).map(([name, fault]): Row => ({
    id: "G03",
    case: `${name}, once`,
    modelFaults: [{ ...fault, connection: 0 }],
    run: silentOnce,
  })),
  {
    id: "G04",
    modelFaults: [{ type: "delay-setup", ms: 1_500, when: { at: "setup" } }],
    run: lateSetup,
  },
];
