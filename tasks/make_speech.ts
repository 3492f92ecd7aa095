/**
 * Makes the recorded speech in `emulators/speech/` with espeak-ng, which must be installed. Only for new or changed lines:
 * the files are kept with the source.
 *
 * @module
 */

import { convertRate } from "../audio/file_to_pcm.ts";
import { MODEL_INPUT_HZ, MODEL_OUTPUT_HZ } from "../audio/rates.ts";
import { readWav, writeWav } from "../audio/wav.ts";
import { AGENT_LINES, CALLER_LINES, speechFile } from "../emulators/speech.ts";

/** A man who speaks quickly, and a woman: nobody takes one for the other. */
const VOICES = {
  caller: { hz: MODEL_INPUT_HZ, espeak: ["-v", "en-us", "-p", "35", "-s", "180"] },
  agent: { hz: MODEL_OUTPUT_HZ, espeak: ["-v", "en-gb+f2", "-p", "60", "-s", "178"] },
} as const;

const BLOCK_MS = 5;
/** A block without a sample louder than this is silent; -46 dB below full scale. */
const SILENT_BELOW = 160;
/** Silence that is left at both ends. */
const MARGIN_MS = 20;
/** Longest silence that is left within: shorter than the pause after which a turn ends. */
const LONGEST_PAUSE_MS = 260;

for (const [party, lines] of Object.entries({ caller: CALLER_LINES, agent: AGENT_LINES })) {
  const voice = VOICES[party as keyof typeof VOICES];
  for (const [name, text] of Object.entries(lines)) {
    const spoken = await speak(text, voice.espeak);
    const pcm = tightened(convertRate(spoken.pcm, { fromHz: spoken.hz, toHz: voice.hz }), voice.hz);
    const file = speechFile(party as keyof typeof VOICES, name);
    await Deno.writeFile(file, writeWav({ hz: voice.hz, channels: [pcm] }));
    const seconds = (pcm.length / voice.hz).toFixed(2);
    await Deno.stdout.write(new TextEncoder().encode(`${party} ${name}: ${seconds} s\n`));
  }
}

async function speak(
  text: string,
  voice: readonly string[],
): Promise<{ pcm: Int16Array; hz: number }> {
  const espeak = new Deno.Command("espeak-ng", { args: [...voice, "--stdout", text] });
  const { success, stdout, stderr } = await espeak.output();
  if (!success) throw new Error(`Cannot make speech: ${new TextDecoder().decode(stderr)}`);
  const { hz, channels: [pcm = new Int16Array()] } = readWav(stdout);
  return { pcm, hz };
}

/** The speech with short margins, and no pause in it that is too long. */
function tightened(pcm: Int16Array, hz: number): Int16Array {
  const block = hz * BLOCK_MS / 1000;
  const blocks = Array.from(
    { length: Math.ceil(pcm.length / block) },
    (_, i) => pcm.subarray(i * block, (i + 1) * block),
  );
  const isLoud = (samples?: Int16Array) => samples?.some((s) => Math.abs(s) >= SILENT_BELOW);
  const margin = MARGIN_MS / BLOCK_MS;
  const first = Math.max(0, blocks.findIndex(isLoud) - margin);
  const end = blocks.findLastIndex(isLoud) + 1 + margin;
  let silent = 0;
  const kept = blocks.slice(first, end).filter((samples) => {
    silent = isLoud(samples) ? 0 : silent + 1;
    return silent <= LONGEST_PAUSE_MS / BLOCK_MS;
  });
  return Int16Array.from(kept.flatMap((samples) => [...samples]));
}
