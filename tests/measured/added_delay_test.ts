import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { MODEL_OUTPUT_HZ } from "../../audio/rates.ts";
import {
  type CallerStep,
  hangUp,
  listenUntilAgentDone,
  press,
} from "../../emulators/caller_script.ts";
import { print } from "../../tasks/terminal.ts";
import { percentile } from "../acceptance/line_timing.ts";
import { sine } from "../audio/tones.ts";
import { says } from "../support/recorded.ts";
import { SocketRig } from "../support/socket_call.ts";
import { StallWatch } from "../support/stalls.ts";

/** Turns of a call: some that are spoken, and many that a key makes, which take less time. */
const SPOKEN = 10;
const KEYED = 60;
/** Calls with keys one after the other, until enough of their turns count. */
const MOST_CALLS = 6;
const HANGOVER_MS = 100;
/**
 * The machine is shared: a turn is set aside if {@linkcode StallWatch} saw the process stand still shortly before its answer
 * or meanwhile, for what had piled up has to be done first. What our own code adds, by computing or by waiting, is no stall.
 * Enough turns have to be left.
 */
const LONGEST_DOWNLINK_MS = 5;
const FEWEST_TURNS = 100;
const BEFORE_MS = 20;
const LARGEST_STALL_MS = 3;
const LONGEST_DECISION_MS = 60;

const soon = listenUntilAgentDone({ silenceMs: 100 });

function tell(what: string, values: readonly number[]): void {
  const figures = [50, 99].map((percent) =>
    `p${percent} ${percentile(values, percent).toFixed(2)}`
  );
  print(`  ${what}: ${figures.join(", ")} ms (${values.length} turns)`);
}

/** The times of one call, and how long the model's first audio took where the machine kept time. */
async function measure(rig: SocketRig, count: number, step: CallerStep) {
  using watch = new StallWatch();
  const turns = Array.from({ length: count }, () => [step, soon]).flat();
  const { report, record, session } = await rig.call([soon, ...turns, hangUp()]);
  assert(session);
  assertEquals(session.violations, []);
  assertEquals(report.gaveUp, undefined);
  assertEquals(session.sent.length, count + 1);

  const media = report.messages.filter(({ event }) => event === "media");
  const downlinks = session.sent.map(({ firstSentAtMs = Infinity }) => {
    const toMs = media.find(({ atMs }) => atMs >= firstSentAtMs)?.atMs ?? Infinity;
    const stallMs = watch.longestStallMs({ fromMs: firstSentAtMs - BEFORE_MS, toMs });
    return { tookMs: toMs - firstSentAtMs, isKept: stallMs <= LARGEST_STALL_MS };
  });
  return {
    downlinkMs: downlinks.map(({ tookMs }) => tookMs),
    keptMs: downlinks.filter(({ isKept }) => isKept).map(({ tookMs }) => tookMs),
    decisionMs: record.turns.map(({ speechEndedMs, activityEndSentMs }) =>
      activityEndSentMs - speechEndedMs - HANGOVER_MS
    ),
    fromSoundMs: report.utterances.map(({ endedAtMs }, n) =>
      (session.windows[n]?.endedAtMs ?? Infinity) - endedAtMs - HANGOVER_MS
    ),
  };
}

Deno.test("a call adds at most 5 ms to the model's first audio, and 60 ms to the hangover", async () => {
  const beep = sine(700, { rateHz: MODEL_OUTPUT_HZ, seconds: 0.1 });
  await using rig = await SocketRig.start({
    model: {
      script: { answers: () => ({ text: "Beep.", pcm: beep }), delivery: { thinkMs: 0 } },
    },
    turns: { hangoverMs: HANGOVER_MS },
    agent: { digits: { mostDigits: 1 } },
  });
  // The first answer of a process also compiles what it runs through.
  await rig.call([soon, hangUp()]);
  const spoken = await measure(rig, SPOKEN, says("stop"));
  assertEquals(spoken.decisionMs.length, SPOKEN);
  const calls = [spoken];
  const all = (name: "downlinkMs" | "keptMs") => calls.flatMap((call) => call[name]);
  while (all("keptMs").length < FEWEST_TURNS && calls.length <= MOST_CALLS) {
    calls.push(await measure(rig, KEYED, press("1")));
  }
  tell("model's first audio to the first media", all("downlinkMs"));
  tell("the same where the machine kept time", all("keptMs"));
  tell("last frame of speech to activityEnd, beyond the hangover", spoken.decisionMs);
  tell("last audible frame to activityEnd at the model, beyond the hangover", spoken.fromSoundMs);
  assertGreaterOrEqual(all("keptMs").length, FEWEST_TURNS, "turns in which the machine kept time");
  assertLessOrEqual(percentile(all("keptMs"), 99), LONGEST_DOWNLINK_MS);
  assertLessOrEqual(percentile(spoken.decisionMs, 50), LONGEST_DECISION_MS);
});
