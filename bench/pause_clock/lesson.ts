/**
 * What the pause clock learns from: calls of one caller in noise, with what the clock is told of each frame, and the truth.
 *
 * @module
 */

import { FrameShapes } from "../../audio/frame_shape.ts";
import { decodeMulaw } from "../../audio/mulaw.ts";
import { LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import { Upsampler2x } from "../../audio/resample.ts";
import type { Vad } from "../../audio/vad.ts";
import { CallerSound } from "../../lib/turns/caller_sound.ts";
import { CUES, FURTHEST_FRAMES, writeCues } from "../../lib/turns/pause_clock.ts";
import type { TurnCall } from "../turn_ends/calls.ts";

/** One call to learn from; each has an entry per frame. */
export interface Lesson {
  /** As `writeCues()` has them, `CUES` numbers a frame. */
  readonly cues: Float64Array;
  /** Frames since the caller last spoke, up to `FURTHEST_FRAMES`. */
  readonly since: Float64Array;
  /** How much it matters to be right. */
  readonly weights: Float64Array;
  /** How often the call is taken, beside others of its length. */
  readonly share: number;
}

/** Where the hangover is decided about, in frames: there it matters more. */
const DECISION_FRAMES = 24;
const DECISION_WEIGHT = 3;
/** A caller who goes on after a pause of so many frames must be noticed. */
const SHORTEST_PAUSE = 15;
const LONGEST_PAUSE = 31;
/** So soon, in frames. */
const RETURN_FRAMES = 10;
const RETURN_WEIGHT = 5;
/** Long after anything was said nothing is decided. */
const LONG_AGO_FRAMES = 150;
const LONG_AGO_WEIGHT = 0.3;
/** Louder noise than this is rarer at telephones, and teaches less. */
const LEAST_SNR_DB = 10;
const LOUD_NOISE_SHARE = 0.6;

/** Hears a call the way a caller is heard. */
export async function lessonOf(call: TurnCall, detector: Vad): Promise<Lesson> {
  const frames = Math.floor(call.mulaw.length / LINE_FRAME_SAMPLES);
  const cues = new Float64Array(frames * CUES);
  const caller = new CallerSound();
  const [shapes, upsampler] = [new FrameShapes(), new Upsampler2x()];
  const [line, silence] = [new Int16Array(LINE_FRAME_SAMPLES), new Int16Array(LINE_FRAME_SAMPLES)];
  for (let frame = 0; frame < frames; frame++) {
    const from = frame * LINE_FRAME_SAMPLES;
    decodeMulaw(call.mulaw.subarray(from, from + LINE_FRAME_SAMPLES), line);
    const speechProbability = await detector.score(upsampler.push(line));
    shapes.push(line, silence);
    caller.hear(speechProbability, shapes.caller.bandsDb, false);
    writeCues(caller, cues.subarray(frame * CUES, (frame + 1) * CUES));
  }
  const isLoud = call.snrDb !== undefined && call.snrDb < LEAST_SNR_DB;
  return { cues, ...truthOf(call.speech), share: isLoud ? LOUD_NOISE_SHARE : 1 };
}

function truthOf(speech: Uint8Array): Pick<Lesson, "since" | "weights"> {
  const since = new Float64Array(speech.length);
  const weights = new Float64Array(speech.length).fill(1);
  let passed = LONG_AGO_FRAMES;
  for (let frame = 0; frame < speech.length; frame++) {
    const isSpeech = speech[frame] === 1;
    if (isSpeech && passed >= SHORTEST_PAUSE && passed <= LONGEST_PAUSE) {
      weights.fill(RETURN_WEIGHT, frame, frame + RETURN_FRAMES);
    }
    passed = isSpeech ? 0 : passed + 1;
    since[frame] = Math.min(passed, FURTHEST_FRAMES);
    if (passed >= LONG_AGO_FRAMES) weights[frame] = LONG_AGO_WEIGHT;
    else if (passed >= DECISION_FRAMES && passed <= FURTHEST_FRAMES) {
      weights[frame] = DECISION_WEIGHT;
    }
  }
  return { since, weights };
}
