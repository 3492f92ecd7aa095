/**
 * T: the telephone's side of a call.
 *
 * @module
 */

import { FRAME_MS, LINE_FRAME_SAMPLES, LINE_HZ } from "../../../audio/rates.ts";
import {
  breakIn,
  burst,
  hangUp,
  pauseFrames,
  say,
  untilEnded,
  wait,
} from "../../../emulators/caller_script.ts";
import {
  addLongText,
  type LineFaults,
  mediaBeforeStart,
  rubbish,
  type Tamper,
} from "../../../emulators/line_faults.ts";
import { sleep, systemClock } from "../../../lib/clock.ts";
import { socketOf } from "../../../tasks/socket_url.ts";
import { ClientSocket } from "../../routes/served_app.ts";
import { framesOf, turnPlaceMs } from "../../support/call_audio.ts";
import { sign } from "../../support/sign.ts";
import { AUTH_TOKEN, PUBLIC_URL, until } from "../../support/socket_call.ts";
import { answerHeard, framesOfAnswer, heardFrames } from "../heard.ts";
import { lateFrames, latePercent } from "../line_timing.ts";
import { residentMb } from "../process_facts.ts";
import type { FinishedCall, Rig } from "../rig.ts";
import type { Row } from "../row.ts";
import {
  codedAnswer,
  codedCaller,
  GREETING,
  hearsOut,
  longAnswer,
  numberingOf,
  saysCoded,
} from "../speech.ts";
import { arrivalOf, framesAtModel, saidFrames } from "../uplink.ts";

const LIMIT_MS = 35_000;
const BURSTS = 10;
const RUBBISH_PER_FRAME = 50;
const LOUD = new Uint8Array(LINE_FRAME_SAMPLES).map((_, n) => n % 8 < 4 ? 0x80 : 0x00).toBase64();
const LINE_LOST_AFTER_MS = 5_000;
const STALL = { afterMs: 5_000, forMs: 5_000 };
/** Long enough to sound before, during and after the stall. */
const STALLED_ANSWER = longAnswer(16_000, 0);
/** Base64 makes four characters of three bytes. */
const WIRE_BYTES_PER_BYTE = 4 / 3;
const BROKEN_OFF = codedAnswer("by-the-window", 0);
const AFTER_IT = codedAnswer("of-course", BROKEN_OFF.length);

/** Every turn of a call came to the model whole, and every answer to the caller. */
async function talk(rig: Rig, faults: LineFaults = {}): Promise<FinishedCall> {
  const line = codedCaller("table");
  const finished = await rig.call([hearsOut, saysCoded("table"), hearsOut, hangUp()], { faults });
  const { report, sessions } = finished;
  const length = Math.floor(line.length / LINE_FRAME_SAMPLES);
  rig.figures.is(
    "frames lost",
    arrivalOf(framesAtModel(sessions), { first: 0, length }).missing,
    0,
  );
  const heard = heardFrames(report);
  const answers = sessions.flatMap(({ sent }) => sent).map(numberingOf);
  const broken = answers.filter((answer) => answerHeard(heard, answer).missing > 0);
  rig.figures.is("answers not whole", broken.length, 0);
  rig.figures.atLeast("answers", answers.length, 2);
  return finished;
}

async function mediaFirst(rig: Rig): Promise<void> {
  await talk(rig, { tamper: mediaBeforeStart(5) });
}

/** The webhook is posted again and the stream opened again while the call runs. */
async function twice(rig: Rig): Promise<void> {
  let token = "";
  const overhear: Tamper = (message) => {
    if (message.event === "start") token = Object(message.start).customParameters.token;
    return [message];
  };
  const talking = talk(rig, { tamper: overhear });
  const [call] = rig.dialled;
  const isAnswered = () => rig.sessionsOf(call?.facts.from ?? "?")[0]?.sent.length === 1;
  await until(isAnswered, "the call runs");
  const callSid = call?.callSid ?? "";
  const document = await rig.postVoice(callSid);
  rig.figures.is("second webhook gets a stream", document.includes("<Stream"), false);
  const second = new ClientSocket(`${rig.server.url}/twilio/media`.replace("http", "ws"), {
    "X-Twilio-Signature": sign(`${socketOf(PUBLIC_URL)}/twilio/media`, {}, AUTH_TOKEN),
  });
  await second.opened;
  second.start(token, { callSid });
  rig.figures.is("second stream closed with", await second.closed, 1008);
  const { report } = await talking;
  rig.figures.is("sessions", rig.connectsAtMs.length, 1);
  rig.figures.atMost("first call", latePercent([lateFrames(report.messages)]), 0, "% late");
}

/** Ten thousand messages that no server can use, some of them loud, among the frames of a call. */
async function rubbishOnLine(rig: Rig): Promise<void> {
  let count = 0;
  const flood: Tamper = (message) => {
    if (message.event !== "media") return [message];
    const loud = { ...message, media: { ...Object(message.media), payload: LOUD } };
    const wrong = rubbish(loud);
    const some = Array.from({ length: RUBBISH_PER_FRAME }, () => wrong[count++ % wrong.length]);
    return [...some.filter((one) => one !== undefined), message];
  };
  const { report, sessions } = await talk(rig, { tamper: flood });
  rig.figures.atLeast("wrong messages", count, 10_000);
  const said = report.said.length / LINE_FRAME_SAMPLES;
  const windows = sessions.flatMap((session) => session.windows);
  const wrong = windows.filter(({ pcm }) => turnPlaceMs(pcm, framesOf(report.said)) < 0);
  rig.figures.is("windows with something else in them", wrong.length, 0);
  rig.figures.atLeast("frames said", said, count / RUBBISH_PER_FRAME);
}

/** Half a second of nothing, then 25 frames at once, ten times while the caller speaks. */
async function bursts(rig: Rig): Promise<void> {
  const line = codedCaller("story").subarray(0, BURSTS * LINE_HZ);
  const pieces = Array.from({ length: BURSTS }, (_, n) => [
    burst(500),
    say(line.subarray(n * LINE_HZ, (n + 1) * LINE_HZ)),
  ]).flat();
  const { report, sessions } = await rig.call([hearsOut, ...pieces, hearsOut, hangUp()]);
  const arrived = framesAtModel(sessions);
  const length = line.length / LINE_FRAME_SAMPLES;
  rig.figures.is("frames lost", arrivalOf(arrived, { first: 0, length }).missing, 0);
  rig.figures.is("turns", sessions.flatMap(({ windows }) => windows).length, 1);
  const saidAtMs = new Map(saidFrames(report).map(({ code, atMs }) => [code, atMs]));
  const caughtUp = arrived.filter(({ code }) => code % 50 >= 45);
  const lags = caughtUp.map(({ code, atMs }) => atMs - (saidAtMs.get(code) ?? NaN));
  rig.figures.atMost("behind after 400 ms", Math.max(...lags), 60, "ms");
}

/** A caller who says nothing is asked, then told goodbye. */
async function muteCaller(rig: Rig): Promise<void> {
  const { report, sessions } = await rig.call([untilEnded()]);
  const texts = sessions.flatMap((session) => session.texts);
  const prompts = texts.filter(({ asksForAnswer }) => asksForAnswer).length - 1;
  rig.figures.atMost("prompts", prompts, 3);
  const lastedMs = report.endedAtMs - (report.answeredAtMs ?? NaN);
  rig.figures.atMost("hung up after", lastedMs, 45_000, "ms");
  rig.figures.is("ended by the caller", report.endedBy === "caller", false);
}

/** The line carries nothing any more. */
async function deadLine(rig: Rig): Promise<void> {
  const { report } = await rig.call([hearsOut, pauseFrames(30_000), hangUp()]);
  const [stream] = report.streams;
  rig.figures.is("closed by", stream?.closedBy, "server");
  const endedAtMs = stream?.endedAtMs ?? NaN;
  const greeted = heardFrames(report).filter(({ code, atMs }) =>
    code !== undefined && atMs < endedAtMs
  );
  const quietMs = endedAtMs - (greeted.at(-1)?.atMs ?? NaN);
  rig.figures.atMost("closed after", quietMs, 20_000, "ms");
}

/** The line is reset, the caller stays: Twilio asks how to go on. */
async function resetLine(rig: Rig): Promise<void> {
  const call = rig.dial([hearsOut, wait(10_000), hangUp()], {
    faults: { resetAfterMs: LINE_LOST_AFTER_MS },
  });
  const { report, sessions } = await rig.finish(call);
  const lostAtMs = report.streams[0]?.endedAtMs ?? NaN;
  const leftMs = (sessions[0]?.closedAtMs ?? NaN) - lostAtMs;
  rig.figures.atMost("model left after", leftMs, 500, "ms");
  const endings = rig.server.events("call-ended").filter(({ callSid }) => callSid === call.callSid);
  rig.figures.is("ending", String(endings[0]?.ending), "line-lost");
  const action = report.requests.find(({ url }) => url.includes("/twilio/stream-ended"));
  rig.figures.is("action answered", action?.status, 200);
  rig.figures.atLeast("goes on", report.spoken.length + report.streams.length - 1, 1);
}

/** A caller breaks in on a line whose marks never come back. */
async function withoutMarks(rig: Rig): Promise<void> {
  const script = [hearsOut, saysCoded("stop"), breakIn(3_000), saysCoded("wait"), hearsOut];
  const { report, record } = await rig.call([...script, hangUp()], { faults: { marks: "never" } });
  const heard = framesOfAnswer(heardFrames(report), BROKEN_OFF);
  const heardMs = new Set(heard.map(({ code }) => code)).size * FRAME_MS;
  const entry = record.transcript.find(({ interrupted }) => interrupted);
  rig.figures.atLeast("heard", heardMs, 3_000);
  const errorMs = Math.abs((entry?.heardMs ?? NaN) - heardMs);
  rig.figures.atMost("error of what was heard", errorMs, 300, "ms");
}

/** The line stops to read during a long answer. */
async function stalledLine(rig: Rig): Promise<void> {
  const script = [hearsOut, saysCoded("stop"), wait(16_000), hangUp()];
  const { report } = await rig.call(script, { faults: { stopReading: STALL } });
  const startMs = report.streams[0]?.startedAtMs ?? NaN;
  const readsAgainMs = startMs + STALL.afterMs + STALL.forMs;
  const backlog = report.messages.filter(({ atMs }) =>
    atMs >= readsAgainMs && atMs < readsAgainMs + 300
  );
  const unsent = backlog.reduce((sum, { bytes }) => sum + bytes, 0) * WIRE_BYTES_PER_BYTE;
  rig.figures.atMost("unsent", unsent / 1_024, 256, "KB");
  const frames = framesOfAnswer(heardFrames(report), STALLED_ANSWER);
  const [first] = frames;
  const later = frames.find(({ atMs }) => atMs >= readsAgainMs + 2_000);
  const dueMs = (first?.atMs ?? NaN) + ((later?.code ?? NaN) - (first?.code ?? NaN)) * FRAME_MS;
  rig.figures.atMost("behind 2 s later", (later?.atMs ?? NaN) - dueMs, 300, "ms");
}

/** One message that is far too long. */
async function longText(rig: Rig): Promise<void> {
  for (const bytes of [65_537, 1_048_576, 16_777_216]) {
    const beforeMb = residentMb(rig.server.pid);
    const { report } = await rig.call([wait(2_000), hangUp()], {
      faults: { tamper: addLongText({ bytes, afterFrames: 25 }) },
    });
    const code = report.streams[0]?.closeCode ?? 0;
    rig.figures.is(`${bytes} bytes: refused by code`, [1008, 1009].includes(code), true);
    await sleep(systemClock, 2_000);
    rig.figures.atMost("more memory", residentMb(rig.server.pid) - beforeMb, 20, "MB");
  }
}

/** The limit of a call, warning and end. */
async function timeLimit(rig: Rig): Promise<void> {
  const turns = Array.from({ length: 20 }, () => [saysCoded("stop"), hearsOut]).flat();
  const { record, sessions } = await rig.call([hearsOut, ...turns, untilEnded()]);
  rig.figures.atMost("off the limit", Math.abs((record.durationMs ?? NaN) - LIMIT_MS), 1_000, "ms");
  rig.figures.is("ending", record.ending, "time-limit-reached");
  rig.figures.atLeast("warnings", sessions.flatMap(({ texts }) => texts).length - 1, 1);
}

/** T02 to T13, and A05, which is a line's matter too. */
export const PHONE_LINK_ROWS: readonly Row[] = [
  { id: "T02", run: mediaFirst },
  { id: "T03", run: twice },
  { id: "T04", run: rubbishOnLine },
  { id: "T08", run: bursts },
  { id: "T09", run: longText },
  { id: "T10", case: "mute caller", run: muteCaller },
  { id: "T10", case: "dead line", run: deadLine },
  { id: "T11", run: resetLine },
  {
    id: "T12",
    answers: ({ index }) => [GREETING, BROKEN_OFF, AFTER_IT][index],
    run: withoutMarks,
  },
  {
    id: "T13",
    answers: ({ index }) => [GREETING, STALLED_ANSWER][index],
    run: stalledLine,
  },
  {
    id: "A05",
    environment: { MAX_CALL_SECONDS: String(LIMIT_MS / 1_000) },
    hasCanaries: false,
    run: timeLimit,
  },
];
