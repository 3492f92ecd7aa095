/**
 * Many calls at once, paced in real time: the server on one core, telephone and model on another, and what its callers and
 * the model wait for it.
 *
 * @module
 */

import { FRAME_MS, LINE_FRAME_SAMPLES, MODEL_OUTPUT_HZ } from "../../audio/rates.ts";
import { breakIn, type CallerStep, untilEnded, wait } from "../../emulators/caller_script.ts";
import type { SentAnswer, SessionRecord } from "../../emulators/gemini_records.ts";
import { type ModelTurn, PLAIN_DELIVERY } from "../../emulators/model_script.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";
import { sleep, systemClock } from "../../lib/clock.ts";
import { answerHeard, heardFrames, type Span } from "./heard.ts";
import { lateFrames, latePercent, percentile } from "./line_timing.ts";
import { pinProcess, processorMs, residentMb } from "./process_facts.ts";
import type { Rig } from "./rig.ts";
import type { RigSetup } from "./row.ts";
import {
  type CodedAnswer,
  codedCaller,
  hearsOut,
  longAnswer,
  numberingOf,
  saysCoded,
  usualAnswer,
} from "./speech.ts";
import { framesInWindow } from "./uplink.ts";

/** How many calls, and for how long once all run. */
export interface LoadSize {
  readonly calls: number;
  readonly seconds: number;
}

/** What a load showed; times in milliseconds. */
export interface LoadFigures extends LoadSize {
  /** How many did not last so long. */
  readonly endedCalls: number;
  /** How many of a hundred frames came late to the caller. */
  readonly latePercent: number;
  /** From the telephone to the model, at 50, 99 and 99.9 %. */
  readonly uplinkMs: readonly [number, number, number];
  /** From the model, or from when it was due, to the telephone, at 50 and 99 %. */
  readonly downlinkMs: readonly [number, number];
  /** What the server computes for a second of one call. */
  readonly cpuMsPerCallSecond: number;
  /** How many of a hundred parts of one core that is. */
  readonly cpuPercent: number;
  /** How many frames got lost, both ways. */
  readonly lostFrames: number;
  /** How long a caller heard a gap in an answer, in a minute. */
  readonly gapMsPerMinute: number;
  /** Memory at the end. */
  readonly residentMb: number;
  /** How late the telephone itself was, at 99 %. */
  readonly ownLatenessMs: number;
}

const CALLS_PER_SECOND = 2;
const SETTLE_MS = 5_000;
const ANSWER_MS = 6_000;
const VARIANTS = 4;
const SPACING = 200;
/** Numbers from here on are those of the agent's answers. */
const ANSWERS_FIRST = 0;
const BREAK_IN_EVERY = 5;
const TOOL_EVERY = 6;
const MOST_TURNS = 400;
/** A frame that has not come after so long is lost. */
const LOST_MS = 5_000;
/** Frames that a recording may have at its end without a number that can be read. */
const RAGGED_FRAMES = 3;

/** What the rig of a load is like. */
export const LOAD_SETUP: RigSetup = {
  hasCanaries: false,
  environment: {
    AGENTS: "tests/acceptance/agents/load.jsonc",
    MAX_CALLS: "200",
    MAX_CALL_SECONDS: "7200",
  },
  answers: loadAnswer,
  // What was said does not matter, and to recognise it takes the time of others.
  hear: () => "",
  delivery: { pace: 2 },
};

/** Made once: it takes the time of others. */
const ANSWER = longAnswer(ANSWER_MS, ANSWERS_FIRST);

/** Greets; then talks for six seconds of ten, and looks something up once a minute. */
function loadAnswer(turn: ModelTurn): CodedAnswer {
  if (turn.type === "written") return usualAnswer(turn);
  if (turn.index % TOOL_EVERY !== 0) return ANSWER;
  return { ...ANSWER, calls: [{ name: "find_table", args: { day: "2026-11-22", guests: 4 } }] };
}

/** Which line a caller says in a turn, and the number of its first frame. */
function spokenIn(turn: number): { name: "table" | "wait"; first: number } {
  const isBreakIn = turn % BREAK_IN_EVERY === BREAK_IN_EVERY - 1;
  return { name: isBreakIn ? "wait" : "table", first: turn % VARIANTS * SPACING };
}

const SCRIPT: readonly CallerStep[] = Array.from({ length: MOST_TURNS }, (_, turn) => {
  const { name, first } = spokenIn(turn);
  return name === "wait"
    ? [breakIn(2_000), saysCoded(name, first), hearsOut]
    : [saysCoded(name, first), ...(spokenIn(turn + 1).name === "wait" ? [] : [hearsOut])];
}).flat();

/** Makes the calls, holds them, hangs up, and says what was seen while all of them ran. */
export async function runLoad(rig: Rig, { calls: count, seconds }: LoadSize): Promise<LoadFigures> {
  const { pid } = rig.server;
  await pinProcess(pid, 0);
  await pinProcess(Deno.pid, 1);
  const startMs = systemClock.nowMs();
  const calls = [];
  for (let n = 0; n < count; n++) {
    await sleepUntil(startMs + n * 1_000 / CALLS_PER_SECOND + Math.random() * FRAME_MS);
    calls.push(rig.dial([hearsOut, wait(n % 7 * 300), ...SCRIPT, untilEnded()]));
  }
  await sleep(systemClock, SETTLE_MS);
  const fromMs = systemClock.nowMs();
  const beforeMs = processorMs(pid);
  await sleep(systemClock, seconds * 1_000);
  const cpuMs = processorMs(pid) - beforeMs;
  const span = { fromMs, toMs: systemClock.nowMs() };
  const memoryMb = residentMb(pid);
  const endedCalls = calls.filter((call) => call.isOver).length;
  for (const call of calls) call.hangUp("caller");
  const reports = await Promise.all(calls.map((call) => call.ended));
  await pinProcess(Deno.pid);
  const seen = reports.map((report) => seenOf(report, rig.sessionsOf(report.from), span));
  const all = <T>(pick: (one: (typeof seen)[number]) => readonly T[]) => seen.flatMap(pick);
  const sum = (pick: (one: (typeof seen)[number]) => number) =>
    seen.reduce((total, one) => total + pick(one), 0);
  const uplink = all((one) => one.uplinkMs), downlink = all((one) => one.downlinkMs);
  const heldMs = span.toMs - span.fromMs;
  return {
    ...{ calls: count, seconds, endedCalls },
    latePercent: latePercent(seen.map(({ late }) => late)),
    uplinkMs: [percentile(uplink, 50), percentile(uplink, 99), percentile(uplink, 99.9)],
    downlinkMs: [percentile(downlink, 50), percentile(downlink, 99)],
    cpuMsPerCallSecond: cpuMs / (heldMs / 1_000) / count,
    cpuPercent: 100 * cpuMs / heldMs,
    lostFrames: sum(({ lostFrames }) => lostFrames),
    gapMsPerMinute: sum(({ gapMs }) => gapMs) / (count * heldMs / 60_000),
    residentMb: memoryMb,
    ownLatenessMs: percentile(all((one) => one.ownLatenessMs), 99),
  };
}

async function sleepUntil(atMs: number): Promise<void> {
  await sleep(systemClock, Math.max(0, atMs - systemClock.nowMs()));
}

/** What one call shows of a span. */
function seenOf(report: PhoneCallReport, sessions: readonly SessionRecord[], span: Span) {
  const isWithin = (atMs: number) => atMs >= span.fromMs && atMs < span.toMs - LOST_MS;
  const up = uplinkOf(report, sessions, isWithin);
  const answers = sessions.flatMap(({ sent }) => sent);
  const heard = heardFrames(report);
  const down = answers.flatMap((answer, n) => {
    const { firstSentAtMs = Infinity, outcome } = answer;
    const untilMs = answers[n + 1]?.firstSentAtMs ?? Infinity;
    if (!isWithin(firstSentAtMs) || outcome === "interrupted") return [];
    const own = heard.filter(({ atMs }) => atMs >= firstSentAtMs && atMs < untilMs);
    const isCut = report.clears.some(({ atMs }) => atMs >= firstSentAtMs && atMs < untilMs);
    const lost = isCut || untilMs > span.toMs ? 0 : answerHeard(own, numberingOf(answer)).missing;
    return [{ lost, latencyMs: downlinkOf(report, answer, isCut ? firstSentAtMs : untilMs) }];
  });
  const messages = report.messages.filter(({ atMs }) => isWithin(atMs));
  const gaps = report.underruns.filter(({ atMs }) => isWithin(atMs));
  return {
    late: lateFrames(messages),
    uplinkMs: up.latencyMs,
    downlinkMs: down.flatMap(({ latencyMs }) => latencyMs),
    lostFrames: up.lost + down.reduce((sum, { lost }) => sum + lost, 0),
    gapMs: gaps.reduce((sum, { lastedMs }) => sum + lastedMs, 0),
    ownLatenessMs: report.frameLatenessMs,
  };
}

/** How long each numbered frame took that was said while the model listened; those before are sent when it begins to. */
function uplinkOf(
  report: PhoneCallReport,
  sessions: readonly SessionRecord[],
  isWithin: (atMs: number) => boolean,
): { lost: number; latencyMs: number[] } {
  const windows = sessions.flatMap((session) => session.windows).map((window) => ({
    startedAtMs: window.startedAtMs,
    frames: new Map(framesInWindow(window).map(({ code, atMs }) => [code, atMs])),
  }));
  const latencyMs: number[] = [];
  let lost = 0;
  for (const [turn, { startedAtMs }] of report.utterances.entries()) {
    const { name, first } = spokenIn(turn);
    // What is said into an answer is judged first, and not all of it is sent.
    if (!isWithin(startedAtMs) || name === "wait") continue;
    const frames = Math.floor(codedCaller(name, first).length / LINE_FRAME_SAMPLES);
    const near = windows.filter((window) => Math.abs(window.startedAtMs - startedAtMs) < LOST_MS);
    for (let n = 0; n < frames - RAGGED_FRAMES; n++) {
      const index = Math.round((startedAtMs - (report.audioStartedAtMs ?? 0)) / FRAME_MS) + n;
      const wroteMs = startedAtMs + (n + 1) * FRAME_MS + (report.frameLatenessMs[index] ?? 0);
      const window = near.find(({ frames }) => frames.has(first + n));
      const cameMs = window?.frames.get(first + n);
      if (!window || cameMs === undefined) lost++;
      else if (wroteMs >= window.startedAtMs) latencyMs.push(cameMs - wroteMs);
    }
  }
  return { lost, latencyMs };
}

/**
 * How long each message of an answer took from when the model had sent it, or from when it was due, whichever came later; 0
 * if it came before that: the server keeps the line some audio ahead.
 */
function downlinkOf(report: PhoneCallReport, answer: SentAnswer, untilMs: number): number[] {
  const { firstSentAtMs = Infinity, pcm } = answer;
  const { chunkMs } = PLAIN_DELIVERY;
  const pace = LOAD_SETUP.delivery?.pace ?? 1;
  const lengthMs = pcm.length * 1_000 / MODEL_OUTPUT_HZ;
  const latencies: number[] = [];
  let doneMs = 0, startMs: number | undefined;
  for (const { event, atMs, bytes } of report.messages) {
    if (event !== "media" || atMs < firstSentAtMs || atMs >= untilMs || doneMs >= lengthMs) {
      continue;
    }
    startMs ??= atMs;
    const sentMs = firstSentAtMs + Math.floor(doneMs / chunkMs) * chunkMs / pace;
    latencies.push(Math.max(0, atMs - Math.max(sentMs, startMs + doneMs)));
    doneMs += bytes / LINE_FRAME_SAMPLES * FRAME_MS;
  }
  return latencies;
}
