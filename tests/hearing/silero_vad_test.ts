import { assertEquals, assertGreater, assertLess, assertRejects, assertThrows } from "@std/assert";
import { MODEL_INPUT_FRAME_SAMPLES } from "../../audio/rates.ts";
import type { Vad } from "../../audio/vad.ts";
import type { SileroLayers } from "../../lib/hearing/silero_layers.ts";
import { lazyDetector, SileroNetwork } from "../../lib/hearing/silero_vad.ts";
// "Hello, I would like to book a table for two.", by espeak-ng: 16 kHz, mono, 16 bits, a head of 44 bytes.
import speechWav from "../fixtures/speech_16k.wav" with { type: "bytes" };

const realNetwork = SileroNetwork.load();
const SPEECH = cut(new Int16Array(speechWav.buffer, speechWav.byteOffset + 44));
const SILENCE = cut(new Int16Array(2 * 16_000));

/** Whole frames of a signal. */
function cut(pcm: Int16Array): Int16Array[] {
  const frames: Int16Array[] = [];
  for (let end = MODEL_INPUT_FRAME_SAMPLES; end <= pcm.length; end += MODEL_INPUT_FRAME_SAMPLES) {
    frames.push(pcm.subarray(end - MODEL_INPUT_FRAME_SAMPLES, end));
  }
  return frames;
}

/** White noise of a level, the same for the same seed. */
function noise(seconds: number, options: { dbfs: number; seed: number }): Int16Array {
  let state = options.seed;
  const amplitude = 32_768 * 10 ** (options.dbfs / 20) * Math.sqrt(3);
  return Int16Array.from({ length: seconds * 16_000 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round((state / 2 ** 31 - 1) * amplitude);
  });
}

/** Frames of a constant: a network that echoes the last sample tells them apart. */
function constantFrame(value: number): Int16Array {
  return new Int16Array(MODEL_INPUT_FRAME_SAMPLES).fill(value);
}

async function scoresOf(detector: Vad, frames: readonly Int16Array[]): Promise<number[]> {
  const scores: number[] = [];
  for (const frame of frames) scores.push(await detector.score(frame));
  return scores;
}

/** Layers whose score is the last sample of the window; those of the windows in `failing`, from 1, throw. */
function echo(failing: readonly number[] = []): Pick<SileroLayers, "score"> {
  let windows = 0;
  return {
    score(window) {
      if (failing.includes(++windows)) throw new Error("out of memory");
      return window.at(-1) ?? NaN;
    },
  };
}

Deno.test("SileroNetwork.detector() hears speech and neither silence nor noise when they follow one another", async () => {
  const hiss = cut(noise(2, { dbfs: -40, seed: 7 }));
  const detector = (await realNetwork).detector();
  const silent = await scoresOf(detector, SILENCE);
  const hissing = await scoresOf(detector, hiss);
  const spoken = await scoresOf(detector, SPEECH);
  const silentAgain = (await scoresOf(detector, SILENCE)).slice(10);

  assertLess(Math.max(...silent), 0.1);
  assertLess(Math.max(...hissing), 0.2);
  assertLess(Math.max(...silentAgain), 0.1);
  assertGreater(Math.max(...spoken), 0.95);
  const heard = spoken.filter((score) => score >= 0.5).length / spoken.length;
  assertGreater(
    heard,
    0.75,
    `${heard} of the recording, which pauses little, was taken for speech`,
  );
});

Deno.test("lazyDetector() scores the frames from before the network was loaded like any other", async () => {
  const expected = await scoresOf((await realNetwork).detector(), SPEECH);
  const loading = Promise.withResolvers<SileroNetwork>();
  const detector = lazyDetector(loading.promise);
  const frame = new Int16Array(MODEL_INPUT_FRAME_SAMPLES);
  const early = SPEECH.slice(0, 40).map((samples) => {
    frame.set(samples);
    return detector.score(frame);
  });
  frame.fill(0);
  loading.resolve(await realNetwork);

  const scores = [...await Promise.all(early), ...await scoresOf(detector, SPEECH.slice(40))];
  assertEquals(scores, expected);
});

Deno.test("lazyDetector() rejects with the reason when the network cannot be loaded", async () => {
  const detector = lazyDetector(Promise.reject(new Error("no memory for it")));
  await detector.score(constantFrame(0));
  await assertRejects(() => detector.score(constantFrame(0)), Error, "no memory for it");
});

Deno.test("SileroNetwork.detector() scores two calls the same when they are interleaved and when each is alone", async () => {
  const network = await realNetwork;
  const hiss = cut(noise(3, { dbfs: -20, seed: 3 })).slice(0, SPEECH.length);
  const speechAlone = await scoresOf(network.detector(), SPEECH);
  const hissAlone = await scoresOf(network.detector(), hiss);

  const [first, second] = [network.detector(), network.detector()];
  const together = await Promise.all(
    SPEECH.flatMap((frame, index) => [
      first.score(frame),
      second.score(hiss[index] ?? constantFrame(0)),
    ]),
  );

  assertEquals(together.filter((_, index) => index % 2 === 0), speechAlone);
  assertEquals(together.filter((_, index) => index % 2 === 1), hissAlone);
});

Deno.test("SileroNetwork.detector() gives each frame the score of the latest full window", async () => {
  const detector = new SileroNetwork(echo()).detector();
  const frames = [1, 2, 3, 4, 5, 6, 7, 8].map((tenth) => constantFrame(tenth * 3_276));
  const scores = await scoresOf(detector, frames);
  // Windows of 512 samples end in frames 2, 4, 5, 7 and 8 of 320 samples.
  assertEquals(scores.map((score) => Math.round(score * 10)), [0, 2, 2, 4, 5, 5, 7, 8]);
});

Deno.test("SileroNetwork.detector() settles scores in the order of the calls when a run fails between", async () => {
  const detector = new SileroNetwork(echo([2])).detector();
  const settled: string[] = [];
  const scores = [1, 2, 3, 4, 5, 6].map((tenth) => {
    const score = detector.score(constantFrame(tenth * 3_276));
    return score.then(
      (probability) => settled.push(`${tenth}: ${Math.round(probability * 10)}`),
      (error) => settled.push(`${tenth}: ${error.message}`),
    );
  });
  await Promise.all(scores);
  assertEquals(settled, ["1: 0", "2: 2", "3: 2", "4: out of memory", "5: 5", "6: 5"]);
});

Deno.test("SileroNetwork.detector() refuses a frame when it is not 20 ms long", () => {
  const detector = new SileroNetwork(echo()).detector();
  assertThrows(() => void detector.score(new Int16Array(160)), RangeError, "320 samples");
});
