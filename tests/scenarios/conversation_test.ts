import type { FakeLine } from "../support/fake_line.ts";
import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { test } from "../support/flights.ts";
import {
  agentVoice,
  asModelHears,
  callerVoice,
  pcmOf,
  placeOf,
  startCall,
} from "../support/scenario.ts";

const answers = (index: number) => ({
  pcm: agentVoice(1_500 + 200 * index, index + 1),
  text: ` Answer number ${index}.`,
});

/** Runs of frames that are not silence, in milliseconds. */
function soundsIn(frames: readonly Uint8Array[]): { fromMs: number; toMs: number }[] {
  const sounds: { fromMs: number; toMs: number }[] = [];
  for (const [n, frame] of frames.entries()) {
    if (frame.every((byte) => byte === 0xff || byte === 0x7f)) continue;
    const last = sounds.at(-1);
    if (last && last.toMs === n * 20) last.toMs += 20;
    else sounds.push({ fromMs: n * 20, toMs: (n + 1) * 20 });
  }
  return sounds;
}

test("a call greets, takes three turns and ends when the caller hangs up", async () => {
  const { clock, line, model, ended, record, logLines } = await startCall({ model: { answers } });
  line.pause(3_000);
  for (let turn = 1; turn <= 3; turn++) {
    line.say(callerVoice(1_000, turn));
    line.pause(4_000);
  }
  line.hangUp();
  await clock.advance(20_000);
  assertEquals(await ended, { ending: "caller-hung-up" });

  assertEquals(model.violations, []);
  assertEquals(model.turns.length, 3);
  const said = asModelHears(line.said);
  for (let turn = 0; turn < 3; turn++) {
    const heard = model.heardIn(turn);
    const fromMs = placeOf(heard, said, 320) / 16;
    const beganMs = 3_000 + turn * 5_000;
    assertEquals(fromMs, beganMs - 300, "the pre-roll is 300 ms");
    assertAlmostEquals(
      fromMs + heard.length / 16,
      beganMs + 1_000 + 500,
      20,
      "and the hangover 500",
    );
  }
  assertEquals(soundsIn(line.heard).length, 4, "a greeting and three answers, without a gap");
  const { transcript, turns, durationMs, ending } = record();
  assertEquals(transcript.map(({ party, text }) => `${party}:${text}`), [
    "agent:Answer number 0.",
    "caller:turn 1",
    "agent:Answer number 1.",
    "caller:turn 2",
    "agent:Answer number 2.",
    "caller:turn 3",
    "agent:Answer number 3.",
  ]);
  for (const entry of transcript) {
    if (entry.party === "agent") assertEquals(entry.heardMs, entry.spokenMs);
  }
  assertEquals(turns.length, 3);
  assertEquals(ending, "caller-hung-up");
  assertAlmostEquals(durationMs ?? 0, 18_000, 40);
  assert(logLines.length <= 10, logLines.join("\n"));
  assertEquals(clock.pendingTimers, 0);
});

test("a call ends the turn one hangover after the last frame of speech, and plays the answer at once", async () => {
  const { clock, line, model, ended, record } = await startCall({ model: { answers } });
  line.pause(4_000);
  line.say(callerVoice(1_000));
  line.pause(4_000);
  line.hangUp();
  await clock.advance(10_000);
  await ended;
  const [turn] = record().turns;
  assert(turn);
  const { speechEndedMs, activityEndSentMs, firstModelAudioMs = 0, firstMediaSentMs = 0 } = turn;
  assertLessOrEqual(activityEndSentMs - speechEndedMs, 500 + 60);
  assertEquals(firstMediaSentMs - firstModelAudioMs, 0);
  assertEquals(firstModelAudioMs - activityEndSentMs, 200);
  assertEquals(model.turns[0]?.closedAtMs, activityEndSentMs);
});

test("a call sends nothing to the model while the caller is silent", async () => {
  const { clock, line, model, ended } = await startCall({ model: { answers } });
  line.pause(60_000);
  line.hangUp();
  await clock.advance(61_000);
  await ended;
  assertEquals(model.turns, []);
  assertEquals(model.violations, []);
});

test("a call keeps what is said while the model is being set up, in order, all of it [G04]", async () => {
  const { clock, line, model, ended } = await startCall({ model: { answers, setupMs: 1_500 } });
  line.say(callerVoice(1_500));
  line.pause(3_000);
  line.hangUp();
  await clock.advance(6_000);
  await ended;
  assertEquals(model.violations, []);
  const heard = model.heardIn(0);
  assertEquals(placeOf(heard, asModelHears(line.said), 320), 0);
  assert(heard.length / 320 >= 75, `only ${heard.length / 320} frames`);
});

test("a call delivers bursts whole and does not take a gap in arrival for the end of a turn [T08]", async () => {
  const { clock, line, model, ended } = await startCall({ model: { answers: () => undefined } });
  line.pause(500);
  await clock.advance(500);
  const voice = callerVoice(12_000);
  // What lies before the pre-roll of 300 ms.
  const notSent = 25 - 15;
  for (let n = 0; n < 10; n++) {
    line.say(voice.subarray(n * 1_200 * 8, n * 1_200 * 8 + 700 * 8));
    await clock.advance(700);
    // 500 ms of nothing, then the 25 frames that were held back, in one go.
    line.stall(500);
    await clock.advance(500);
    for (let k = 0; k < 25; k++) {
      const from = (n * 1_200 + 700 + k * 20) * 8;
      const frame = voice.subarray(from, from + 160);
      deliver(line, frame);
    }
    await clock.advance(0);
    const heardFrames = model.heardIn(0).length / 320;
    assertLessOrEqual(line.said.length - notSent - heardFrames, 3, "at most 60 ms behind");
  }
  line.pause(2_000);
  line.hangUp();
  await clock.advance(3_000);
  await ended;
  assertEquals(model.turns.length, 1, "one turn, not ended by a gap");
  assertEquals(model.violations, []);
  const heard = model.heardIn(0);
  assertEquals(placeOf(heard, asModelHears(line.said), 320) / 320, notSent);
  assert(heard.length / 16 >= 12_000 + 300 + 480, `${heard.length / 16} ms`);
});

test("a call ends the turn within a second when frames stop in mid-speech", async () => {
  const { clock, line, model, ended, record } = await startCall({ model: { answers } });
  line.pause(3_000);
  line.say(callerVoice(1_000));
  line.stall(5_000);
  line.pause(1_000);
  line.hangUp();
  await clock.advance(11_000);
  await ended;
  const closedAtMs = model.turns[0]?.closedAtMs ?? Infinity;
  assertLessOrEqual(closedAtMs - 4_000, 1_000);
  assertEquals(record().faults["frames-stopped-in-turn"], 1);
});

test("a call is not hurt by rubbish on the line [T04]", async () => {
  const { clock, line, model, ended, record } = await startCall({ model: { answers } });
  line.pause(3_000);
  line.say(callerVoice(1_000));
  line.pause(3_000);
  line.hangUp();
  const media = (payload: string, streamSid = line.streamSid) =>
    JSON.stringify({ event: "media", streamSid, media: { chunk: "1", timestamp: "0", payload } });
  for (let n = 0; n < 10; n++) {
    for (
      const rubbish of [
        "not json",
        "[]",
        "null",
        "{}",
        '{"event":7}',
        '{"event":"dance"}',
        media("!!!!"),
        media(""),
        media("AA==", "MZ" + "0".repeat(32)),
        new Uint8Array(320).buffer,
      ]
    ) {
      line.inject(rubbish);
      await clock.advance(60);
    }
  }
  await clock.advance(3_000);
  assertEquals((await ended).ending, "caller-hung-up");
  assertEquals(model.violations, []);
  assert(placeOf(model.heardIn(0), asModelHears(line.said), 320) >= 0);
  assert((record().faults["message-unreadable"] ?? 0) >= 40);
});

test("a call is not hurt by a model that says more than is known", async () => {
  const { clock, line, model, ended, record } = await startCall({ model: { answers } });
  line.pause(4_000);
  line.hangUp();
  await clock.advance(500);
  model.post({ type: "agent-text-received", text: "written" });
  model.post({ type: "functions-called", calls: [{ id: "fc_1", name: "f", args: {} }] });
  model.post({ type: "resumption-updated", handle: "h" });
  model.post({ type: "model-rotation-due", deadlineMs: 50_000 });
  model.post({
    type: "usage-reported",
    usage: { promptTokens: 3, responseTokens: 4, totalTokens: 7 },
  });
  await clock.advance(4_000);
  assertEquals((await ended).ending, "caller-hung-up");
  assertEquals(record().tokens, { prompt: 3, response: 4, total: 7 });
  assertEquals(model.functionAnswers.map(({ response }) => response), [
    { error: "There is no tool of this name" },
  ]);
});

test("a call plays a tone from the model to the ear with at least 35 dB to spare", async () => {
  const { clock, line, ended } = await startCall({
    model: { answers: () => ({ pcm: agentVoice(3_000, 3), text: " Hum." }) },
  });
  line.pause(4_500);
  line.hangUp();
  await clock.advance(5_000);
  await ended;
  const [sound] = soundsIn(line.heard);
  assert(sound);
  assertAlmostEquals(sound.toMs - sound.fromMs, 3_000, 40);
  const pcm = pcmOf(line.heard).subarray(sound.fromMs * 8 + 800, sound.toMs * 8 - 800);
  assert(sinadDb(pcm, 400 + 170 * 3) >= 35, `${sinadDb(pcm, 910)} dB`);
});

/** Signal against everything else, for a tone of known frequency at 8 kHz. */
function sinadDb(pcm: Int16Array, hz: number): number {
  const length = Math.floor(pcm.length / 800) * 800;
  let re = 0, im = 0, power = 0;
  for (let i = 0; i < length; i++) {
    const sample = pcm[i] ?? 0;
    re += sample * Math.cos(2 * Math.PI * hz * i / 8_000);
    im += sample * Math.sin(2 * Math.PI * hz * i / 8_000);
    power += sample * sample;
  }
  const signal = 2 * (re * re + im * im) / length;
  return 10 * Math.log10(signal / (power - signal));
}

test("a call ends a turn where it ended and begins the next with its pre-roll although all of it came in one burst [T08]", async () => {
  const { clock, line, model, ended } = await startCall({ model: { answers: () => undefined } });
  line.pause(1_000);
  line.say(callerVoice(800));
  await clock.advance(1_800);
  // 540 ms of the pause of 600 ms, and the first 160 ms of the next sentence, arrive at once.
  const sentence = callerVoice(1_500, 2);
  line.pause(60);
  line.stall(700);
  await clock.advance(760);
  for (let ms = 0; ms < 700; ms += 20) {
    const frame = ms < 540
      ? new Uint8Array(160).fill(0xff)
      : sentence.subarray((ms - 540) * 8, (ms - 520) * 8);
    deliver(line, frame);
  }
  line.say(sentence.subarray(160 * 8));
  line.pause(2_000);
  line.hangUp();
  await clock.advance(5_000);
  await ended;
  assertEquals(model.violations, []);
  assertEquals(model.turns.length, 2);
  const said = asModelHears(line.said);
  const first = model.heardIn(0);
  const second = model.heardIn(1);
  const firstEndMs = placeOf(first, said, 320) / 16 + first.length / 16;
  assertAlmostEquals(firstEndMs, 1_800 + 500, 20);
  const sentenceMs = 1_800 + 600;
  assertAlmostEquals(placeOf(second, said, 320) / 16, Math.max(sentenceMs - 300, firstEndMs), 20);
  assertAlmostEquals(second.length / 16, sentenceMs - firstEndMs + 1_500 + 500, 40);
});

/** Delivers a frame out of its time, in order behind those that came before. */
function deliver(line: FakeLine, frame: Uint8Array): void {
  line.said.push(frame);
  const chunk = String(line.said.length);
  const timestamp = String(73 + (line.said.length - 1) * 20);
  line.inject(JSON.stringify({
    event: "media",
    sequenceNumber: "0",
    streamSid: line.streamSid,
    media: { track: "inbound", chunk, timestamp, payload: frame.toBase64() },
  }));
}
