/**
 * `GET /api/calls/:id/recording`: the sound of a call as a WAV file, caller left and agent right, in mu-law as the line
 * had it.
 *
 * @module
 */

import { mulawWavHeader } from "../audio/wav.ts";
import type { KeptRecording, Recordings } from "../lib/records/recordings.ts";
import { StoreError } from "../lib/store/store.ts";
import { errorResponse } from "./answers.ts";

/** Answers with the file, read from the store as it is sent. */
export async function answerRecording(
  callSid: string,
  recordings: Pick<Recordings, "read">,
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
  const header = mulawWavHeader({ channels: 2, bytes: recording.bytes });
  return new Response(ReadableStream.from(fileOf(header, recording)), {
    headers: {
      "content-type": "audio/wav",
      "content-length": `${header.length + recording.bytes}`,
      "cache-control": "no-store",
    },
  });
}

async function* fileOf(header: Uint8Array, recording: KeptRecording): AsyncGenerator<Uint8Array> {
  yield header;
  yield* recording.pieces();
}
