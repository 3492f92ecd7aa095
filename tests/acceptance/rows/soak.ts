/**
 * L04 and L05: many calls one after the other, and calls for long; nothing of them stays.
 *
 * @module
 */

import { hangUp, wait } from "../../../emulators/caller_script.ts";
import type { Fault } from "../../../emulators/model_script.ts";
import type { PhoneCall } from "../../../emulators/phone_call.ts";
import { sleep, systemClock } from "../../../lib/clock.ts";
import { residentMb } from "../process_facts.ts";
import type { Rig } from "../rig.ts";
import type { RigSetup, Row } from "../row.ts";
import { hearsOut, saysCoded } from "../speech.ts";

const SHORT_CALLS = 1_000;
const LANES = 40;
const REST_MS = 30_000;
const HEAP_LOOKS = 10;
const HEAP_LOOK_MS = 500;
const LONG_MS = 1_800_000;
const LONG_LANES = 20;
/** What a process takes once is left out. */
const WARM_MS = 300_000;
const LOOK_MS = 10_000;
const LOOKS_PER_MINUTE = 6;
/** Of so many calls one has a line that breaks, and one a model that breaks off. */
const SHORT_FAULT_EVERY = 20;
const LONG_FAULT_EVERY = 14;

/** The model breaks off in one of so many connections. */
function breaks(every: number, count: number): Fault[] {
  return Array.from({ length: Math.floor(count / every) }, (_, n) => ({
    connection: n * every + 5,
    when: { at: "answer", turn: 1, afterMs: 500 },
    type: "close",
    code: 1011,
    reason: "Internal error",
  }));
}

/** Memory that the server's program holds, the least of several looks: what is not collected yet does not count. */
async function heapMb(rig: Rig): Promise<number> {
  let least = Infinity;
  for (let n = 0; n < HEAP_LOOKS; n++) {
    least = Math.min(least, await heapNowMb(rig));
    await sleep(systemClock, HEAP_LOOK_MS);
  }
  return least;
}

async function heapNowMb(rig: Rig): Promise<number> {
  const { text } = await rig.get("/metrics");
  return Number(/^offhook_heap_bytes (\S+)$/m.exec(text)?.[1]) / 1_048_576;
}

/** Makes calls in lanes until it is told to stop; those that are over are forgotten. */
async function inLanes(
  rig: Rig,
  { lanes, next }: { lanes: number; next: () => PhoneCall | undefined },
): Promise<void> {
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (let call = next(); call; call = next()) {
      await call.ended;
      await rig.records.of(call.callSid);
      rig.dialled.splice(rig.dialled.indexOf(call), 1);
    }
  }));
}

/** A call of 5 to 10 s. */
function shortCall(rig: Rig, n: number): PhoneCall {
  const from = `+1555300${String(n).padStart(4, "0")}`;
  const script = [hearsOut, saysCoded("stop"), wait(n % 6 * 500), hangUp()];
  const isCut = n % SHORT_FAULT_EVERY === 0;
  return rig.dial(script, { from, ...(isCut ? { faults: { resetAfterMs: 3_000 } } : {}) });
}

async function shortCalls(rig: Rig): Promise<void> {
  let made = 0;
  const upTo = (count: number) => () => made < count ? shortCall(rig, made++) : undefined;
  await inLanes(rig, { lanes: LANES, next: upTo(LANES) });
  const beforeMb = await heapMb(rig);
  await inLanes(rig, { lanes: LANES, next: upTo(LANES + SHORT_CALLS / 2) });
  const halfMb = residentMb(rig.server.pid);
  await inLanes(rig, { lanes: LANES, next: upTo(LANES + SHORT_CALLS) });
  const wholeMb = residentMb(rig.server.pid);
  await sleep(systemClock, REST_MS);
  rig.figures.atMost("more heap", await heapMb(rig) - beforeMb, 5, "MB");
  rig.figures.atMost("more memory in the second half", 100 * (wholeMb / halfMb - 1), 5, "percent");
  const open = rig.model.sessions.filter(({ closedAtMs }) => closedAtMs === undefined);
  rig.figures.is("sessions", open.length, 0);
}

async function longRun(rig: Rig): Promise<void> {
  const startMs = systemClock.nowMs();
  let made = 0;
  const next = () => {
    if (systemClock.nowMs() - startMs > LONG_MS) return undefined;
    const n = made++;
    const from = `+1555400${String(n).padStart(4, "0")}`;
    const turns = Array.from({ length: 10 }, () => [saysCoded("stop"), hearsOut]).flat();
    const isCut = n % LONG_FAULT_EVERY === 12;
    return rig.dial([hearsOut, ...turns, hangUp()], {
      from,
      ...(isCut ? { faults: { resetAfterMs: 20_000 } } : {}),
    });
  };
  const heap: number[] = [];
  const looking = (async () => {
    while (systemClock.nowMs() - startMs < LONG_MS) {
      heap.push(await heapNowMb(rig));
      await sleep(systemClock, LOOK_MS);
    }
  })();
  await inLanes(rig, { lanes: LONG_LANES, next });
  await looking;
  const minutes = Array.from(
    { length: Math.floor(heap.length / LOOKS_PER_MINUTE) },
    (_, n) => Math.min(...heap.slice(n * LOOKS_PER_MINUTE, (n + 1) * LOOKS_PER_MINUTE)),
  );
  const slope = slopeOf(minutes.slice(WARM_MS / 60_000));
  rig.figures.atMost("heap a minute", slope, 0.2, "MB");
  rig.figures.atLeast("calls", made, LONG_LANES);
}

/** By how much values rise from one to the next, by least squares. */
function slopeOf(values: readonly number[]): number {
  const mid = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const both = values.reduce((sum, value, n) => sum + (n - mid) * (value - mean), 0);
  return both / values.reduce((sum, _value, n) => sum + (n - mid) ** 2, 0);
}

const SETUP: RigSetup & { isLong: true } = {
  isLong: true,
  hasCanaries: false,
  environment: { MAX_CALLS: "200" },
  hear: () => "",
};

/** Both. */
export const SOAK_ROWS: readonly Row[] = [
  {
    ...SETUP,
    id: "L04",
    limitMs: 600_000,
    modelFaults: breaks(SHORT_FAULT_EVERY, SHORT_CALLS),
    run: shortCalls,
  },
  {
    ...SETUP,
    id: "L05",
    limitMs: LONG_MS + 300_000,
    modelFaults: breaks(LONG_FAULT_EVERY, 1_000),
    run: longRun,
  },
];
