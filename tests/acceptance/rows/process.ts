/**
 * P and K: the process stands still, stops, is killed, is full, or has no store.
 *
 * @module
 */

import { FRAME_MS, LINE_FRAME_SAMPLES } from "../../../audio/rates.ts";
import { type CallerScript, hangUp, wait } from "../../../emulators/caller_script.ts";
import type { PhoneCallReport } from "../../../emulators/phone_report.ts";
import { sleep, systemClock } from "../../../lib/clock.ts";
import { until } from "../../support/socket_call.ts";
import { answerHeard, firstSoundMs, heardFrames, silenceMs } from "../heard.ts";
import type { Rig } from "../rig.ts";
import type { Row } from "../row.ts";
import { codedCaller, GREETING, hearsOut, numberingOf, saysCoded } from "../speech.ts";
import { arrivalOf, framesAtModel, saidFrames } from "../uplink.ts";

const SHORT_STOP_MS = 500;
const SEES_A_STOP = { MAX_LOOP_LAG_MS: "250" };
const LONG_STOP_MS = 35_000;
const DRAINED_CALLS = 5;
const KILLED_CALLS = 20;
const TOO_MANY = 100;
const ADMITTED = 50;
const GIVEN_UP_AFTER_MS = 10_000;
const CONVERSATION: CallerScript = [
  hearsOut,
  ...Array.from({ length: 8 }, () => [saysCoded("stop"), hearsOut]).flat(),
  hangUp(),
];

/** Stops the process as a whole, as a machine without time for it does. */
async function standStill(rig: Rig, ms: number): Promise<void> {
  rig.server.signal("SIGSTOP");
  await sleep(systemClock, ms);
  rig.server.signal("SIGCONT");
}

/** The process has no time for half a second while the caller speaks, and again while the agent does. */
async function shortStop(rig: Rig): Promise<void> {
  const call = rig.dial([hearsOut, saysCoded("story"), hearsOut, hangUp()]);
  const session = () => rig.sessionsOf(call.facts.from)[0];
  await until(() => session()?.windows.length === 1, "the caller speaks");
  await sleep(systemClock, 2_000);
  await standStill(rig, SHORT_STOP_MS);
  const onAgainMs = systemClock.nowMs();
  await until(() => session()?.sent[1]?.firstSentAtMs !== undefined, "the agent speaks", 30_000);
  await sleep(systemClock, 1_000);
  await standStill(rig, SHORT_STOP_MS);
  const { report, sessions } = await rig.finish(call);
  const arrived = framesAtModel(sessions);
  const length = Math.floor(codedCaller("story").length / LINE_FRAME_SAMPLES);
  rig.figures.is("frames lost", arrivalOf(arrived, { first: 0, length }).missing, 0);
  const saidAtMs = new Map(saidFrames(report).map(({ code, atMs }) => [code, atMs]));
  const late = arrived.filter(({ atMs }) => atMs > onAgainMs + 1_000)
    .map(({ code, atMs }) => atMs - (saidAtMs.get(code) ?? NaN));
  rig.figures.atMost("behind 1 s later", Math.max(...late), 60, "ms");
  const heard = heardFrames(report);
  const answers = sessions.flatMap(({ sent }) => sent).map((one) =>
    answerHeard(heard, numberingOf(one))
  );
  rig.figures.is("answers", answers.length, 2);
  rig.figures.is("frames of answers lost", answers.filter(({ missing }) => missing > 0).length, 0);
  const longestGapMs = Math.max(...answers.map((answer) => answer.longestGapMs));
  rig.figures.atMost("gap in an answer", longestGapMs, SHORT_STOP_MS, "ms");
  rig.figures.atLeast("alarms", rig.server.events("loop-late").length, 1);
  const { text } = await rig.get("/metrics");
  const counted = /offhook_problems_total\{[^}]*event="loop-late"[^}]*\} (\d+)/.exec(text)?.[1];
  rig.figures.atLeast("alarms counted", Number(counted), 1);
}

/** The process has no time for longer than any time-out. */
async function longStop(rig: Rig): Promise<void> {
  const script: CallerScript = [
    hearsOut,
    // What the agent still had to say is over by then: or the caller would take it for the answer, and hang up.
    wait(LONG_STOP_MS + 8_000),
    saysCoded("stop"),
    hearsOut,
    hangUp(),
  ];
  const calls = Array.from({ length: DRAINED_CALLS }, () => rig.dial(script));
  await until(() => rig.model.sessions.length === DRAINED_CALLS, "all calls run");
  await sleep(systemClock, 4_000);
  await standStill(rig, LONG_STOP_MS);
  const onAgainMs = systemClock.nowMs();
  await sleep(systemClock, 1_000);
  const alive = calls.filter((call) => !call.isOver).length;
  rig.figures.is("calls alive", alive, DRAINED_CALLS);
  const reports = await Promise.all(calls.map((call) => call.ended));
  const going = reports.filter((report) => {
    const heard = heardFrames(report);
    const later = rig.sessionsOf(report.from).flatMap(({ sent }) => sent)
      .filter(({ firstSentAtMs = 0 }) => firstSentAtMs > onAgainMs);
    const isAnswered = later.some((one) => answerHeard(heard, numberingOf(one)).missing === 0);
    return report.endedBy === "caller" && isAnswered;
  });
  rig.figures.is("calls that go on", going.length, DRAINED_CALLS);
}

/** A server that is asked to stop. */
async function drain(rig: Rig): Promise<void> {
  const script: CallerScript = [hearsOut, saysCoded("stop"), hearsOut, hangUp()];
  const calls = Array.from({ length: DRAINED_CALLS }, () => rig.dial(script));
  const isRunning = () => rig.model.sessions.filter(({ sent }) => sent.length > 0).length;
  await until(() => isRunning() === DRAINED_CALLS, "all calls run");
  rig.server.signal("SIGTERM");
  const askedMs = systemClock.nowMs();
  while ((await rig.get("/readyz")).status !== 503) await sleep(systemClock, 5);
  rig.figures.atMost("503 after", systemClock.nowMs() - askedMs, 100, "ms");
  const turnedAway = await rig.dial([wait(300), hangUp()]).ended;
  rig.figures.is("new call gets a stream", turnedAway.streams.length > 0, false);
  rig.figures.is("new call gets a sentence", turnedAway.spoken[0]?.by, "Say");
  const reports = await Promise.all(calls.map((call) => call.ended));
  const whole = reports.filter((report) => isWhole(rig, report));
  rig.figures.is("calls that ended by themselves", whole.length, DRAINED_CALLS);
  const { code } = await rig.server.ended();
  rig.figures.is("exit code", code, 0);
  const lastMs = Math.max(...reports.map(({ endedAtMs }) => endedAtMs));
  rig.figures.atMost("exit after the last call", systemClock.nowMs() - lastMs, 1_000, "ms");
}

/** The caller hung up, and heard every answer whole. */
function isWhole(rig: Rig, report: PhoneCallReport): boolean {
  const heard = heardFrames(report);
  const answers = rig.sessionsOf(report.from).flatMap(({ sent }) => sent).map(numberingOf);
  return report.endedBy === "caller" && answers.length === 2 &&
    answers.every((answer) => answerHeard(heard, answer).missing === 0);
}

/** Twenty calls lose their server; another one with the same store is there. Gives the reckoning. */
async function takeOver(
  rig: Rig,
  { stop, least, owedMs }: { stop: () => Promise<void>; least: number; owedMs: number },
): Promise<() => void> {
  const [, heir] = rig.servers;
  const calls = Array.from({ length: KILLED_CALLS }, () => rig.dial(CONVERSATION));
  const isAnswered = () => calls.every(({ facts }) => rig.sessionsOf(facts.from)[0]?.sent[1]);
  await until(isAnswered, "all calls have had a turn", 30_000);
  if (heir) rig.target = heir;
  const stoppedMs = systemClock.nowMs();
  await stop();
  const reports = await Promise.all(calls.map((call) => call.ended));
  return () => {
    const silences = reports.map((report) => owedAfter(rig, report, stoppedMs));
    const going = silences.filter((ms) => ms !== undefined);
    rig.figures.atLeast(`calls of ${KILLED_CALLS} that go on`, going.length, least);
    const longestMs = going.length > 0 ? Math.max(...going) : undefined;
    rig.figures.atMost("owed silence", longestMs, owedMs, "ms");
  };
}

/**
 * Silence from the moment a server was lost until the agent speaks again; undefined if the call did not go on. While the
 * caller speaks the agent owes nothing.
 */
function owedAfter(rig: Rig, report: PhoneCallReport, lostMs: number): number | undefined {
  const sessions = rig.sessionsOf(report.from);
  const resumed = sessions.find(({ openedAtMs, resumedFrom }) =>
    openedAtMs > lostMs && resumedFrom
  );
  const heard = heardFrames(report);
  const streamMs = report.streams[1]?.startedAtMs ?? NaN;
  const toMs = firstSoundMs(heard, streamMs);
  if (!resumed || toMs === undefined) return undefined;
  const answers = sessions.flatMap(({ sent }) => sent).filter(({ samplesSent }) => samplesSent > 0);
  const greetings = answers.filter(({ pcm }) => pcm === GREETING.pcm).length;
  if (greetings > 1) return undefined;
  const owed = heard.filter(({ atMs }) =>
    !report.utterances.some(({ startedAtMs, endedAtMs }) => atMs >= startedAtMs && atMs < endedAtMs)
  );
  return silenceMs(owed, { fromMs: report.streams[0]?.endedAtMs ?? lostMs, toMs });
}

async function interruptedThenKilled(rig: Rig): Promise<() => void> {
  const stop = async () => {
    const { server } = rig;
    const doomed = rig.servers[0] ?? server;
    doomed.signal("SIGINT");
    await sleep(systemClock, 5_000);
    if (!doomed.isOver) doomed.signal("SIGKILL");
  };
  return await takeOver(rig, { stop, least: KILLED_CALLS, owedMs: 2_500 });
}

async function killed(rig: Rig): Promise<() => void> {
  const stop = async () => {
    rig.servers[0]?.signal("SIGKILL");
    await rig.servers[0]?.ended();
  };
  return await takeOver(rig, { stop, least: KILLED_CALLS - 1, owedMs: 3_000 });
}

const STATIC_ORIGIN = "https://static.example.com";
const STATIC_TWIML = "<Response><Say>Please call again later.</Say><Hangup/></Response>";

/** The server is gone, and no other is there: what is kept with the number speaks. */
async function nobodyThere(rig: Rig): Promise<void> {
  await using bin = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(STATIC_TWIML, { headers: { "content-type": "text/xml" } }),
  );
  rig.elsewhere.set(STATIC_ORIGIN, `http://127.0.0.1:${bin.addr.port}`);
  const options = { fallbackUrl: `${STATIC_ORIGIN}/sorry` };
  const script: CallerScript = [wait(60_000)];
  const running = Array.from({ length: 5 }, () => rig.dial(script, options));
  const isRunning = () => rig.model.sessions.filter(({ sent }) => sent.length > 0).length;
  await until(() => isRunning() === running.length, "the calls run");
  rig.server.signal("SIGKILL");
  await rig.server.ended();
  const late = Array.from({ length: 5 }, () => rig.dial(script, options));
  const reports = await Promise.all([...running, ...late].map((call) => call.ended));
  const told = reports.filter(({ spoken }) => spoken.length > 0 && spoken[0]?.by === "Say");
  rig.figures.is(`calls of ${reports.length} that hear a sentence`, told.length, reports.length);
}

/** All lines are taken by the canaries; a hundred more call. */
async function tooMany(rig: Rig): Promise<void> {
  const answers: number[] = [];
  let told = 0;
  for (let n = 0; n < TOO_MANY; n++) {
    const report = await rig.dial([wait(FRAME_MS), hangUp()]).ended;
    const [webhook] = report.requests;
    answers.push((webhook?.answeredAtMs ?? NaN) - (webhook?.sentAtMs ?? NaN));
    if (/<(Say|Dial|Reject)\b/.test(report.twiml[0] ?? "") && report.streams.length === 0) told++;
  }
  rig.figures.is("told", told, TOO_MANY);
  rig.figures.atMost("told after", Math.max(...answers), 300, "ms");
}

/** A hundred webhooks at once at two servers with one store. */
async function sharedLimit(rig: Rig): Promise<void> {
  const posts = Array.from({ length: 2 * ADMITTED }, (_, n) => {
    const callSid = `CA${String(n).padStart(32, "0")}`;
    const from = `+1555004${String(n).padStart(4, "0")}`;
    return rig.postVoice(callSid, { from, server: rig.servers[n % 2] ?? rig.target });
  });
  const documents = await Promise.all(posts);
  const admitted = documents.filter((document) => document.includes("<Stream")).length;
  rig.figures.is("admitted", admitted, ADMITTED);
  // What was begun for calls whose stream never comes is given up after a while.
  await sleep(systemClock, GIVEN_UP_AFTER_MS);
}

/** The store cannot be opened; calls go on without. */
async function withoutStore(rig: Rig): Promise<void> {
  const calls = Array.from(
    { length: 5 },
    () => rig.dial([hearsOut, saysCoded("stop"), hearsOut, hangUp()]),
  );
  const finished = await Promise.all(calls.map((call) => rig.finish(call)));
  const webhooks = finished.map(({ report: { requests: [first] } }) =>
    (first?.answeredAtMs ?? NaN) - (first?.sentAtMs ?? NaN)
  );
  rig.figures.atMost("webhook answered after", Math.max(...webhooks), 1_000, "ms");
  const complete = finished.filter(({ record }) => record.ending === "caller-hung-up");
  rig.figures.is("records", complete.length, calls.length);
  rig.figures.atLeast("told of the store", rig.server.events("store-unavailable").length, 1);
}

/** P03 to P09, and K01. */
export const PROCESS_ROWS: readonly Row[] = [
  // Above what a machine that is shared with others is late by itself.
  { id: "P03", case: "500 ms", hasCanaries: false, environment: SEES_A_STOP, run: shortStop },
  { id: "P03", case: "35 s", isLong: true, hasCanaries: false, limitMs: 90_000, run: longStop },
  { id: "P04", hasCanaries: false, run: drain },
  {
    id: "P05",
    isLong: true,
    servers: 2,
    environment: { DRAIN_SECONDS: "1" },
    limitMs: 120_000,
    run: interruptedThenKilled,
  },
  { id: "P06", isLong: true, servers: 2, limitMs: 120_000, run: killed },
  { id: "P07", hasCanaries: false, run: nobodyThere },
  { id: "P08", environment: { MAX_CALLS: "3" }, limitMs: 120_000, run: tooMany },
  {
    id: "P09",
    servers: 2,
    hasCanaries: false,
    environment: { MAX_CALLS: String(ADMITTED), DRAIN_SECONDS: "1" },
    run: sharedLimit,
  },
  { id: "K01", environment: { KV_PATH: "tests" }, run: withoutStore },
];
