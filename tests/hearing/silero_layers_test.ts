import { assertEquals, assertLess, assertRejects } from "@std/assert";
import model from "@ricky0123/vad-web/dist/silero_vad_v6.onnx" with { type: "bytes" };
import { MEMORY_SIZE, SileroLayers, WINDOW_SAMPLES } from "../../lib/hearing/silero_layers.ts";
import speechWav from "../fixtures/speech_16k.wav" with { type: "bytes" };
import { loadInRuntime } from "./onnx_runtime.ts";

// Loaded out here: the runtime opens a port that it never closes.
const runtime = await loadInRuntime();
const NEW_SAMPLES = 512;
/** The runtime takes curves in place of exp() and tanh(). */
const MOST_DIFFERENCE = 1e-4;
const SPEECH = new Int16Array(speechWav.buffer, speechWav.byteOffset + 44);

/** Windows of a signal, each with the end of the one before. */
function windows(pcm: Float32Array): Float32Array[] {
  const found: Float32Array[] = [];
  for (let start = 0; start + WINDOW_SAMPLES <= pcm.length; start += NEW_SAMPLES) {
    found.push(pcm.slice(start, start + WINDOW_SAMPLES));
  }
  return found;
}

/** A reproducible signal: white noise that swells and fades, so that scores are neither 0 nor 1. */
function swelling(seconds: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: seconds * 16_000 }, (_, i) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 31 - 1) * Math.abs(Math.sin(i / 9_000)) ** 3;
  });
}

Deno.test("SileroLayers.score() gives what a runtime gives, on speech, on noise and on both", async () => {
  const layers = await SileroLayers.load(model);
  const speech = Float32Array.from(SPEECH, (sample) => sample / 32_768);
  const noise = swelling(20, 5);
  const noisy = speech.map((sample, i) => sample / 4 + (noise[i] ?? 0) / 20);
  for (const [name, signal] of Object.entries({ speech, noise, noisy })) {
    const expected = runtime();
    const memory = new Float32Array(MEMORY_SIZE);
    let most = 0;
    for (const window of windows(signal)) {
      const score = layers.score(window, memory);
      most = Math.max(most, Math.abs(score - await expected(window)));
    }
    assertLess(most, MOST_DIFFERENCE, `${name}: scores differ by ${most}`);
  }
});

Deno.test("SileroLayers.score() keeps nothing of a call but what lies in its memory", async () => {
  const layers = await SileroLayers.load(model);
  const [first, second] = [swelling(3, 7), swelling(3, 8)].map(windows);
  const alone = new Float32Array(MEMORY_SIZE);
  const expected = first?.map((window) => layers.score(window, alone));
  const [one, other] = [new Float32Array(MEMORY_SIZE), new Float32Array(MEMORY_SIZE)];
  const between = first?.map((window, i) => {
    layers.score(second?.[i] ?? window, other);
    return layers.score(window, one);
  });
  assertEquals(between, expected);
});

Deno.test("SileroLayers.load() says what is missing when a file holds no such network", async () => {
  await assertRejects(
    () => SileroLayers.load(new Uint8Array()),
    TypeError,
    'Cannot read the network: "stft.forward_basis_buffer" is missing, expected 258,1,256',
  );
});
