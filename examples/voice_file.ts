/**
 * Speaks without a telephone: says a WAV file, and keeps the answer as another.
 *
 *   deno run -A examples/voice_file.ts question.wav answer.wav
 *
 * @module
 */

import { fileToPcm } from "../audio/file_to_pcm.ts";
import { writeWav } from "../audio/wav.ts";
import type { Turn } from "../lib/session/turn_reader.ts";
import { print } from "../tasks/terminal.ts";
import { type ExampleOptions, withSession } from "./example_session.ts";
import { nextTurn } from "./next_turn.ts";

/** Pieces of 1,024 samples, as a microphone gives them, unless told otherwise. */
const CHUNK_SAMPLES = 1_024;

/**
 * Says a recording and waits for the whole answer.
 *
 * @param wav Of any rate, mono or stereo
 * @throws {WavError} If it is none
 */
export function speak(
  wav: Uint8Array<ArrayBuffer>,
  options: ExampleOptions & { readonly chunkSamples?: number } = {},
): Promise<Turn> {
  const { chunkSamples = CHUNK_SAMPLES, ...rest } = options;
  const pcm = fileToPcm(wav);
  const config = { activityDetection: "manual" as const };
  return withSession({ config, ...rest }, async (session) => {
    const answer = nextTurn(session);
    for (let at = 0; at < pcm.length; at += chunkSamples) {
      session.sendAudio(pcm.subarray(at, at + chunkSamples));
    }
    session.endActivity();
    return await answer;
  });
}

if (import.meta.main) {
  const [question = "", answer = "answer.wav"] = Deno.args;
  const turn = await speak(await Deno.readFile(question));
  await Deno.writeFile(answer, writeWav({ channels: [turn.pcm] }));
  print(turn.text, `Sound: ${answer}`);
}
