import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { MODEL_OUTPUT_HZ } from "../../audio/rates.ts";
import { hangUp, listenUntilAgentDone } from "../../emulators/caller_script.ts";
import { print } from "../../tasks/terminal.ts";
import { sine } from "../audio/tones.ts";
import { says } from "../support/recorded.ts";
import { SocketRig } from "../support/socket_call.ts";

const TURNS = 12;
const HANGOVER_MS = 100;
/** The machine is shared, so the figure is held by the median; the 99th percentile is printed. */
const LONGEST_DOWNLINK_MS = 5;
const LONGEST_DECISION_MS = 60;

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * percent / 100) - 1] ?? NaN;
}

function tell(what: string, values: readonly number[]): void {
  const figures = [50, 99].map((percent) =>
    `p${percent} ${percentile(values, percent).toFixed(2)}`
  );
  print(`  ${what}: ${figures.join(", ")} ms (${values.length} turns)`);
}

Deno.test("a call adds at most 5 ms to the model's first audio, and 60 ms to the hangover", async () => {
  const beep = sine(700, { rateHz: MODEL_OUTPUT_HZ, seconds: 0.1 });
  await using rig = await SocketRig.start({
    model: {
      script: { answers: () => ({ text: "Beep.", pcm: beep }), delivery: { thinkMs: 0 } },
    },
    turns: { hangoverMs: HANGOVER_MS },
  });
  const soon = listenUntilAgentDone({ silenceMs: 200 });
  const turns = Array.from({ length: TURNS }, () => [says("stop"), soon]).flat();
  const { report, record, session } = await rig.call([soon, ...turns, hangUp()]);
  assert(session);
  assertEquals(session.violations, []);
  assertEquals(report.gaveUp, undefined);

  const media = report.messages.filter(({ event }) => event === "media");
  const downlinkMs = session.sent.map(({ firstSentAtMs = Infinity }) => {
    const first = media.find(({ atMs }) => atMs >= firstSentAtMs);
    return (first?.atMs ?? Infinity) - firstSentAtMs;
  });
  const decisionMs = record.turns.map(({ speechEndedMs, activityEndSentMs }) =>
    activityEndSentMs - speechEndedMs - HANGOVER_MS
  );
  const fromSoundMs = report.utterances.map(({ endedAtMs }, n) =>
    (session.windows[n]?.endedAtMs ?? Infinity) - endedAtMs - HANGOVER_MS
  );
  assertEquals(downlinkMs.length, TURNS + 1);
  assertEquals(decisionMs.length, TURNS);
  tell("model's first audio to the first media", downlinkMs);
  tell("last frame of speech to activityEnd, beyond the hangover", decisionMs);
  tell("last audible frame to activityEnd at the model, beyond the hangover", fromSoundMs);
  assertLessOrEqual(percentile(downlinkMs, 50), LONGEST_DOWNLINK_MS);
  assertLessOrEqual(percentile(decisionMs, 50), LONGEST_DECISION_MS);
});
