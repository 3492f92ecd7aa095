/**
 * `deno task demo`: the server and both emulators on free ports of this machine, one call with recorded speech over
 * real sockets, told as it happens. No key, no network. Exits 0 only if every turn was heard by both sides.
 *
 * @module
 */

import { convertRate } from "../audio/file_to_pcm.ts";
import { LINE_HZ, MODEL_INPUT_HZ, MODEL_OUTPUT_HZ } from "../audio/rates.ts";
import {
  breakIn,
  type CallerScript,
  hangUp,
  listenUntilAgentDone,
  say,
} from "../emulators/caller_script.ts";
import { demoScript } from "../emulators/demo_script.ts";
import { type GeminiLiveEmulator, startGeminiLive } from "../emulators/gemini_live.ts";
import { PhoneLine } from "../emulators/phone_line.ts";
import type { PhoneCallReport } from "../emulators/phone_report.ts";
import { callerLine, type CallerLineName } from "../emulators/speech.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { readSettings } from "../lib/env.ts";
import { createLog } from "../lib/log.ts";
import { serve } from "../main.ts";
import { linePcm, saveCall } from "./call_audio_file.ts";
import { followCall } from "./follow_call.ts";
import { findSound } from "./sound_match.ts";
import { socketOf } from "./socket_url.ts";
import { print } from "./terminal.ts";

const ACCOUNT_SID = "AC" + "0".repeat(31) + "1";
/** What the telephone network knows the server by; signatures are made over it. */
const PUBLIC_URL = "https://offhook.example";
const WAV_PATH = "demo.wav";
/** The telephone's band and coder change a voice a little. */
const LEAST_CORRELATION = 0.98;
/** Of an answer that was broken off, this much was surely heard. */
const SURELY_HEARD_MS = 1_000;

/** What the caller says, in order; the fourth breaks into the answer to the third. */
const LINES: readonly CallerLineName[] = ["table", "tomorrow", "window", "wait", "goodbye"];

const SCRIPT: CallerScript = [
  listenUntilAgentDone(),
  ...LINES.flatMap((name) => [
    say(callerLine(name).pcm16k, { text: callerLine(name).text, hz: MODEL_INPUT_HZ }),
    name === "window" ? breakIn(2_500) : listenUntilAgentDone(),
  ]),
  hangUp(),
];

/** What was not heard, by which side. */
function whatWasMissed(model: GeminiLiveEmulator, report: PhoneCallReport): string[] {
  const [session] = model.sessions;
  if (!session) return ["the model was never reached"];
  const missed: string[] = [];
  if (session.windows.length !== LINES.length) {
    missed.push(`the model heard ${session.windows.length} turns, not ${LINES.length}`);
  }
  for (const [n, window] of session.windows.entries()) {
    const name = LINES[n];
    if (!name) continue;
    const { pcm16k, text } = callerLine(name);
    const { correlation } = findSound(pcm16k, window.pcm);
    if (correlation < LEAST_CORRELATION) missed.push(`the model did not hear "${text}"`);
  }
  const heard = linePcm(report.heard);
  for (const { pcm, text, outcome } of session.sent) {
    const whole = convertRate(pcm, { fromHz: MODEL_OUTPUT_HZ, toHz: LINE_HZ });
    const part = outcome === "interrupted"
      ? whole.subarray(0, SURELY_HEARD_MS * LINE_HZ / 1_000)
      : whole;
    if (findSound(part, heard).correlation < LEAST_CORRELATION) {
      missed.push(`the caller did not hear "${text}"`);
    }
  }
  const broken = session.violations.map((rule) => `a rule of the model was broken: ${rule}`);
  const warned = report.warnings.map(({ code, text }) => `the line warned: ${code} ${text}`);
  return [...missed, ...broken, ...warned];
}

/** Waits until the server has loaded what it hears with: this one process has to play all three. */
async function readyAt(serverUrl: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${serverUrl}/readyz`);
    await response.body?.cancel();
    if (response.ok) return;
    await sleep(systemClock, 100);
  }
}

async function demo(): Promise<boolean> {
  print(
    "One call over real sockets, between an emulated telephone and an emulated model.",
    "No key and no network are used; server, telephone and model run on this machine.",
    "",
  );
  const log = createLog({ level: "warn", clock: systemClock, write: print });
  await using model = await startGeminiLive({ clock: systemClock, script: demoScript() });
  const authToken = crypto.randomUUID();
  const settings = readSettings({
    PORT: "0",
    PUBLIC_URL,
    TWILIO_ACCOUNT_SID: ACCOUNT_SID,
    TWILIO_AUTH_TOKEN: authToken,
    GEMINI_API_KEY: "demo",
    GOOGLE_GEMINI_BASE_URL: model.url,
    KV_PATH: ":memory:",
    LOG_LEVEL: "warn",
  }, "dev");
  const server = await serve(settings, log);
  const serverUrl = `http://127.0.0.1:${server.port}`;
  const line = new PhoneLine({
    clock: systemClock,
    accountSid: ACCOUNT_SID,
    authToken,
    address: (url) =>
      url.replace(PUBLIC_URL, serverUrl).replace(socketOf(PUBLIC_URL), socketOf(serverUrl)),
  });
  try {
    await readyAt(serverUrl);
    const call = line.dial({
      voiceUrl: `${settings.publicOrigin}/twilio/voice`,
      statusCallback: `${settings.publicOrigin}/twilio/status`,
      from: "+15550001111",
      to: "+15550002222",
      script: SCRIPT,
    });
    const { callSid } = call;
    await followCall({ serverUrl, callSid, consoleToken: undefined, print }, call.ended);
    const report = await call.ended;
    await saveCall(WAV_PATH, report);
    const missed = whatWasMissed(model, report);
    const seconds = ((report.endedAtMs - report.dialledAtMs) / 1_000).toFixed(1);
    print("", `The ${report.endedBy} hung up after ${seconds} s.`, `Sound: ${WAV_PATH}`, "");
    if (missed.length === 0) print("Every turn was heard by both sides.");
    else print("NOT everything was heard:", ...missed.map((what) => `  ${what}`));
    return missed.length === 0;
  } finally {
    await line.close();
    await server.close();
  }
}

Deno.exit(await demo() ? 0 : 1);
