/** What the microphone of a test hears: lines of the caller with silence between them, in a file for the browser. */

import { writeWav } from "../../audio/wav.ts";
import { MODEL_INPUT_HZ } from "../../audio/rates.ts";
import { callerLine, type CallerLineName } from "../../emulators/speech.ts";

/** Seconds of silence, or a line of the caller. */
export type Spoken = number | CallerLineName;

/** Writes what is said, with a long silence at its end. @returns Path of the file; the caller removes it */
export async function microphoneFile(spoken: readonly Spoken[]): Promise<string> {
  const parts = [...spoken, 60].map((part) =>
    typeof part === "number"
      ? new Int16Array(Math.round(part * MODEL_INPUT_HZ))
      : callerLine(part).pcm16k
  );
  const pcm = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    pcm.set(part, at);
    at += part.length;
  }
  const path = await Deno.makeTempFile({ suffix: ".wav" });
  await Deno.writeFile(path, writeWav({ hz: MODEL_INPUT_HZ, channels: [pcm] }));
  return path;
}
