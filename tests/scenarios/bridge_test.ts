import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { levelDbfs } from "../../audio/level.ts";
import { test } from "../support/flights.ts";
import { LevelVad } from "../support/level_vad.ts";
import { ASKED_AT_MS, callAndSpeak, good, hangUpAfter, timesHeard } from "../support/owed_call.ts";
import { callerVoice, pcmOf, type Scenario, startCall } from "../support/scenario.ts";

const FRAME_MS = 20;

/** When the line first sounded, from a moment on. */
function soundsAtMs({ line }: Scenario, fromMs: number): number {
  const frames = line.heard.slice(fromMs / FRAME_MS);
  return fromMs + frames.findIndex((frame) => levelDbfs(pcmOf([frame])) > -60) * FRAME_MS;
}

test("a caller hears a soft tone within a second when the model is slow to be set up [G03]", async () => {
  const call = await startCall({ model: { answers: good, setupMs: 2_500 } });
  assertEquals(await hangUpAfter(call, 6_000), "caller-hung-up");
  const bridgedAtMs = soundsAtMs(call, 0);
  assertLessOrEqual(bridgedAtMs, 1_000);
  const tone = pcmOf(call.line.heard.slice(bridgedAtMs / FRAME_MS + 20, 2_600 / FRAME_MS));
  assertAlmostEquals(levelDbfs(tone), -30, 4);
  assertEquals(timesHeard(call, good(0)), 1);
  assertEquals(call.record().repairs, { bridge: 1 });
});

test("a caller hears no tone when the model is set up in time and answers in time", async () => {
  const call = await callAndSpeak(good, { script: { setupMs: 500, thinkMs: 900 } });
  assertEquals(await hangUpAfter(call, 10_000), "caller-hung-up");
  assertEquals(call.record().repairs, {});
});

for (const mode of ["decide", "immediate", "never"] as const) {
  test(`the tone gives way to the agent's first sound at once (${mode})`, async () => {
    const call = await callAndSpeak(good, {
      script: { thinkMs: 1_800 },
      agent: { bargeIn: { mode, minSpeechMs: 40, backchannelMaxMs: 450 } },
    });
    assertEquals(await hangUpAfter(call, 12_000), "caller-hung-up");
    const { line, model } = call;
    const firstMs = model.firstAudioAtMs[1] ?? 0;
    const then = line.sent.filter(({ atMs }) => atMs === firstMs).map(({ event }) => event);
    assertEquals(then.slice(0, 2), ["clear", "media"]);
    assertEquals(timesHeard(call, good(1)), 1);
    const [turn] = call.record().turns;
    assertEquals((turn?.firstMediaSentMs ?? 0) - (turn?.firstModelAudioMs ?? 0), 0);
    assertLessOrEqual((turn?.firstHeardMs ?? 0) - (turn?.firstModelAudioMs ?? 0), 60);
  });

  test(`the tone falls silent when the caller speaks, and is nothing that was said (${mode})`, async () => {
    const call = await callAndSpeak((index) => index === 0 ? good(0) : undefined, {
      agent: {
        bargeIn: { mode, minSpeechMs: 40, backchannelMaxMs: 450 },
        cutNote: "cut: {{heard}}",
      },
    });
    const { line, clock, model } = call;
    line.pause(2_300);
    line.say(callerVoice(1_000, 2));
    await clock.advance(ASKED_AT_MS + 1_800 + 300);
    const clearedAtMs = line.sent.findLast(({ event }) => event === "clear")?.atMs ?? 0;
    assert(clearedAtMs > ASKED_AT_MS + 1_500 && clearedAtMs <= ASKED_AT_MS + 1_900);
    assertEquals(
      line.sent.filter(({ event, atMs }) => event === "media" && atMs > clearedAtMs),
      [],
    );
    assertEquals(await hangUpAfter(call, 1_000), "caller-hung-up");
    assertEquals(model.turns.length, 2);
    assertEquals(call.record().transcript.map(({ party }) => party), ["agent", "caller", "caller"]);
    assertEquals(model.texts.some((text) => text.startsWith("cut: ")), false);
  });
}

test("a call that ends while the tone sounds leaves nothing behind", async () => {
  const call = await callAndSpeak((index) => index === 0 ? good(0) : undefined);
  assertEquals(await hangUpAfter(call, ASKED_AT_MS + 1_700), "caller-hung-up");
  assertEquals(call.clock.pendingTimers, 0);
});

test("the echo of the tone does not hold up the answer, nor break into it", async () => {
  const call = await callAndSpeak(good, {
    script: { thinkMs: 1_900 },
    agent: { bargeIn: { mode: "decide", minSpeechMs: 40, backchannelMaxMs: 450 } },
    // The caller's voice is speech to it, and the echo of the tone is too soft, as to the network.
    vad: new LevelVad(1_500),
  });
  call.line.echo = { delayMs: 120, gainDb: -12 };
  assertEquals(await hangUpAfter(call, 12_000), "caller-hung-up");
  assertEquals(timesHeard(call, good(1)), 1);
  assertEquals(call.model.turns.length, 1);
});
