/**
 * Three calls that nothing must happen to, and beside them one through a bare relay, which shows what the machine does
 * to any call [I2].
 *
 * @module
 */

import { FRAME_MS } from "../../audio/rates.ts";
import { type CallerScript, hangUp, untilEnded } from "../../emulators/caller_script.ts";
import type { PhoneCall } from "../../emulators/phone_call.ts";
import { PhoneLine } from "../../emulators/phone_line.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";
import { systemClock } from "../../lib/clock.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { ACCOUNT_SID } from "../support/sign.ts";
import { AUTH_TOKEN, until } from "../support/socket_call.ts";
import { answerHeard, heardFrames } from "./heard.ts";
import { lateFrames, latePercent } from "./line_timing.ts";
import type { Rig } from "./rig.ts";
import { hearsOut, numberingOf, saysCoded } from "./speech.ts";

/** How many calls run beside a row. */
export const CANARIES = 3;
const MOST_LATE_PERCENT = 0.5;
const LONGEST_GAP_MS = 100;
/** More turns than any row lasts. */
const TURNS = 200;
/** A hang-up cuts what the line still had to play. */
const STILL_SOUNDING_MS = 700;

const SCRIPT: CallerScript = [
  hearsOut,
  ...Array.from({ length: TURNS }, () => [saysCoded("stop"), hearsOut]).flat(),
  hangUp(),
];

/** The calls beside a row. */
export class Canaries {
  readonly #rig: Rig;
  readonly #line: PhoneLine;
  readonly #calls: PhoneCall[] = [];

  private constructor(rig: Rig, server: ServerProcess) {
    this.#rig = rig;
    this.#line = rig.lineTo(() => server);
  }

  /** Places the calls, with the server that no row kills: the last one. They have been greeted when this is over. */
  static async start(rig: Rig): Promise<Canaries> {
    const canaries = new Canaries(rig, rig.servers.at(-1) ?? rig.target);
    for (let n = 1; n <= CANARIES; n++) {
      const from = `+155500100${n}`;
      canaries.#calls.push(rig.dialOn(canaries.#line, SCRIPT, { from }));
      const isGreeted = () => rig.sessionsOf(from)[0]?.sent[0]?.firstSentAtMs !== undefined;
      await until(isGreeted, `canary ${n} is greeted`);
    }
    return canaries;
  }

  /** Hangs up and takes what became of the calls. */
  async end(): Promise<PhoneCallReport[]> {
    const { invariants: figures } = this.#rig;
    const wereAlive = this.#calls.every((call) => !call.isOver);
    figures.is("canaries alive", wereAlive, true);
    for (const call of this.#calls) call.hangUp("caller");
    const finished = await Promise.all(this.#calls.map((call) => this.#rig.finish(call)));
    const reports = finished.map(({ report }) => report);
    const late = latePercent(reports.map(({ messages }) => lateFrames(messages)));
    figures.atMost("canaries", late, MOST_LATE_PERCENT, "% late");
    const heard = reports.map((report) => this.#heard(report)).flat();
    const longestGapMs = Math.max(0, ...heard.map((answer) => answer.longestGapMs));
    figures.atMost("canaries' longest gap", longestGapMs, LONGEST_GAP_MS, "ms");
    const harmedFrames = heard.reduce((sum, { missing, repeated }) => sum + missing + repeated, 0);
    figures.atMost("canaries' answers missing or doubled", harmedFrames * FRAME_MS, 0, "ms");
    figures.atLeast("canaries' answers", heard.length, CANARIES);
    return reports;
  }

  /** How each answer was heard that had time to sound to its end. */
  #heard(report: PhoneCallReport) {
    const frames = heardFrames(report);
    const sent = this.#rig.sessionsOf(report.from).flatMap((session) => session.sent);
    return sent.flatMap((answer, n) => {
      const { firstSentAtMs: fromMs = Infinity } = answer;
      const numbering = numberingOf(answer);
      const toMs = fromMs + numbering.length * 20 + STILL_SOUNDING_MS;
      if (toMs > report.endedAtMs) return [];
      const nextMs = sent[n + 1]?.firstSentAtMs ?? Infinity;
      const own = frames.filter(({ atMs }) => atMs >= fromMs && atMs < nextMs);
      return [answerHeard(own, numbering)];
    });
  }
}

/** Calls through a relay that does nothing but relay. */
export class ControlCalls implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #line: PhoneLine;
  readonly #calls: readonly PhoneCall[];

  private constructor(
    process: Deno.ChildProcess,
    { port, calls }: { port: number; calls: number },
  ) {
    this.#process = process;
    this.#line = new PhoneLine({
      clock: systemClock,
      accountSid: ACCOUNT_SID,
      authToken: AUTH_TOKEN,
    });
    const stream = encodeURIComponent(`ws://127.0.0.1:${port}/`);
    this.#calls = Array.from({ length: calls }, () =>
      this.#line.dial({
        voiceUrl: `http://127.0.0.1:${port}/?stream=${stream}`,
        from: "+15550000000",
        to: "+15550000000",
        script: [untilEnded()],
      }));
  }

  /** Places them: one unless told otherwise. */
  static async start(calls = 1): Promise<ControlCalls> {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-net=127.0.0.1", "--allow-env", "bench/bare_relay.ts"],
      cwd: new URL("../../", import.meta.url),
      stdout: "piped",
    }).spawn();
    const reader = process.stdout.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    const { port } = JSON.parse(new TextDecoder().decode(value));
    return new ControlCalls(process, { port, calls });
  }

  /** Number of the relay's process. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Ends them. */
  async end(): Promise<PhoneCallReport[]> {
    for (const call of this.#calls) call.hangUp("caller");
    return await Promise.all(this.#calls.map((call) => call.ended));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line.close();
    this.#process.kill("SIGKILL");
    await this.#process.stdout.cancel();
    await this.#process.status;
  }
}
