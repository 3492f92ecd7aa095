/**
 * `deno task call`: is the phone. Calls a server that runs, says recordings, presses keys, listens, and tells the call.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { MODEL_INPUT_HZ } from "../audio/rates.ts";
import { WavError } from "../audio/wav.ts";
import {
  type CallerStep,
  hangUp,
  listenUntilAgentDone,
  press,
  say,
} from "../emulators/caller_script.ts";
import { PhoneLine } from "../emulators/phone_line.ts";
import type { EndedBy, PhoneCallReport } from "../emulators/phone_report.ts";
import { callerLine } from "../emulators/speech.ts";
import { systemClock } from "../lib/clock.ts";
import { randomIds } from "../lib/ids.ts";
import { localToken } from "../lib/local_token.ts";
import { saveCall } from "./call_audio_file.ts";
import { followCall } from "./follow_call.ts";
import { orderCall } from "./order_call.ts";
import { socketOf } from "./socket_url.ts";
import { print } from "./terminal.ts";

const USAGE = `Calls a running Offhook server, as a telephone would.

  --url URL      the server                  (default http://localhost:8000)
  --wav FILE     what to say; may be given several times (default: a bundled recording)
  --dtmf KEYS    keys to press at the end, such as 1#
  --from NUMBER  who calls                   (default +15550001111)
  --to NUMBER    who is called               (default +15550002222)
  --out FILE     keep the sound as a stereo WAV: caller left, agent right

Has the server call somebody instead:

  --out-to NUMBER   whom its agent calls     (the agent's file must allow it)
  --agent NAME      which agent              (default "default")
  --say NAME=VALUE  what the agent should know; may be given several times`;

/** An account for servers that are bound to none. */
const LOCAL_ACCOUNT_SID = "AC" + "0".repeat(32);

const CALLER = "+15550001111";

const ENDED_BY: Record<EndedBy, string> = {
  caller: "the caller",
  server: "the server",
  twiml: "the server's last TwiML verb",
  rest: "a REST request",
  error: "a failure",
};

interface Options {
  readonly url: string;
  readonly wav: readonly string[];
  readonly dtmf: string | undefined;
  readonly from: string | undefined;
  readonly to: string;
  readonly out: string | undefined;
  readonly outTo: string | undefined;
  readonly agent: string;
  readonly say: readonly string[];
}

function readOptions(): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      url: { ...text, default: "http://localhost:8000" },
      wav: { ...text, multiple: true, default: [] },
      dtmf: text,
      from: text,
      to: { ...text, default: "+15550002222" },
      out: text,
      "out-to": text,
      agent: { ...text, default: "default" },
      say: { ...text, multiple: true, default: [] },
    },
  });
  const { dtmf, out, from, "out-to": outTo } = values;
  return { ...values, dtmf, out, from, outTo, url: values.url.replace(/\/$/, "") };
}

async function scriptOf({ wav, dtmf }: Options): Promise<CallerStep[]> {
  const bundled = callerLine("table");
  const speeches = wav.length > 0
    ? await Promise.all(wav.map(async (path) => say(await Deno.readFile(path), { text: path })))
    : [say(bundled.pcm16k, { text: bundled.text, hz: MODEL_INPUT_HZ })];
  return [
    listenUntilAgentDone(),
    ...speeches.flatMap((speech) => [speech, listenUntilAgentDone()]),
    ...(dtmf ? [press(dtmf), listenUntilAgentDone({ timeoutMs: 5_000 })] : []),
    hangUp(),
  ];
}

function run(options: Options): Promise<boolean> {
  const { url: serverUrl, outTo, agent, from, say: variables } = options;
  if (outTo === undefined) return place(options);
  const consoleToken = Deno.env.get("CONSOLE_TOKEN") || undefined;
  const clock = systemClock;
  return orderCall({ serverUrl, consoleToken, agent, to: outTo, from, variables, print, clock });
}

async function place(options: Options): Promise<boolean> {
  const publicUrl = (Deno.env.get("PUBLIC_URL") || options.url).replace(/\/$/, "");
  const line = new PhoneLine({
    clock: systemClock,
    accountSid: Deno.env.get("TWILIO_ACCOUNT_SID") || LOCAL_ACCOUNT_SID,
    authToken: Deno.env.get("TWILIO_AUTH_TOKEN") || await localToken(randomIds),
    // Signed for the public address, but sent to the one that was asked for.
    address: (url) =>
      url.replace(publicUrl, options.url).replace(socketOf(publicUrl), socketOf(options.url)),
  });
  const { from = CALLER } = options;
  const call = line.dial({
    voiceUrl: `${publicUrl}/twilio/voice`,
    statusCallback: `${publicUrl}/twilio/status`,
    from,
    to: options.to,
    script: await scriptOf(options),
  });
  print(`Calling ${options.to} at ${options.url} from ${from}`, "");
  const record = await followCall({
    serverUrl: options.url,
    callSid: call.callSid,
    consoleToken: Deno.env.get("CONSOLE_TOKEN") || undefined,
    print,
  }, call.ended);
  const report = await call.ended;
  tellEnd(report, record?.ending);
  if (options.out) {
    await saveCall(options.out, report);
    print(`Sound: ${options.out}`);
  }
  return report.firstMediaAtMs !== undefined && report.warnings.length === 0;
}

function tellEnd(report: PhoneCallReport, ending: string | undefined): void {
  const seconds = ((report.endedAtMs - report.dialledAtMs) / 1_000).toFixed(1);
  print(
    "",
    `Ended by ${ENDED_BY[report.endedBy]} after ${seconds} s${ending ? ` (${ending})` : ""}.`,
  );
  for (const { text } of report.spoken) print(`Twilio said: ${text}`);
  for (const { targets } of report.dials) print(`Twilio dialled: ${targets.join(", ")}`);
  for (const { code, text } of report.warnings) print(`Twilio warned: ${code} ${text}`);
  for (const { url, status } of report.requests) {
    if (status === undefined) print(`No answer to ${url}: is the server running?`);
    else if (status === 403) {
      print(`Refused by ${url}: "call" needs the server's PUBLIC_URL and TWILIO_AUTH_TOKEN.`);
    }
  }
}

/** What the person who typed the command can mend, in a line. */
function refusal(error: unknown): string | undefined {
  if (error instanceof Deno.errors.NotFound) return `Cannot read a file: ${error.message}`;
  if (error instanceof WavError) return error.message;
  const code = error instanceof TypeError && "code" in error ? String(error.code) : "";
  return code.startsWith("ERR_PARSE_ARGS")
    ? `${(error as TypeError).message}\n\n${USAGE}`
    : undefined;
}

try {
  if (Deno.args.includes("--help")) print(USAGE);
  else Deno.exit(await run(readOptions()) ? 0 : 1);
} catch (error) {
  const line = refusal(error);
  if (line === undefined) throw error;
  print(line);
  Deno.exit(1);
}
