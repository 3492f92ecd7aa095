/**
 * Kills servers at random moments of their calls, and counts the calls that go on with at most 3 s of silence. Real processes, one store,
 * emulated telephone and model. `deno run --allow-all bench/kill_calls.ts [calls] [seed]`
 *
 * @module
 */

import { untilEnded, wait } from "../emulators/caller_script.ts";
import type { PhoneCall } from "../emulators/phone_call.ts";
import type { PhoneCallReport } from "../emulators/phone_report.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { print } from "../tasks/terminal.ts";
import { FailoverRig } from "../tests/support/failover_rig.ts";
import { hearsOut, says, spoken } from "../tests/support/recorded.ts";
import { Chance } from "./barge_in/chance.ts";

const CALLS_TOGETHER = 10;
const WITHIN_MS = 3_000;
/** So long a call is listened to afterwards: its caller may speak first, for up to three seconds. */
const LISTENED_MS = 7_500;
/** Kills fall at any time of a call of this length, from its webhook on. */
const LONGEST_MS = 15_000;
/** The model has something to say for longer than any call. */
const ANSWERS = Array.from(
  { length: 5 },
  () => spoken("greeting", "which-day", "of-course", "by-the-window", "table-is-free"),
).flat();

/**
 * How long nobody speaks until the caller hears the agent on a later stream; Infinity: never. While the caller speaks the
 * agent is not missed.
 */
function backAfterMs(
  { streams, messages, utterances }: PhoneCallReport,
  killedAtMs: number,
): number {
  const later = streams.find(({ startedAtMs }) => startedAtMs >= killedAtMs);
  const first = messages.find(({ event, atMs }) =>
    event === "media" && later !== undefined && atMs >= later.startedAtMs
  );
  const backAtMs = first?.atMs ?? Infinity;
  const spokenMs = utterances.reduce((sum, { startedAtMs, endedAtMs }) => {
    const ms = Math.min(endedAtMs, backAtMs) - Math.max(startedAtMs, killedAtMs);
    return sum + Math.max(0, ms);
  }, 0);
  return backAtMs - killedAtMs - spokenMs;
}

/** What became of a call that did not go on in time: its requests, streams and sentences, by the time of the kill. */
function storyOf({ requests, streams, spoken }: PhoneCallReport, killedAtMs: number): string {
  const at = (ms: number) => `${Math.round(ms - killedAtMs)} ms`;
  return [
    ...requests.map(({ url, status, sentAtMs }) =>
      `${new URL(url).pathname} ${status ?? "failed"} at ${at(sentAtMs)}`
    ),
    ...streams.map(({ startedAtMs, endedAtMs }) => `stream ${at(startedAtMs)} to ${at(endedAtMs)}`),
    ...spoken.map(({ text, atMs }) => `"${text}" at ${at(atMs)}`),
  ].join(", ");
}

/** One server is killed while it has calls; gives how long each of them took to go on. */
async function killOnce(rig: FailoverRig, chance: Chance): Promise<number[]> {
  const [victim, heir] = rig.servers.slice(-2);
  rig.sendTo(victim);
  const script = [
    hearsOut,
    says("table"),
    hearsOut,
    says("stop"),
    hearsOut,
    wait(20_000),
    untilEnded(),
  ];
  const calls: PhoneCall[] = [];
  const killAtMs = systemClock.nowMs() + 1_500 + chance.unit() * LONGEST_MS;
  for (let n = 0; n < CALLS_TOGETHER; n++) {
    calls.push(rig.dial(script));
    await sleep(systemClock, chance.unit() * 150);
  }
  await sleep(systemClock, Math.max(0, killAtMs - systemClock.nowMs()));
  rig.sendTo(heir);
  victim?.signal("SIGKILL");
  const killedAtMs = systemClock.nowMs();
  await sleep(systemClock, LISTENED_MS);
  for (const call of calls) call.hangUp("caller");
  // Not before: it would take the machine from the heir, which elsewhere has one of its own.
  await rig.startServer();
  const reports = await Promise.all(calls.map(({ ended }) => ended));
  for (const report of reports) {
    if (backAfterMs(report, killedAtMs) > WITHIN_MS) {
      print(`  late: ${storyOf(report, killedAtMs)}`);
    }
  }
  return reports.map((report) => backAfterMs(report, killedAtMs));
}

/** Kills until so many calls were hit, and prints the share that went on in time. */
async function main(wanted: number, seed: number): Promise<void> {
  const chance = new Chance(String(seed));
  await using rig = await FailoverRig.start({ answers: ANSWERS });
  const times: number[] = [];
  while (times.length < wanted) {
    times.push(...await killOnce(rig, chance));
    const inTime = times.filter((ms) => ms <= WITHIN_MS).length;
    print(`${times.length} killed, ${inTime} went on within 3 s of silence`);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  const share = 100 * times.filter((ms) => ms <= WITHIN_MS).length / times.length;
  print(
    `${share.toFixed(1)} % of ${times.length} went on within 3 s of silence; ` +
      `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms (seed ${seed})`,
  );
}

if (import.meta.main) {
  const [calls = "500", seed = "1"] = Deno.args;
  await main(Number(calls), Number(seed));
}
