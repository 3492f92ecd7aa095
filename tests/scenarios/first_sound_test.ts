/** From the stream's start to the first sound. */
import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { openingOf } from "../../lib/call/beginning.ts";
import type { KeptGreeting } from "../../lib/call/greeting_tape.ts";
import { WarmModels } from "../../lib/call/warm_models.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { test } from "../support/flights.ts";
import { AGENT, agentVoice, callerVoice, startCall } from "../support/scenario.ts";
import { ScriptedModel } from "../support/scripted_model.ts";

const SCRIPT = { answers: () => ({ pcm: agentVoice(2_000), text: " hello" }), setupMs: 300 };

test("the first sound leaves within 150 ms of a start whose model is warm [B1]", async () => {
  const warmClock = new FakeClock();
  const model = new ScriptedModel(warmClock, SCRIPT);
  const warm = new WarmModels({ clock: warmClock });
  const opening = openingOf(AGENT, { resumed: undefined, isGreeted: false });
  warm.begin("CA1", {
    ...opening,
    openModel: model.open,
    recap: () => "",
    greeting: undefined,
  });
  await warmClock.advance(1_500);
  const claimed = warm.claim("CA1");
  assert(claimed);
  const { clock, line } = await startCall({
    model: SCRIPT,
    tamper: (parts) => ({ ...parts, openModel: claimed.openModel, hasBegun: true }),
  });
  await clock.advance(3_000);
  const [first] = line.sent.filter(({ event }) => event === "media");
  assertLessOrEqual(first?.atMs ?? Infinity, 150);
  assertEquals(model.texts.length, 1, "it was told once how to begin");
  line.close(1000);
  await clock.advance(3_000);
});

test("a greeting is kept as it was spoken, and plays at once in a later call whose model does not greet", async () => {
  let kept: Int16Array | undefined;
  const greeting = (): KeptGreeting => ({ kept, keep: (pcm) => kept = pcm });
  const first = await startCall({
    model: SCRIPT,
    tamper: (parts) => ({ ...parts, greeting: greeting() }),
  });
  await first.clock.advance(4_000);
  first.line.close(1000);
  await first.clock.advance(3_000);
  assertEquals(kept, agentVoice(2_000));

  const second = await startCall({
    model: { answers: () => ({ pcm: agentVoice(500, 3), text: " yes" }), setupMs: 1_500 },
    tamper: (parts) => ({ ...parts, greeting: greeting() }),
  });
  second.line.pause(3_000);
  second.line.say(callerVoice(1_000));
  second.line.pause(2_000);
  await second.clock.advance(7_000);
  const [sound] = second.line.sent.filter(({ event }) => event === "media");
  assertLessOrEqual(sound?.atMs ?? Infinity, 150);
  assertEquals(second.model.texts.length, 1);
  assertStringIncludes(second.model.texts[0] ?? "", "Do not greet again");
  const { transcript } = second.record();
  assertEquals(transcript.map(({ party }) => party), ["agent", "caller", "agent"]);
  assertEquals(transcript[0]?.text, "Hello.");
  second.line.close(1000);
  await second.clock.advance(3_000);
});

test("a greeting that the caller breaks into is not kept", async () => {
  let isKept = false;
  const { clock, line } = await startCall({
    model: { ...SCRIPT, pace: 1 },
    tamper: (parts) => ({
      ...parts,
      greeting: { kept: undefined, keep: () => void (isKept = true) },
    }),
  });
  line.pause(900);
  line.say(callerVoice(1_000));
  line.pause(3_000);
  await clock.advance(5_000);
  assertEquals(isKept, false);
  line.close(1000);
  await clock.advance(3_000);
});
