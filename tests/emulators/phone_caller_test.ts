import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  breakIn,
  burst,
  type CallerAct,
  type CallerScript,
  hangUp,
  isAudible,
  listenUntilAgentDone,
  mulawOf,
  pauseFrames,
  press,
  say,
  ScriptPlayer,
  untilEnded,
  wait,
  waitForSilence,
} from "../../emulators/caller_script.ts";
import { writeWav } from "../../audio/wav.ts";
import { Rig, sound } from "./phone_server.ts";

const tone = (samples: number, hz = 8000) =>
  Int16Array.from({ length: samples }, (_, n) => 9000 * Math.sin(2 * Math.PI * 500 * n / hz));

/**
 * Plays a script to an agent that is heard in the given stretches of frames.
 *
 * @returns What the caller does, with the number of the frame at whose beginning it is done
 */
function play(script: CallerScript, heard: [from: number, to: number][] = []) {
  const player = new ScriptPlayer(script);
  const acts: (CallerAct & { frame: number })[] = [];
  const spoke: number[] = [];
  const withheld: number[] = [];
  for (let frame = 0; frame < 3000; frame++) {
    const agentHeard = heard.some(([from, to]) => frame - 1 >= from && frame - 1 < to);
    const move = player.next(agentHeard);
    assertEquals(move.mulaw.length, 160);
    acts.push(...move.acts.map((act) => ({ ...act, frame })));
    if (isAudible(move.mulaw)) spoke.push(frame);
    if (move.withheld) withheld.push(frame);
    if (acts.at(-1)?.type === "hangs-up") break;
  }
  return { acts, spoke, withheld, endFrame: acts.at(-1)?.frame };
}

Deno.test("ScriptPlayer speaks, waits and hangs up in turn", () => {
  const { acts, spoke } = play([wait(100), say(tone(1600), { text: "hi" }), wait(40), hangUp()]);
  assertEquals(acts, [
    { type: "speaks", text: "hi", speechMs: 200, frame: 5 },
    { type: "hangs-up", frame: 17 },
  ]);
  assertEquals(spoke, Array.from({ length: 10 }, (_, n) => 5 + n));
});

Deno.test("ScriptPlayer hangs up when the steps run out", () => {
  assertEquals(play([wait(20)]).acts, [{ type: "hangs-up", frame: 1 }]);
});

Deno.test("say() ends its speech with the last frame that can be heard", () => {
  const withPause = new Int16Array(8000);
  withPause.set(tone(4000));
  const { acts, endFrame } = play([say(withPause)]);
  assertEquals(acts[0], { type: "speaks", text: "", speechMs: 500, frame: 0 });
  assertEquals(endFrame, 50);
});

Deno.test("say() takes samples of any rate and WAV files", () => {
  const direct = say(tone(8000));
  assert(direct.type === "say");
  assertEquals(direct.mulaw, mulawOf(tone(8000), 8000));
  const wav = say(writeWav({ hz: 16_000, channels: [tone(16_000, 16_000)] }));
  const pcm = say(tone(16_000, 16_000), { hz: 16_000 });
  assertEquals(wav, pcm);
  assert(pcm.type === "say");
  assertEquals(pcm.mulaw.length, 8000);
});

Deno.test("listenUntilAgentDone() waits for the agent's end, not for its pauses", () => {
  const { endFrame } = play([listenUntilAgentDone({ silenceMs: 200 })], [[10, 20], [25, 40]]);
  assertEquals(endFrame, 50);
});

Deno.test("listenUntilAgentDone() knows an answer that came while the caller did something else", () => {
  const { endFrame } = play([wait(600), listenUntilAgentDone({ silenceMs: 100 })], [[5, 10]]);
  assertEquals(endFrame, 30);
});

Deno.test("listenUntilAgentDone() does not take the speech before the caller's for an answer", () => {
  const script = [say(tone(8000)), listenUntilAgentDone({ silenceMs: 100 })];
  assertEquals(play(script, [[0, 30], [100, 120]]).endFrame, 125);
});

Deno.test("waitForSilence() does not ask for speech first", () => {
  assertEquals(play([waitForSilence(200)]).endFrame, 10);
  assertEquals(play([waitForSilence(200)], [[0, 30]]).endFrame, 40);
});

Deno.test("breakIn() comes in when so much of the agent was heard", () => {
  const script = [breakIn(500), say(tone(160))];
  assertEquals(play(script, [[10, 20], [30, 90]]).acts[0]?.frame, 45);
});

Deno.test("a caller that waits in vain gives up and hangs up", () => {
  for (
    const step of [listenUntilAgentDone({ timeoutMs: 1000 }), breakIn(20, { timeoutMs: 1000 })]
  ) {
    const { acts } = play([step, say(tone(160)), untilEnded()]);
    assertEquals(acts.map(({ type, frame }) => [type, frame]), [["gives-up", 50], [
      "hangs-up",
      50,
    ]]);
  }
});

Deno.test("press() presses one key after another, and no other than there are", () => {
  assertEquals(play([press("1#"), hangUp()]).acts, [
    { type: "presses", digit: "1", frame: 0 },
    { type: "presses", digit: "#", frame: 10 },
    { type: "hangs-up", frame: 20 },
  ]);
  assertThrows(() => press("12E"), RangeError);
});

Deno.test("pauseFrames() withholds frames for its time", () => {
  const { withheld, endFrame } = play([wait(40), pauseFrames(100), wait(40)]);
  assertEquals([withheld, endFrame], [[2, 3, 4, 5, 6], 9]);
});

Deno.test("withheld frames are missing on the line while media time goes on", async () => {
  await using rig = await Rig.start({});
  const report = await rig.dial([wait(100), pauseFrames(300), wait(100), hangUp()]).ended;
  const media = rig.streams[0]?.messages.flatMap((message) => message.media ?? []) ?? [];
  assertEquals(
    media.map(({ timestamp }) => Number(timestamp) - 73),
    [0, 20, 40, 60, 80, 400, 420, 440, 460, 480],
  );
  assertEquals(media.map(({ chunk }) => Number(chunk)), media.map((_, n) => n + 1));
  assertEquals(report.said.length, 25 * 160);
});

Deno.test("a burst keeps 25 frames back and sends them at once, none lost, in order [T08]", async () => {
  const arrivals: number[] = [];
  await using rig = await Rig.start({
    onMessage: (message) => message.media && arrivals.push(rig.clock.nowMs()),
  }, { factor: 4 });
  const report = await rig.dial([wait(200), burst(500), say(tone(6400)), hangUp()]).ended;
  const media = rig.streams[0]?.messages.flatMap((message) => message.media ?? []) ?? [];
  const said = media.map(({ payload }) => Uint8Array.fromBase64(payload));
  assertEquals(new Uint8Array(said.flatMap((frame) => [...frame])), report.said);
  assertEquals(
    media.map(({ timestamp }) => Number(timestamp) - 73),
    Array.from({ length: 50 }, (_, n) => 20 * n),
  );
  const [before = 0, first = 0] = arrivals.slice(9, 11);
  const last = arrivals[34] ?? 0;
  assert(first - before > 400, `a gap of ${first - before} ms`);
  assert(last - first < 300, `25 frames in ${last - first} ms`);
});

Deno.test("a caller breaks into the agent's speech on a real line", async () => {
  await using rig = await Rig.start({ onStart: (stream) => stream.media(sound(16_000)) });
  const report = await rig.dial([breakIn(400), say(tone(800)), hangUp()]).ended;
  const agentMs = report.heard.findIndex((code) => code !== 0xff) / 8;
  const callerMs = report.said.findIndex((code) => code !== 0xff) / 8;
  assert(Math.abs(callerMs - agentMs - 400) <= 21, `broke in after ${callerMs - agentMs} ms`);
});

Deno.test("the report says why a caller gave up", async () => {
  await using rig = await Rig.start({});
  const report = await rig.dial([listenUntilAgentDone({ timeoutMs: 400 }), untilEnded()]).ended;
  assertEquals(report.gaveUp, `"listen" waited 400 ms in vain`);
  assertEquals(report.endedBy, "caller");
});
