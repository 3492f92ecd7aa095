/**
 * Silero by a runtime for ONNX files: what the model's makers say is computed.
 *
 * @module
 */

import * as ort from "onnxruntime-web/wasm";
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm" with { type: "bytes" };
import model from "@ricky0123/vad-web/dist/silero_vad_v6.onnx" with { type: "bytes" };

/** Scores the windows of one call, first to last. */
export type ScoreWindow = (window: Float32Array) => Promise<number>;

/** Loads the network; what it gives makes a scorer for one call. */
export async function loadInRuntime(): Promise<() => ScoreWindow> {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = wasm.buffer;
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  const sr = new ort.Tensor("int64", BigInt64Array.of(16_000n), []);
  return () => {
    let state = new ort.Tensor("float32", new Float32Array(256), [2, 1, 128]);
    return async (window) => {
      const input = new ort.Tensor("float32", window, [1, window.length]);
      const { output, stateN } = await session.run({ input, state, sr });
      state = stateN as ort.TypedTensor<"float32">;
      return Number(output?.data[0]);
    };
  };
}
