/**
 * The beep of answering machines: how many of those behind real prompts are found, and what else is taken for one.
 *
 * @module
 */

import { BeepDetector } from "../audio/beep_detector.ts";
import { decodeMulaw, encodeMulaw } from "../audio/mulaw.ts";
import { LINE_FRAME_SAMPLES, LINE_HZ } from "../audio/rates.ts";
import { Chance } from "./barge_in/chance.ts";
import { print, row } from "./measure.ts";
import { findTalker, HOW_TO_GET_PROMPTS, type PromptPackage } from "./prompt_packages.ts";

const PACKAGES: readonly PromptPackage[] = [
  "asterisk-core-sounds-en-wav",
  "asterisk-core-sounds-es-wav",
  "asterisk-prompt-it-menardi-wav",
];
const GREETINGS = 100;
const SAMPLES_PER_MS = LINE_HZ / 1000;
/** A beep is found when it is over, and not long after. */
const LATEST_MS = 80;

/** Prints the table; without the prompts, how to get them. */
export function beepBench(): void {
  print(
    "\nBeeps of answering machines: found of those behind a prompt, and heard where there is none",
  );
  print(row("talker", ["prompts", "minutes", "none, heard", "found"]));
  for (const name of PACKAGES) {
    const talker = findTalker(name);
    if (!talker) return print(`left out: ${HOW_TO_GET_PROMPTS}`);
    const prompts = [...talker.sentences, ...talker.words].map(({ samples }) =>
      Int16Array.from(samples, (sample) => sample * 32_767)
    );
    const minutes = prompts.reduce((sum, pcm) => sum + pcm.length, 0) / LINE_HZ / 60;
    const heard = prompts.flatMap((pcm) => beepsIn(joined(pcm, quiet(400))));
    const found = foundBehind(prompts, new Chance(name));
    print(row(name, [
      String(prompts.length),
      minutes.toFixed(1),
      String(heard.length),
      `${found} of ${GREETINGS}`,
    ]));
  }
}

/** Beeps within what answering machines do, behind prompts of one talker, on a line that hums a little. */
function foundBehind(prompts: readonly Int16Array[], chance: Chance): number {
  let found = 0;
  for (let n = 0; n < GREETINGS; n++) {
    const beepMs = Math.round(chance.between(200, 1_900));
    const before = joined(chance.pick(prompts), quiet(chance.between(100, 1_600)));
    const beep = tone(beepMs, {
      hz: chance.between(400, 2_000),
      peak: chance.between(1_000, 10_000),
    });
    const hum = chance.between(0, 60);
    const line = joined(before, beep, quiet(400))
      .map((sample) => sample + hum * (chance.unit() - 0.5));
    const endMs = before.length / SAMPLES_PER_MS + beepMs;
    const [first = -Infinity, ...more] = beepsIn(line);
    if (more.length === 0 && Math.abs(first - endMs) <= LATEST_MS) found++;
  }
  return found;
}

/** When beeps are found, in milliseconds. */
function beepsIn(pcm: Int16Array): number[] {
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  const line = new Int16Array(pcm.length);
  decodeMulaw(mulaw, line);
  const detector = new BeepDetector();
  const found: number[] = [];
  for (let at = LINE_FRAME_SAMPLES; at <= line.length; at += LINE_FRAME_SAMPLES) {
    if (detector.hear(line.subarray(at - LINE_FRAME_SAMPLES, at))) found.push(at / SAMPLES_PER_MS);
  }
  return found;
}

function tone(ms: number, { hz, peak }: { hz: number; peak: number }): Int16Array {
  return Int16Array.from(
    { length: ms * SAMPLES_PER_MS },
    (_, n) => peak * Math.sin(2 * Math.PI * hz * n / LINE_HZ),
  );
}

function quiet(ms: number): Int16Array {
  return new Int16Array(Math.round(ms * SAMPLES_PER_MS));
}

function joined(...parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

if (import.meta.main) {
  beepBench();
  Deno.exit(0);
}
