/**
 * What a call costs: twenty calls at once, paced in real time, on one core, beside a bare relay in the same run.
 *
 * The server runs as a process of its own, pinned to a core where the host can; telephone and model are emulated here,
 * on the other. The processor time is the kernel's count for that process (Linux only). Rounds of relay and server take
 * turns; medians and spreads are printed, and the ratio round by round.
 *
 * @module
 */

import { hangUp, say, wait } from "../emulators/caller_script.ts";
import { demoScript } from "../emulators/demo_script.ts";
import { startGeminiLive } from "../emulators/gemini_live.ts";
import { PhoneLine } from "../emulators/phone_line.ts";
import { callerLine, type CallerLineName } from "../emulators/speech.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { median, print, row } from "./measure.ts";

const CALLS = 20;
const ROUNDS = 3;
/** Left out at the start: set-up and greeting. */
const SETTLE_MS = 5_000;
const MEASURED_MS = 15_000;
/** The caller speaks again so long after each line, answer or not: a relay's model never falls silent. */
const ANSWER_MS = 4_000;
/** The kernel counts in hundredths of a second. */
const MS_PER_TICK = 10;
const ACCOUNT_SID = "AC" + "0".repeat(31) + "1";
const AUTH_TOKEN = "bench";
const PUBLIC_URL = "http://127.0.0.1:1";
const LINES: readonly CallerLineName[] = ["table", "tomorrow", "window", "story"];

/** A server process under test. */
interface Candidate {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The webhook, given the process's port. */
  readonly voiceUrl: (port: number) => string;
}

/** What one round showed. */
interface Round {
  /** Milliseconds of processor time per second of call. */
  readonly cpuMs: number;
  /** Resident memory at the end, in megabytes. */
  readonly rssMb: number;
}

/** Runs the benchmark and prints its table. */
export async function callBench(): Promise<void> {
  await using model = await startGeminiLive({ clock: systemClock, script: demoScript() });
  const candidates: Candidate[] = [
    {
      name: "bare relay",
      args: ["bench/bare_relay.ts"],
      env: {},
      voiceUrl: (port) =>
        `http://127.0.0.1:${port}/?stream=${encodeURIComponent(`ws://127.0.0.1:${port}/`)}`,
    },
    {
      name: "offhook",
      args: ["main.ts"],
      env: {
        HOST: "127.0.0.1",
        PORT: "0",
        PUBLIC_URL,
        TWILIO_ACCOUNT_SID: ACCOUNT_SID,
        TWILIO_AUTH_TOKEN: AUTH_TOKEN,
        GEMINI_API_KEY: "bench",
        GOOGLE_GEMINI_BASE_URL: model.url,
      },
      voiceUrl: () => `${PUBLIC_URL}/twilio/voice`,
    },
  ];
  const rounds: Round[][] = candidates.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, candidate] of candidates.entries()) {
      rounds[i]?.push(await runRound(candidate));
    }
  }
  print(
    `\n${CALLS} calls at once for ${MEASURED_MS / 1_000} s, ${ROUNDS} rounds, server on one core`,
  );
  print(row("", ["CPU ms/call-s", "spread", "x relay", "RSS MB"]));
  for (const [i, { name }] of candidates.entries()) {
    const own = rounds[i] ?? [];
    const cpu = own.map(({ cpuMs }) => cpuMs);
    const ratios = cpu.map((cpuMs, round) => cpuMs / (rounds[0]?.[round]?.cpuMs ?? NaN));
    print(row(name, [
      median(cpu).toFixed(2),
      `${Math.min(...cpu).toFixed(2)}-${Math.max(...cpu).toFixed(2)}`,
      median(ratios).toFixed(2),
      median(own.map(({ rssMb }) => rssMb)).toFixed(0),
    ]));
  }
}

async function runRound(candidate: Candidate): Promise<Round> {
  const { process, port } = await startProcess(candidate);
  const line = new PhoneLine({
    clock: systemClock,
    accountSid: ACCOUNT_SID,
    authToken: AUTH_TOKEN,
    address: (url) => url.replace("127.0.0.1:1/", `127.0.0.1:${port}/`),
  });
  try {
    const calls = Array.from({ length: CALLS }, (_, n) =>
      line.dial({
        voiceUrl: candidate.voiceUrl(port),
        from: `+1555000${1_000 + n}`,
        to: "+15550002222",
        script: [wait(n * 131), ...conversation(), ...conversation(), hangUp()],
      }));
    await sleep(systemClock, SETTLE_MS);
    const before = await processorMs(process.pid);
    const startMs = systemClock.nowMs();
    await sleep(systemClock, MEASURED_MS);
    const seconds = (systemClock.nowMs() - startMs) / 1_000;
    const cpuMs = (await processorMs(process.pid) - before) / seconds / CALLS;
    const rssMb = await residentMb(process.pid);
    if (calls.some((call) => call.isOver)) throw new Error(`a call of ${candidate.name} was lost`);
    return { cpuMs, rssMb };
  } finally {
    await line.close();
    process.kill("SIGKILL");
    await process.status;
  }
}

function conversation() {
  return LINES.flatMap((name) => [
    wait(ANSWER_MS),
    say(callerLine(name).pcm16k, { hz: 16_000 }),
  ]);
}

/** Starts a server on the first core and waits for the port that it prints. */
async function startProcess(
  { args, env }: Candidate,
): Promise<{ process: Deno.ChildProcess; port: number }> {
  const deno = [Deno.execPath(), "run", "--allow-all", ...args];
  const [program = "", ...rest] = await hasTaskset() ? ["taskset", "-c", "0", ...deno] : deno;
  const process = new Deno.Command(program, { args: rest, env, stdout: "piped", stderr: "null" })
    .spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream());
  for await (const text of lines.values({ preventCancel: true })) {
    const port = /"port":(\d+)/.exec(text)?.[1];
    if (port === undefined) continue;
    lines.pipeTo(new WritableStream()).catch(() => {});
    return { process, port: Number(port) };
  }
  throw new Error(`Cannot measure ${args}: it printed no port`);
}

async function hasTaskset(): Promise<boolean> {
  try {
    return (await new Deno.Command("taskset", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

async function processorMs(pid: number): Promise<number> {
  const fields = (await Deno.readTextFile(`/proc/${pid}/stat`)).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

async function residentMb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

if (import.meta.main) await callBench();
