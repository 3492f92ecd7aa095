/**
 * `GET /api/calls/:id/recording`: the sound of a call as a WAV file, caller left and agent right, in mu-law as the line
 * had it, whole or in part: browsers ask for the part that is to be played.
 *
 * @module
 */

import { mulawWavHeader } from "../audio/wav.ts";
import type { KeptRecording } from "../lib/records/recording_pieces.ts";
import type { Recordings } from "../lib/records/recordings.ts";
import { StoreError } from "../lib/store/store.ts";
import { errorResponse } from "./answers.ts";
import { type ByteRange, readRange } from "./byte_range.ts";

/** Answers with the file or a part of it, read from where it is kept as it is sent. */
export async function answerRecording(
  callSid: string,
  { request, recordings }: { request: Request; recordings: Pick<Recordings, "read"> },
): Promise<Response> {
  let recording: KeptRecording | undefined;
  try {
    recording = await recordings.read(callSid);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return errorResponse({
      status: 503,
      code: "store-away",
      message: "Cannot read recording: the store does not answer",
    });
  }
  if (!recording) {
    return errorResponse({
      status: 404,
      code: "recording-unknown",
      message: "Cannot read recording: none is kept of a call of this name",
    });
  }
  return fileResponse(recording, request);
}

function fileResponse(recording: KeptRecording, { method, headers }: Request): Response {
  const header = mulawWavHeader({ channels: 2, bytes: recording.bytes });
  const bytes = header.length + recording.bytes;
  // While a call goes on its recording grows, and is another one each time.
  const etag = `"${bytes}"`;
  const isSame = (headers.get("if-range") ?? etag) === etag;
  const range = method === "GET" && isSame ? readRange(headers.get("range"), bytes) : undefined;
  if (range === "unsatisfiable") {
    const refusal = errorResponse({
      status: 416,
      code: "range-unsatisfiable",
      message: "Cannot read recording: it has no such part",
    });
    refusal.headers.set("content-range", `bytes */${bytes}`);
    return refusal;
  }
  const { from, to } = range ?? { from: 0, to: bytes };
  const part = range ? { "content-range": `bytes ${from}-${to - 1}/${bytes}` } : undefined;
  return new Response(ReadableStream.from(partOf(recording, { header, from, to })), {
    status: range ? 206 : 200,
    headers: {
      "content-type": "audio/wav",
      "content-length": `${to - from}`,
      "accept-ranges": "bytes",
      "cache-control": "no-store",
      etag,
      ...part,
    },
  });
}

async function* partOf(
  recording: KeptRecording,
  { header, from, to }: ByteRange & { readonly header: Uint8Array },
): AsyncGenerator<Uint8Array> {
  if (from < header.length) yield header.subarray(from, to);
  const behind = (place: number) => Math.max(0, place - header.length);
  if (to > header.length) yield* recording.pieces(behind(from), behind(to));
}
