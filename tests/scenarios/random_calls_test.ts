/**
 * Whole calls in which everything happens by chance, against the strict emulator. `RANDOM_CALLS` says how many, 500 unless
 * given, and `RANDOM_CALLS_FROM` the first seed.
 */
import { assert, assertEquals } from "@std/assert";
import { print } from "../../tasks/terminal.ts";
import { test } from "../support/flights.ts";
import { type FinishedRandomCall, runRandomCall } from "../support/random_call.ts";

const COUNT = Number(Deno.env.get("RANDOM_CALLS") ?? 500);
const FIRST = Number(Deno.env.get("RANDOM_CALLS_FROM") ?? 0);

/** The longest tool takes 3 s, and its answer travels. */
const ANSWERED_WITHIN_MS = 4_000;

/** What has become of the functions that the model called, and how often. */
interface Fates {
  answered: number;
  cancelled: number;
  died: number;
}

/** Each call of a function is answered once, unless the model took it back, or its connection or the call went before. */
function judgeCalls({ service, endedMs }: FinishedRandomCall): Fates & { unfair: string[] } {
  const answers = new Map<string, number>();
  for (const { id } of service.sessions.flatMap(({ toolResponses }) => toolResponses)) {
    answers.set(id, (answers.get(id) ?? 0) + 1);
  }
  const fates = { answered: 0, cancelled: 0, died: 0 };
  const unfair: string[] = [];
  for (const [id, { session, atMs, isCancelled }] of service.calls) {
    const count = answers.get(id) ?? 0;
    const lastMs = Math.min(session.closedAtMs ?? Infinity, endedMs);
    const isMissed = count === 0 && !isCancelled && lastMs > atMs + ANSWERED_WITHIN_MS;
    if (count > 1 || isMissed) unfair.push(`${id} was answered ${count} times`);
    if (count > 0) fates.answered++;
    else fates[isCancelled ? "cancelled" : "died"]++;
  }
  return { ...fates, unfair };
}

/** All that must not be. */
function problemsOf(finished: FinishedRandomCall): string[] {
  const { call, service, runningTools, isOver } = finished;
  const { violations, openSockets } = service;
  const { unfair } = judgeCalls(finished);
  return [
    ...violations,
    ...unfair,
    ...call.logLines.filter((line) => JSON.parse(line).event === "call-failed"),
    ...(isOver ? [] : ["the call is not over"]),
    ...(openSockets > 0 ? [`${openSockets} sockets are open`] : []),
    ...(runningTools > 0 ? [`${runningTools} tools run`] : []),
    ...(call.clock.pendingTimers > 0 ? [`${call.clock.pendingTimers} timers are set`] : []),
  ];
}

test(`${COUNT} whole calls of audio, keys, tool calls, cancellations, go-aways, broken connections, barge-ins and hang-ups by chance: no rule is broken, each id is answered once, nothing is left running [F04 F05 F06]`, async () => {
  const seen = { answered: 0, cancelled: 0, died: 0, interrupted: 0, connections: 0 };
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const finished = await runRandomCall(`call ${seed}`);
    assertEquals(problemsOf(finished), [], `seed "call ${seed}"`);
    const { answered, cancelled, died } = judgeCalls(finished);
    seen.answered += answered;
    seen.cancelled += cancelled;
    seen.died += died;
    const { sessions } = finished.service;
    seen.connections += sessions.length;
    const sent = sessions.flatMap((session) => session.sent);
    seen.interrupted += sent.filter(({ outcome }) => outcome === "interrupted").length;
  }
  print(`  seeds ${FIRST} to ${FIRST + COUNT - 1}: ${JSON.stringify(seen)}`);
  // What it is about was met often.
  for (const [what, times] of Object.entries(seen)) assert(times > COUNT / 25, `${what}: ${times}`);
});
