/**
 * Converts a WAV file, of any rate, mono or stereo, to what the model hears: 16-bit samples at 16 kHz, no header.
 *
 *   deno run -A examples/file_to_pcm.ts speech.wav speech.pcm
 *
 * @module
 */

import { fileToPcm } from "../audio/file_to_pcm.ts";
import { pcmDurationMs, pcmToBytes } from "../audio/pcm.ts";
import { MODEL_INPUT_HZ } from "../audio/rates.ts";
import { print } from "../tasks/terminal.ts";

/**
 * Converts a file.
 *
 * @returns How long it lasts, in milliseconds
 * @throws {WavError} If it is no WAV file
 */
export async function convert(wavPath: string, pcmPath: string): Promise<number> {
  const pcm = fileToPcm(await Deno.readFile(wavPath));
  await Deno.writeFile(pcmPath, pcmToBytes(pcm));
  return pcmDurationMs(pcm, MODEL_INPUT_HZ);
}

if (import.meta.main) {
  const [wavPath = "", pcmPath = "speech.pcm"] = Deno.args;
  print(`${pcmPath}: ${(await convert(wavPath, pcmPath) / 1_000).toFixed(2)} s`);
}
