/**
 * Runs one row once: the rig, the canaries, the fault, the invariants.
 *
 * @module
 */

import type { PhoneCallReport } from "../../emulators/phone_report.ts";
import { systemClock } from "../../lib/clock.ts";
import { Canaries, ControlCalls } from "./canaries.ts";
import { checkInvariants } from "./invariants.ts";
import { whyVoid } from "./line_timing.ts";
import { Rig } from "./rig.ts";
import type { Row } from "./row.ts";

/** How a run ended; `void` says that the machine was too busy for its times. */
export interface RunResult {
  /** The verdict. */
  readonly verdict: "met" | "missed" | "void";
  /** Whether everything held that is no time. */
  readonly isSound: boolean;
  /** What was measured, what was missed first. */
  readonly measured: string;
}

const USUAL_LIMIT_MS = 60_000;

/**
 * Runs a row once. Misses in time alone say nothing on a machine that is too busy: the run is void then. Any other miss
 * counts on every machine.
 */
export async function runRow(row: Row): Promise<RunResult> {
  await using rig = await Rig.start(row);
  await using control = await ControlCalls.start();
  const canaries = row.hasCanaries === false ? undefined : await Canaries.start(rig);
  rig.arm();
  const run = await within(row, rig);
  const reports = await canaries?.end() ?? [];
  reports.push(...await endCalls(rig));
  const controls = await control.end();
  const failure = run.failure ?? failureOf(run.reckon);
  if (!failure) await checkInvariants(rig, reports);
  const missed = [...rig.figures.missed, ...rig.invariants.missed];
  const held = rig.figures.all.filter(({ isHeld }) => isHeld);
  const texts = [...missed, ...held].map(({ text }) => text);
  const busy = whyVoid(controls, reports);
  const measured = [busy, failure, ...texts].filter((text) => text !== undefined).join("; ");
  const isSound = !failure && missed.every(({ isTimed }) => isTimed);
  if (isSound && missed.length === 0) return { verdict: "met", isSound, measured };
  if (isSound && busy) return { verdict: "void", isSound, measured };
  return { verdict: "missed", isSound, measured };
}

/** Ends what still runs of a row, and waits until its records are there. */
async function endCalls(rig: Rig): Promise<PhoneCallReport[]> {
  for (const call of rig.dialled) call.hangUp("caller");
  const reports = await Promise.all(rig.dialled.map((call) => call.ended));
  await rig.records.settled();
  return reports;
}

/** What a row has left to reckon, or why it could not be run to its end. */
interface RowRun {
  readonly failure?: string | undefined;
  readonly reckon?: (() => void) | undefined;
}

async function within({ run, limitMs = USUAL_LIMIT_MS }: Row, rig: Rig): Promise<RowRun> {
  const isOver = new AbortController();
  const limit = sleepUntil(isOver.signal, limitMs).then((failure) => ({ failure }));
  try {
    const ran = run(rig).then((reckon) => (reckon ? { reckon } : {}));
    return await Promise.race([ran, limit]);
  } catch (error) {
    return { failure: messageOf(error) };
  } finally {
    isOver.abort();
  }
}

function failureOf(reckon: (() => void) | undefined): string | undefined {
  try {
    reckon?.();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function sleepUntil(signal: AbortSignal, ms: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = systemClock.at(systemClock.nowMs() + ms, resolve);
  signal.addEventListener("abort", () => timer.cancel());
  await promise;
  return `not over within ${ms} ms`;
}
