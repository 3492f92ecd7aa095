/**
 * Trains the pause clock on calls made of Debian's prompts, and writes what it has learnt to `lib/turns/pause_weights.ts`:
 * `deno run -A tasks/train_pause_clock.ts`. It takes twenty minutes and a gigabyte.
 *
 * @module
 */

import { LINE_HZ } from "../audio/rates.ts";
import { readWav } from "../audio/wav.ts";
import { Chance } from "../bench/barge_in/chance.ts";
import { type Talker, wavFiles } from "../bench/barge_in/prompts.ts";
import { telephoneBand } from "../bench/barge_in/signal.ts";
import { type Lesson, lessonOf } from "../bench/pause_clock/lesson.ts";
import { CLOCK_PARAMETERS } from "../bench/pause_clock/pupil.ts";
import { train } from "../bench/pause_clock/training.ts";
import { unpackedPackage, unpackedTalker } from "../bench/unpacked.ts";
import {
  type Background,
  type CallPlan,
  type SpeechLevels,
  spokenCall,
} from "../bench/turn_ends/calls.ts";
import { SileroNetwork } from "../lib/hearing/silero_vad.ts";
import { print } from "./terminal.ts";

const TALKERS = [
  "asterisk-core-sounds-en-wav",
  "asterisk-core-sounds-es-wav",
  "asterisk-core-sounds-fr-wav",
  "asterisk-core-sounds-it-wav",
  "asterisk-core-sounds-ru-wav",
  "asterisk-prompt-es-co",
  "asterisk-prompt-it-menardi-wav",
] as const;
const MUSIC = "asterisk-moh-opsound-wav";
const SEED = "pause-clock-1";
/** Sets of calls for each talker. */
const SETS = 4;
const CALL_MS = 60_000;
const QUIET_CALLS = 4;
const NOISES: readonly Background[] = [
  ...["white", "pink", "car", "street", "fan", "mains"] as const,
  ...["voices", "typing", "music"] as const,
];
const SNRS_DB = [30, 20, 10, 5, 0] as const;
/** Speech is heard to its soft end, but a sound as soft as that does not begin it: it may be a breath. */
const SPEECH: SpeechLevels = { beginsBelowLoudDb: 30, endsBelowLoudDb: 38 };
/** A little of the silence after it is left. */
const SOUND_BELOW_LOUD_DB = 42;
const ROUNDS = 12;
const WEIGHTS = new URL("../lib/turns/pause_weights.ts", import.meta.url);

async function main(): Promise<void> {
  const talkers: Talker[] = [];
  for (const name of TALKERS) talkers.push(await unpackedTalker(name, SOUND_BELOW_LOUD_DB));
  const music = await piecesOfMusic();
  const network = await SileroNetwork.load();
  const lessons: Lesson[] = [];
  for (const [n, talker] of talkers.entries()) {
    const others = [2, 5].map((step) => talkers[(n + step) % talkers.length] ?? talker);
    for (let set = 0; set < SETS; set++) {
      const cast = { seed: `${SEED}/${talker.name}/${set}`, callers: [talker], others, music };
      for (const plan of plans()) {
        lessons.push(await lessonOf(spokenCall(cast, plan), network.detector()));
      }
    }
    print(`${talker.name}: ${lessons.length} calls so far`);
  }
  const pupil = train(lessons, {
    rounds: ROUNDS,
    chance: new Chance(SEED),
    tell: (round, loss) => print(`round ${round} of ${ROUNDS}: loss ${loss.toFixed(3)}`),
  });
  await Deno.writeTextFile(WEIGHTS, fileOf(pupil.parameters.subarray(0, CLOCK_PARAMETERS)));
}

function plans(): CallPlan[] {
  const usual = { callMs: CALL_MS, hasWords: true, speech: SPEECH };
  const quiet = Array.from(
    { length: QUIET_CALLS },
    (_, n): CallPlan => ({ ...usual, name: `quiet ${n}`, noise: "silence" }),
  );
  const noisy = NOISES.flatMap((noise) =>
    SNRS_DB.map((snrDb): CallPlan => ({ ...usual, name: `${noise} ${snrDb}`, noise, snrDb }))
  );
  return [...quiet, ...noisy];
}

/** Everything that the package plays, as a telephone carries it. */
async function piecesOfMusic(): Promise<Float32Array[]> {
  const folder = await unpackedPackage(MUSIC);
  return [...wavFiles(folder)].map((path) => {
    const { hz, channels: [pcm = new Int16Array()] } = readWav(Deno.readFileSync(path));
    if (hz !== LINE_HZ) throw new Error(`Cannot play ${path}: expected ${LINE_HZ} Hz, got ${hz}`);
    return telephoneBand(Float32Array.from(pcm, (sample) => sample / 32_768));
  });
}

function fileOf(weights: Float64Array): string {
  const bytes = new Uint8Array(4 * weights.length);
  const view = new DataView(bytes.buffer);
  weights.forEach((weight, i) => view.setFloat32(4 * i, weight, true));
  const lines = bytes.toBase64().match(/.{1,120}/g) ?? [];
  return [
    "/**",
    " * What the pause clock has learnt, as `readWeights()` of `pause_clock.ts` reads it. Written by `tasks/train_pause_clock.ts`.",
    " *",
    " * @module",
    " */",
    "",
    "/** 32-bit floats in base64. */",
    "export const PAUSE_WEIGHTS: string = `",
    ...lines,
    "`;",
    "",
  ].join("\n");
}

await main();
