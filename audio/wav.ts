/**
 * WAV files: read what recorders and speech programs write, write PCM16.
 *
 * @module
 */

import { decodeMulaw } from "./mulaw.ts";
import { LINE_HZ, MODEL_OUTPUT_HZ } from "./rates.ts";
import { saturate } from "./pcm.ts";

/** The sound of a WAV file. */
export interface Wav {
  /** Sample rate. */
  readonly hz: number;
  /** One for mono; left and right for stereo; equally long. */
  readonly channels: readonly Int16Array[];
}

/** Bytes that are no WAV file, or one of a kind that is not read here; the message names the field. */
export class WavError extends Error {
  /** Name of the class. */
  override readonly name = "WavError";

  /**
   * Says what is wrong.
   *
   * @param why Field and fault
   */
  constructor(why: string) {
    super(`Cannot read WAV: ${why}`);
  }
}

/** How samples lie in the data: `read` takes one at a byte position, as a 16-bit sample. */
interface Encoding {
  readonly bytes: number;
  read(data: DataView, at: number): number;
}

interface Format {
  readonly hz: number;
  readonly channels: number;
  readonly encoding: Encoding;
}

const LOWEST_HZ = 1_000;
const HIGHEST_HZ = 768_000;
const HEADER_BYTES = 44;

const PCM = 1;
const FLOAT = 3;
const MULAW = 7;
const EXTENSIBLE = 0xfffe;
/** What follows the format's two bytes in an extensible header if they mean what they mean elsewhere. */
const EXTENSIBLE_TAIL = "000000001000800000aa00389b71";

const MULAW_LEVELS = new Int16Array(256);
decodeMulaw(Uint8Array.from(MULAW_LEVELS, (_, code) => code), MULAW_LEVELS);

/** By format and bits per sample. */
const ENCODINGS: Readonly<Record<number, Readonly<Record<number, Encoding>>>> = {
  [PCM]: {
    8: { bytes: 1, read: (data, at) => (data.getUint8(at) - 128) * 256 },
    16: { bytes: 2, read: (data, at) => data.getInt16(at, true) },
    24: {
      bytes: 3,
      read: (data, at) => saturate(data.getInt16(at + 1, true) + data.getUint8(at) / 256),
    },
    32: { bytes: 4, read: (data, at) => saturate(data.getInt32(at, true) / 65_536) },
  },
  [FLOAT]: {
    32: { bytes: 4, read: (data, at) => saturate(data.getFloat32(at, true) * 32_768) },
  },
  [MULAW]: { 8: { bytes: 1, read: (data, at) => MULAW_LEVELS[data.getUint8(at)] as number } },
};

/**
 * Reads a WAV file: PCM of 8, 16, 24 or 32 bits, 32-bit float or mu-law, mono or stereo. Finer samples are rounded to 16
 * bits. A file that breaks off, or whose sizes promise more than there is, gives the whole samples it has.
 *
 * @throws {WavError} If it is something else
 *
 * @example What was written comes back
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const stereo = { hz: 8_000, channels: [Int16Array.of(1, 2), Int16Array.of(-1, -2)] };
 * assertEquals(readWav(writeWav(stereo)), stereo);
 * ```
 */
export function readWav(bytes: Uint8Array): Wav {
  if (ascii(bytes, 0) !== "RIFF" || ascii(bytes, 8) !== "WAVE") {
    throw new WavError("not a RIFF/WAVE file");
  }
  const { hz, channels, encoding } = readFormat(findChunk(bytes, "fmt "));
  const data = findChunk(bytes, "data");
  const length = Math.floor(data.byteLength / (channels * encoding.bytes));
  return {
    hz,
    channels: Array.from({ length: channels }, (_, channel) => {
      const samples = new Int16Array(length);
      let at = channel * encoding.bytes;
      for (let i = 0; i < length; i++, at += channels * encoding.bytes) {
        samples[i] = encoding.read(data, at);
      }
      return samples;
    }),
  };
}

/**
 * Writes a PCM16 WAV file.
 *
 * @param sound `hz` is the sample rate, 24 kHz unless given; `channels` is mono, or left and right, of which the shorter
 *   one goes on as silence
 * @throws {RangeError} If there are no channels or more than two
 *
 * @example One second of silence
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(writeWav({ channels: [new Int16Array(24_000)] }).length, 44 + 48_000);
 * ```
 */
export function writeWav(
  sound: { readonly hz?: number; readonly channels: readonly Int16Array[] },
): Uint8Array<ArrayBuffer> {
  const { hz = MODEL_OUTPUT_HZ, channels } = sound;
  const width = channels.length;
  if (width !== 1 && width !== 2) throw new RangeError(`Cannot write WAV: ${width} channels`);
  const length = Math.max(...channels.map((channel) => channel.length));
  const dataBytes = 2 * width * length;
  const file = new Uint8Array(HEADER_BYTES + dataBytes);
  writeHeader(file, { hz, width, dataBytes });
  const samples = new Int16Array(file.buffer, HEADER_BYTES);
  for (const [offset, channel] of channels.entries()) {
    for (let i = 0, at = offset; i < channel.length; i++, at += width) {
      samples[at] = channel[i] as number;
    }
  }
  return file;
}

/**
 * What stands before the samples of a mu-law WAV file at 8 kHz, those of stereo taking turns.
 *
 * @param data `channels` is 1 or 2; `bytes` is how long the samples are
 *
 * @example A second of stereo
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const header = mulawWavHeader({ channels: 2, bytes: 16_000 });
 * const file = new Uint8Array([...header, ...new Uint8Array(16_000).fill(0xff)]);
 * assertEquals(readWav(file).channels.map((samples) => samples.length), [8_000, 8_000]);
 * ```
 */
export function mulawWavHeader(
  { channels, bytes }: { readonly channels: 1 | 2; readonly bytes: number },
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(58);
  const view = new DataView(header.buffer);
  const text = new TextEncoder();
  header.set(text.encode("RIFF"), 0);
  view.setUint32(4, header.length - 8 + bytes, true);
  header.set(text.encode("WAVEfmt "), 8);
  view.setUint32(16, 18, true);
  view.setUint16(20, MULAW, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, LINE_HZ, true);
  view.setUint32(28, LINE_HZ * channels, true);
  view.setUint16(32, channels, true);
  view.setUint16(34, 8, true);
  header.set(text.encode("fact"), 38);
  view.setUint32(42, 4, true);
  view.setUint32(46, bytes / channels, true);
  header.set(text.encode("data"), 50);
  view.setUint32(54, bytes, true);
  return header;
}

function writeHeader(
  file: Uint8Array<ArrayBuffer>,
  { hz, width, dataBytes }: { hz: number; width: number; dataBytes: number },
): void {
  const view = new DataView(file.buffer);
  const text = new TextEncoder();
  file.set(text.encode("RIFF"), 0);
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  file.set(text.encode("WAVEfmt "), 8);
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, width, true);
  view.setUint32(24, hz, true);
  view.setUint32(28, hz * width * 2, true);
  view.setUint16(32, width * 2, true);
  view.setUint16(34, 16, true);
  file.set(text.encode("data"), 36);
  view.setUint32(40, dataBytes, true);
}

/** Four characters, fewer at the end of the bytes. */
function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** The first chunk of a kind, as far as it is there. */
function findChunk(bytes: Uint8Array, id: string): DataView {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 12;
  while (at + 8 <= bytes.length) {
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (ascii(bytes, at) === id) {
      const there = Math.min(size, bytes.length - start);
      return new DataView(bytes.buffer, bytes.byteOffset + start, there);
    }
    at = start + size + size % 2;
  }
  throw new WavError(`chunk "${id}" is missing`);
}

function readFormat(chunk: DataView): Format {
  if (chunk.byteLength < 16) throw new WavError('chunk "fmt " is too short');
  const channels = chunk.getUint16(2, true);
  const hz = chunk.getUint32(4, true);
  const frameBytes = chunk.getUint16(12, true);
  const bits = chunk.getUint16(14, true);
  const encodings = ENCODINGS[readFormatTag(chunk)];
  if (!encodings) throw new WavError('"format" is none of PCM, float and mu-law');
  const encoding = encodings[bits];
  if (!encoding) throw new WavError('"bits per sample" does not go with the format');
  if (channels !== 1 && channels !== 2) throw new WavError('"channels" is neither 1 nor 2');
  if (frameBytes !== channels * encoding.bytes) {
    throw new WavError('"block align" does not go with channels and bits per sample');
  }
  if (hz < LOWEST_HZ || hz > HIGHEST_HZ) {
    throw new WavError(`"sample rate" is not between ${LOWEST_HZ} and ${HIGHEST_HZ}`);
  }
  return { hz, channels, encoding };
}

function readFormatTag(chunk: DataView): number {
  const tag = chunk.getUint16(0, true);
  if (tag !== EXTENSIBLE) return tag;
  if (chunk.byteLength < 40) throw new WavError('chunk "fmt " is too short');
  const tail = new Uint8Array(chunk.buffer, chunk.byteOffset + 26, 14).toHex();
  if (tail !== EXTENSIBLE_TAIL) throw new WavError('"sub-format" is unknown');
  return chunk.getUint16(24, true);
}
