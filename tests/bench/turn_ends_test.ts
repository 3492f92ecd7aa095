import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { encodeMulaw } from "../../audio/mulaw.ts";
import { hangoverFor, type HeardCall, scoreOf } from "../../bench/turn_end_bench.ts";
import type { Turn, TurnCall } from "../../bench/turn_ends/calls.ts";
import { makeTurnCalls, spokenCall } from "../../bench/turn_ends/calls.ts";
import { energy, network, offhook, truth, WebRtcVad } from "../../bench/turn_ends/contestants.ts";
import { TurnScore } from "../../bench/turn_ends/score.ts";
import { loadTurnCalls, saveTurnCalls } from "../../bench/turn_ends/set_files.ts";

const TURNS: Turn[] = [
  { fromMs: 1_000, toMs: 3_000, nextMs: 5_000 },
  { fromMs: 5_000, toMs: 6_000, nextMs: 9_000 },
];

/** Score of one call with these openings. */
function scoreFor(...openings: (readonly [startMs: number, endMs: number])[]): TurnScore {
  const score = new TurnScore();
  score.addSpoken(TURNS, openings.map(([startMs, endMs]) => ({ startMs, endMs })));
  return score;
}

Deno.test("TurnScore counts each mistake where it is made, and no other", () => {
  const perfect = scoreFor([1_060, 3_500], [5_060, 6_700]);
  assertEquals([perfect.cut, perfect.missed, perfect.neverEnded], [0, 0, 0]);
  assertEquals([perfect.delayMs(0), perfect.delayMs(0.5), perfect.delayMs(0.9)], [500, 700, 700]);

  const cut = scoreFor([1_060, 2_000], [2_200, 3_500], [5_060, 6_700]);
  assertEquals([cut.cut, cut.missed, cut.neverEnded], [0.5, 0, 0]);
  assertEquals(cut.delayMs(0), 500, "the delay is that of the last end");

  const missed = scoreFor([1_060, 3_500]);
  assertEquals([missed.cut, missed.missed, missed.neverEnded], [0, 0.5, 0]);

  const stuck = scoreFor([1_060, 6_500]);
  assertEquals([stuck.cut, stuck.missed, stuck.neverEnded], [0, 0, 0.5]);
  assertEquals(stuck.delayMs(0.9), 2_000, "the whole pause");

  const open = scoreFor([1_060, 3_500], [5_060, Infinity]);
  assertEquals(open.neverEnded, 0.5);
  assertEquals(open.delayMs(0.9), 3_000);
});

Deno.test("TurnScore counts turns that are begun where nobody speaks, by the minute", () => {
  const score = new TurnScore();
  score.addUnspoken(30_000, [{ startMs: 100, endMs: 700 }, { startMs: 5_000, endMs: Infinity }]);
  score.addUnspoken(30_000, []);
  assertEquals(score.falsePerMinute, 2);
});

/** A call of tones for words, with a pause of 400 ms within each turn, over noise; the network is always right. */
function toneCall(noiseAmplitude = 0): HeardCall {
  const ms = 20_000;
  const turns: Turn[] = [];
  const speech = new Uint8Array(ms / 20);
  for (let fromMs = 1_000; fromMs + 4_000 <= ms; fromMs += 4_000) {
    turns.push({ fromMs, toMs: fromMs + 2_000, nextMs: Math.min(fromMs + 4_000, ms) });
    speech.fill(1, fromMs / 20, fromMs / 20 + 40);
    speech.fill(1, fromMs / 20 + 60, fromMs / 20 + 100);
  }
  const pcm = Int16Array.from({ length: ms * 8 }, (_, i) => {
    const noise = noiseAmplitude * (((i * 7_919) % 2_003) / 1_001 - 1);
    const isLoud = speech[Math.floor(i / 160)] === 1;
    return noise + (isLoud ? 8_000 * Math.sin(i * 0.35 + 3 * Math.sin(i / 300)) : 0);
  });
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  const call: TurnCall = { noise: "made", snrDb: undefined, turns, mulaw, speech };
  return { call, probabilities: Float64Array.from(speech) };
}

Deno.test("scoreOf() shows a worse hangover to be worse: too short cuts, too long is late or never ends", () => {
  const heard = [toneCall()];
  for (const make of [network, truth]) {
    const at = (hangoverMs: number) => scoreOf(heard, () => make(hangoverMs));
    assertEquals([at(300).cut, at(500).cut, at(1_000).cut], [1, 0, 0]);
    assertEquals([at(500).delayMs(0.5), at(1_000).delayMs(0.5)], [500, 1_000]);
    assertEquals([at(500).neverEnded, at(2_100).neverEnded], [0, 1]);
    assertEquals(hangoverFor(0.02, at), 420, "just longer than the pause");
  }
});

Deno.test("scoreOf() shows an energy gate to fail in noise where the true labels do not", () => {
  const noisy = [toneCall(2_000)];
  assertEquals(scoreOf([toneCall()], energy).neverEnded, 0);
  assertEquals(scoreOf(noisy, energy).neverEnded, 1);
  assertEquals(scoreOf(noisy, () => truth()).neverEnded, 0);
});

Deno.test("scoreOf() shows a deaf or a trigger-happy network to be so", () => {
  const { call, probabilities } = toneCall();
  const nobody = { ...call, turns: [] };
  const deaf = [{ call, probabilities: probabilities.map(() => 0) }];
  assertEquals(scoreOf(deaf, () => offhook()).missed, 1);
  const happy = scoreOf([{ call: nobody, probabilities }], () => offhook());
  assertGreater(happy.falsePerMinute, 5);
  const right = scoreOf([{ call, probabilities }], () => offhook());
  assertEquals([right.missed, right.cut, right.neverEnded], [0, 0, 0]);
  assertAlmostEquals(right.delayMs(0.5), 600, 100);
});

Deno.test("WebRtcVad tells sound from silence, each call by itself", async () => {
  const webRtc = await WebRtcVad.load(3);
  const score = scoreOf([toneCall(), toneCall()], () => webRtc.contestant());
  assertEquals(score.missed, 0);
  const { call, probabilities } = toneCall();
  const silent = { ...call, mulaw: call.mulaw.map(() => 0xff), turns: [] };
  const none = scoreOf([{ call: silent, probabilities }], () => webRtc.contestant());
  assertEquals(none.falsePerMinute, 0);
});

/** A talker who hums. */
const TALKER = {
  name: "hum",
  sentences: [{
    samples: Float32Array.from({ length: 12_000 }, (_, i) => 0.3 * Math.sin(i * 0.2)),
    name: "long",
    durationMs: 1_500,
    longestPauseMs: 0,
  }],
  words: [],
  vowels: [],
  syllables: [],
};

Deno.test("makeTurnCalls() makes the same calls again, whose labels and turns agree, and keeps them in files", async () => {
  const cast = { seed: "test", callers: [TALKER], others: [TALKER] };
  const calls = makeTurnCalls(cast, { callMs: 12_000, unspokenMs: 1_000 });
  assertEquals(calls, makeTurnCalls(cast, { callMs: 12_000, unspokenMs: 1_000 }));
  for (const { turns, speech } of calls) {
    for (const [n, { fromMs, toMs, nextMs }] of turns.entries()) {
      assert(fromMs < toMs && toMs + 1_400 <= nextMs);
      assertEquals(nextMs, turns[n + 1]?.fromMs ?? 12_000);
      const spoken = speech.subarray(fromMs / 20, toMs / 20).reduce((sum, one) => sum + one, 0);
      assertGreater(spoken * 20, 0.5 * (toMs - fromMs));
      assertEquals(speech.subarray(toMs / 20 + 1, nextMs / 20 - 1).indexOf(1), -1);
    }
  }
  assert(calls.some(({ turns }) => turns.length > 1));
  assert(calls.some(({ turns }) => turns.length === 0));
  const folder = await Deno.makeTempDir();
  await saveTurnCalls(folder, calls);
  assertEquals(await loadTurnCalls(folder), calls);
  assertEquals(await loadTurnCalls(`${folder}/elsewhere`), undefined);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("spokenCall() marks speech to its soft end, and nothing as soft that stands alone", () => {
  // Loud for half a second, soft for a quarter, nothing for a quarter, and as soft again.
  const gains = [1, 1, 0.016, 0, 0.016, 0, 1, 1];
  const samples = Float32Array.from(
    { length: 16_000 },
    (_, i) => 0.5 * (gains[Math.floor(i / 2_000)] ?? 0) * Math.sin(i * 0.5),
  );
  const said = { samples, name: "soft end", durationMs: 2_000, longestPauseMs: 250 };
  const cast = { seed: "soft", callers: [{ ...TALKER, sentences: [said] }], others: [] };
  const plan = { name: "soft", noise: "silence", callMs: 6_000 } as const;
  const levels = { beginsBelowLoudDb: 30, endsBelowLoudDb: 38 };
  const of = (call: TurnCall) => {
    const first = call.speech.indexOf(1);
    return call.speech.indexOf(0, first) - first;
  };
  const [hard, soft] = [spokenCall(cast, plan), spokenCall(cast, { ...plan, speech: levels })];
  assertAlmostEquals(of(hard) * 20, 500, 60);
  assertAlmostEquals(of(soft) * 20, 750, 60);
  const marked = soft.speech.reduce((sum, one) => sum + one, 0);
  assertAlmostEquals(marked * 20, 1_250, 120, "the soft piece that stands alone is no speech");
});
