/**
 * Silero v6, a small recurrent network that tells speech from everything else.
 *
 * A window of sound becomes four spectra; four convolutions over time make 128 numbers of them; a cell with a memory
 * takes these up, and a weighted sum of what it then puts out is the score. All of it is matrices times vectors
 * (`matrix_kernel.ts`): moments lie in memory one behind the other, so what a convolution looks at is one vector.
 *
 * The numbers come from the model's ONNX file; what is computed with them is written here. It is what a runtime for ONNX
 * computes, up to rounding. The network is so small that such a runtime is mostly busy with itself.
 *
 * @module
 */

import { type Matrix, MatrixKernel } from "./matrix_kernel.ts";
import { readTensors, type Tensor } from "./onnx_tensors.ts";

/** Samples of the window before that the network wants to see again. */
export const CONTEXT_SAMPLES = 64;
/** Context and new samples, at 16 kHz: what goes in at once. */
export const WINDOW_SAMPLES: number = CONTEXT_SAMPLES + 512;
/** Numbers that the network remembers of a call. */
export const MEMORY_SIZE = 256;

/** What the model's branch for 16 kHz is called. */
const BRANCH = "If_0_then_branch__Inline_0__";
/** So many samples are mirrored at the end of the window. */
const MIRRORED_SAMPLES = 64;
const SPECTRUM_SAMPLES = 256;
const SPECTRUM_STEP = 128;
const SPECTRA = 4;
const BINS = 129;
/** Numbers in the cell's input, output and state, each. */
const UNITS = 128;
/** Room for the whole network. */
const FLOATS = 330_000;

/** The network; what it remembers of a call is kept by the call. */
export class SileroLayers {
  readonly #kernel: MatrixKernel;
  readonly #samples: Float32Array;
  readonly #spectrum: Matrix;
  readonly #spectrumParts: Float32Array;
  readonly #spectra: Moments;
  readonly #convolutions: readonly Convolution[];
  readonly #cell: Matrix;
  /** What comes in from the convolutions, then what the cell put out the last time. */
  readonly #cellInput: Float32Array;
  readonly #gates: Float32Array;
  readonly #scoreWeights: Float32Array;
  readonly #scoreBias: number;

  private constructor(kernel: MatrixKernel, model: Model) {
    this.#kernel = kernel;
    this.#samples = kernel.floats(WINDOW_SAMPLES + MIRRORED_SAMPLES);
    this.#spectrum = spectrum(kernel, model);
    this.#spectrumParts = kernel.floats(this.#spectrum.bias.length);
    this.#spectra = moments(kernel, SPECTRA, BINS);
    this.#cellInput = kernel.floats(2 * UNITS);
    this.#gates = kernel.floats(4 * UNITS);
    this.#cell = cell(kernel, model);
    const [second, third, fourth] = [
      moments(kernel, 4, 128),
      moments(kernel, 2, 64),
      moments(kernel, 1, 64),
    ];
    const last = [this.#cellInput.subarray(0, UNITS)];
    const matrix = (index: number, rows: number, channels: number) =>
      convolution(kernel, model, { index, rows, channels });
    this.#convolutions = [
      { matrix: matrix(0, 128, BINS), from: this.#spectra, step: 1, to: second.each },
      { matrix: matrix(1, 64, 128), from: second, step: 2, to: third.each },
      { matrix: matrix(2, 64, 64), from: third, step: 2, to: fourth.each },
      { matrix: matrix(3, 128, 64), from: fourth, step: 1, to: last },
    ];
    this.#scoreWeights = model.tensor("decoder.decoder.2.weight", [1, UNITS, 1]);
    this.#scoreBias = model.tensor("decoder.decoder.2.bias", [1])[0] ?? NaN;
  }

  /**
   * The network of a file.
   *
   * @param file The ONNX file
   * @throws {TypeError} If it holds another network
   */
  static async load(file: Uint8Array): Promise<SileroLayers> {
    return new SileroLayers(await MatrixKernel.load(FLOATS), new Model(file));
  }

  /**
   * Probability of speech at the end of a window.
   *
   * @param window {@linkcode WINDOW_SAMPLES} samples, context first, -1 to 1
   * @param memory What the network remembers of the call, {@linkcode MEMORY_SIZE} numbers; taken further
   */
  score(window: Float32Array, memory: Float32Array): number {
    this.#takeSpectra(window);
    for (const { matrix, from, step, to } of this.#convolutions) {
      for (const [i, output] of to.entries()) {
        this.#kernel.multiply(matrix, from.around[i * step] as Float32Array, output);
        for (let k = 0; k < output.length; k++) output[k] = Math.max(0, output[k] as number);
      }
    }
    this.#runCell(memory);
    let sum = this.#scoreBias;
    for (let i = 0; i < UNITS; i++) {
      sum += (this.#scoreWeights[i] as number) * Math.max(0, memory[i] as number);
    }
    return sigmoid(sum);
  }

  /** The strength of each frequency; the matrix gives the real parts, then the imaginary ones. */
  #takeSpectra(window: Float32Array): void {
    const samples = this.#samples;
    const parts = this.#spectrumParts;
    samples.set(window);
    for (let i = 0; i < MIRRORED_SAMPLES; i++) {
      samples[WINDOW_SAMPLES + i] = samples[WINDOW_SAMPLES - 2 - i] as number;
    }
    for (const [i, strengths] of this.#spectra.each.entries()) {
      this.#kernel.multiply(this.#spectrum, samples.subarray(i * SPECTRUM_STEP), parts);
      for (let bin = 0; bin < BINS; bin++) {
        strengths[bin] = Math.sqrt(
          (parts[bin] as number) ** 2 + (parts[BINS + bin] as number) ** 2,
        );
      }
    }
  }

  /** A long short-term memory: how much comes in, how much stays, what it is, how much goes out. */
  #runCell(memory: Float32Array): void {
    const gates = this.#gates;
    this.#cellInput.set(memory.subarray(0, UNITS), UNITS);
    this.#kernel.multiply(this.#cell, this.#cellInput, gates);
    for (let i = 0; i < UNITS; i++) {
      const stays = sigmoid(gates[UNITS + i] as number) * (memory[UNITS + i] as number);
      const comes = sigmoid(gates[i] as number) * Math.tanh(gates[2 * UNITS + i] as number);
      memory[UNITS + i] = stays + comes;
      memory[i] = sigmoid(gates[3 * UNITS + i] as number) * Math.tanh(memory[UNITS + i] as number);
    }
  }
}

/** A convolution over three moments, and what is below zero left out. */
interface Convolution {
  readonly matrix: Matrix;
  readonly from: Moments;
  /** How many moments it moves on from one output to the next. */
  readonly step: number;
  readonly to: readonly Float32Array[];
}

/** Vectors one behind the other, with zeros before the first and after the last. */
interface Moments {
  readonly each: readonly Float32Array[];
  /** Each with its two neighbours. */
  readonly around: readonly Float32Array[];
}

function moments(kernel: MatrixKernel, count: number, size: number): Moments {
  const all = kernel.floats((count + 2) * size);
  const part = (start: number, length: number) =>
    all.subarray(start * size, (start + length) * size);
  return {
    each: Array.from({ length: count }, (_, i) => part(i + 1, 1)),
    around: Array.from({ length: count }, (_, i) => part(i, 3)),
  };
}

function spectrum(kernel: MatrixKernel, model: Model): Matrix {
  const rows = 2 * BINS;
  const basis = model.tensor("stft.forward_basis_buffer", [rows, 1, SPECTRUM_SAMPLES]);
  return kernel.matrix({
    rows,
    columns: SPECTRUM_SAMPLES,
    at: (row, column) => basis[row * SPECTRUM_SAMPLES + column] ?? NaN,
    biasAt: () => 0,
  });
}

function convolution(
  kernel: MatrixKernel,
  model: Model,
  { index, rows, channels }: { index: number; rows: number; channels: number },
): Matrix {
  const name = `encoder.${index}.reparam_conv`;
  const weights = model.tensor(`${name}.weight`, [rows, channels, 3]);
  const bias = model.tensor(`${name}.bias`, [rows]);
  return kernel.matrix({
    rows,
    columns: 3 * channels,
    at: (row, column) => {
      const [moment, channel] = [Math.floor(column / channels), column % channels];
      return weights[(row * channels + channel) * 3 + moment] ?? NaN;
    },
    biasAt: (row) => bias[row] ?? NaN,
  });
}

function cell(kernel: MatrixKernel, model: Model): Matrix {
  const rows = 4 * UNITS;
  const [incoming, own] = ["ih", "hh"].map((part) => ({
    weights: model.tensor(`decoder.rnn.weight_${part}`, [rows, UNITS]),
    bias: model.tensor(`decoder.rnn.bias_${part}`, [rows]),
  }));
  return kernel.matrix({
    rows,
    columns: 2 * UNITS,
    at: (row, column) =>
      (column < UNITS ? incoming : own)?.weights[row * UNITS + column % UNITS] ?? NaN,
    biasAt: (row) => (incoming?.bias[row] ?? NaN) + (own?.bias[row] ?? NaN),
  });
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** The numbers of the model. */
class Model {
  readonly #tensors: Map<string, Tensor>;

  constructor(file: Uint8Array) {
    this.#tensors = readTensors(file);
  }

  tensor(name: string, shape: readonly number[]): Float32Array {
    const found = this.#tensors.get(BRANCH + name);
    if (found?.shape.join() === shape.join()) return found.values;
    const what = found ? `has the shape ${found.shape}` : "is missing";
    throw new TypeError(`Cannot read the network: "${name}" ${what}, expected ${shape}`);
  }
}
