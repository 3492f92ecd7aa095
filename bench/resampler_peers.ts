/**
 * Resamplers from npm behind one interface, so that they can be measured beside ours.
 *
 * @module
 */

import libsamplerate from "libsamplerate";
import loadSpeex from "speex-resampler";
import loadSpeexSimd from "speex-resampler/simd";
import { Downsampler3x, Upsampler2x } from "../audio/resample.ts";

/** Twenty milliseconds in both forms; each resampler takes the one it likes, so no conversion is counted. */
export interface Frame {
  /** For ours. */
  readonly pcm: Int16Array;
  /** The same numbers, not scaled to 1: these filters are linear. */
  readonly floats: Float32Array;
}

/** A resampler with the state of one stream. */
export interface Peer {
  /** What it is called in the table. */
  readonly name: string;
  /** Takes the next frame and gives what is ready, good until the next call. */
  push(frame: Frame): ArrayLike<number>;
}

/** The two rates of a conversion. */
export interface Rates {
  /** Of the input. */
  readonly fromHz: number;
  /** Of the output. */
  readonly toHz: number;
}

/** Ours first, then all peers. */
export async function createPeers(rates: Rates): Promise<Peer[]> {
  const ours = rates.toHz > rates.fromHz ? new Upsampler2x() : new Downsampler3x();
  const [plain, simd]: SpeexModule[] = await Promise.all([loadSpeex(), loadSpeexSimd()]);
  const peers: Peer[] = [{ name: "ours, s16", push: ({ pcm }) => ours.push(pcm) }];
  for (const quality of [3, 5, 7, 10]) {
    if (plain) peers.push(speex(`speex wasm q${quality}`, { speex: plain, quality, ...rates }));
    if (simd) peers.push(speex(`speex wasm simd q${quality}`, { speex: simd, quality, ...rates }));
  }
  for (const converter of ["SRC_SINC_FASTEST", "SRC_SINC_MEDIUM_QUALITY"] as const) {
    peers.push(await samplerate(converter, rates));
  }
  return peers;
}

/** As much of the Emscripten module as is used here; numbers are addresses in its memory. */
interface SpeexModule {
  readonly HEAPF32: Float32Array;
  readonly HEAPU32: Uint32Array;
  _malloc(bytes: number): number;
  _speex_resampler_init(
    channels: number,
    fromHz: number,
    toHz: number,
    quality: number,
    error: number,
  ): number;
  _speex_resampler_process_float(
    state: number,
    channel: number,
    input: number,
    inputLength: number,
    output: number,
    outputLength: number,
  ): number;
}

function speex(
  name: string,
  { speex, quality, fromHz, toHz }: Rates & { speex: SpeexModule; quality: number },
): Peer {
  const room = 4_096;
  const [error, input, output] = [speex._malloc(4), speex._malloc(room), speex._malloc(room)];
  const [inputLength, outputLength] = [speex._malloc(4), speex._malloc(4)];
  const state = speex._speex_resampler_init(1, fromHz, toHz, quality, error);
  return {
    name,
    push({ floats }) {
      speex.HEAPF32.set(floats, input / 4);
      speex.HEAPU32[inputLength / 4] = floats.length;
      speex.HEAPU32[outputLength / 4] = room / 4;
      speex._speex_resampler_process_float(state, 0, input, inputLength, output, outputLength);
      const length = speex.HEAPU32[outputLength / 4] as number;
      return speex.HEAPF32.subarray(output / 4, output / 4 + length);
    },
  };
}

async function samplerate(
  converter: "SRC_SINC_FASTEST" | "SRC_SINC_MEDIUM_QUALITY",
  { fromHz, toHz }: Rates,
): Promise<Peer> {
  const converterType = libsamplerate.ConverterType[converter];
  const resampler = await libsamplerate.create(1, fromHz, toHz, { converterType });
  const name = `libsamplerate ${converter.slice(4).toLowerCase().replaceAll("_", " ")}`;
  return { name, push: ({ floats }) => resampler.full(floats) };
}
