/**
 * Which media a session takes, and in what form. The table in `docs/session.md` says the same.
 *
 * @module
 */

import { InvalidMessageError } from "./session_errors.ts";

/** Bytes with what they are. */
export interface Blob {
  /** What they are, such as `image/jpeg`. */
  readonly mimeType: string;
  /** The bytes; a text is base64. */
  readonly data: Uint8Array<ArrayBuffer> | string;
}

/** Sound that goes up: 16-bit little-endian samples, one channel; a rate that is not named is this one. */
export const AUDIO_INPUT_TYPE = "audio/pcm;rate=16000";
/** Sound that comes down. */
export const AUDIO_OUTPUT_TYPE = "audio/pcm;rate=24000";
/** Pictures, in the stream and in turns. */
export const PICTURE_TYPES: readonly string[] = ["image/jpeg", "image/png"];

/**
 * Samples of a piece of sound.
 *
 * @param sound Samples at 16 kHz, or bytes of them
 * @throws {InvalidMessageError} If it has another type or rate, or half a sample
 */
export function samplesOf(sound: Int16Array | Blob): Int16Array {
  if (sound instanceof Int16Array) return sound.slice();
  const [type, ...parameters] = sound.mimeType.toLowerCase().split(";").map((s) => s.trim());
  const rate = parameters.find((parameter) => parameter.startsWith("rate=")) ?? "rate=16000";
  const channels = parameters.find((parameter) => parameter.startsWith("channels="));
  if (
    type !== "audio/pcm" || rate !== "rate=16000" || (channels ?? "channels=1") !== "channels=1"
  ) {
    throw wrong("audio.mimeType", `"${AUDIO_INPUT_TYPE}", one channel`);
  }
  const bytes = bytesOf(sound, "audio.data");
  if (bytes.length % 2 === 1) throw wrong("audio.data", "an even number of bytes: 16-bit samples");
  return new Int16Array(bytes.slice().buffer);
}

/**
 * A picture, ready to be sent.
 *
 * @param field How an error names it
 * @throws {InvalidMessageError} If it is no JPEG and no PNG
 */
export function pictureOf(picture: Blob, field: string): { data: string; mimeType: string } {
  const mimeType = picture.mimeType.toLowerCase().trim();
  if (!PICTURE_TYPES.includes(mimeType)) {
    throw wrong(`${field}.mimeType`, PICTURE_TYPES.join(" or "));
  }
  const bytes = bytesOf(picture, `${field}.data`);
  const isWhatItSays = mimeType === "image/jpeg"
    ? bytes[0] === 0xff && bytes[1] === 0xd8
    : bytes[0] === 0x89 && bytes[1] === 0x50;
  if (!isWhatItSays) throw wrong(`${field}.data`, `bytes of ${mimeType}`);
  return { data: bytes.toBase64(), mimeType };
}

function bytesOf({ data }: Blob, field: string): Uint8Array<ArrayBuffer> {
  if (typeof data !== "string") return data;
  try {
    return Uint8Array.fromBase64(data);
  } catch (cause) {
    throw new InvalidMessageError(`Cannot send: ${field}: expected base64`, { field, cause });
  }
}

function wrong(field: string, expected: string): InvalidMessageError {
  return new InvalidMessageError(`Cannot send: ${field}: expected ${expected}`, { field });
}
