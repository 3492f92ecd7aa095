/**
 * A number in every 20 ms of audio, so that the other end can prove which frames came, in which order, and how often.
 *
 * The voice is kept below 2.2 kHz. Above it, soft tones 50 Hz apart lie in five groups of four, one tone of each group
 * sounding: five digits of base 4. Tones of that grid do not disturb one another over exactly 20 ms, and telephone,
 * resamplers and mu-law leave them whole; what delays them by less than a frame is found by trying.
 *
 * @module
 */

import { lowPassTap } from "../audio/fir.ts";
import { saturate } from "../audio/pcm.ts";
import { FRAME_MS } from "../audio/rates.ts";

/** Numbers go round: after 1,023 comes 0. At 50 frames a second that is 20 s. */
export const CODES = 1_024;

const GROUPS = 5;
const TONES_PER_GROUP = 4;
const LOWEST_HZ = 2_400;
const TONE_STEP_HZ = 1_000 / FRAME_MS;
/** Of full scale; five of them are heard as -32 dBFS. */
const TONE_AMPLITUDE = 0.016;
const VOICE_CUTOFF_HZ = 2_200;
/** Mu-law adds noise where the voice is loud: at half its level the tones stand clear of it. */
const VOICE_GAIN = 0.5;
const VOICE_REACH_MS = 5;
const VOICE_BETA = 7;
/** How much louder than the others of its group a tone must be, in power. */
const CLEARLY = 3;
/** The softest tone that is taken for one, in power of full scale: 10 dB below what is sent. */
const SOFTEST_POWER = TONE_AMPLITUDE ** 2 / 2 / 10;
const TRIES_PER_FRAME = 20;
/** Frames by which the grid is found. */
const MOST_LOOKS = 100;

/**
 * Puts numbers into a voice.
 *
 * @param pcm The voice; the last frame may be part of one
 * @param options `hz` is its rate; `first` the number of the first frame, 0 unless given
 * @returns As many samples
 */
export function withFrameCodes(
  pcm: Int16Array,
  { hz, first = 0 }: { hz: number; first?: number },
): Int16Array<ArrayBuffer> {
  const voice = lowPassed(pcm, hz);
  const samplesPerFrame = hz * FRAME_MS / 1_000;
  return Int16Array.from(voice, (sample, i) => {
    const code = first + Math.floor(i / samplesPerFrame);
    let tones = 0;
    for (let group = 0; group < GROUPS; group++) {
      tones += Math.sin(2 * Math.PI * toneHz(group, digitOf(code, group)) * i / hz + group);
    }
    return saturate(Math.round(sample + tones * TONE_AMPLITUDE * 32_768));
  });
}

/**
 * Reads the numbers of audio, frame by frame.
 *
 * @param pcm Whatever was heard
 * @param hz Its rate
 * @returns A number for each whole frame, `undefined` where there is none. The frames lie on the grid on which
 * the numbers are clearest: a delay on the way moves the sound against the frames in which it was heard
 */
export function readFrameCodes(pcm: Int16Array, hz: number): (number | undefined)[] {
  const samplesPerFrame = hz * FRAME_MS / 1_000;
  const frames = Array.from({ length: Math.floor(pcm.length / samplesPerFrame) }, (_, n) => n);
  const lookAt = (frame: number, offset: number) => {
    const at = frame * samplesPerFrame + offset;
    return look(pcm.subarray(at, at + samplesPerFrame), hz);
  };
  const sounding = frames.filter((frame) => pcm[frame * samplesPerFrame] !== 0);
  const looks = sounding.filter((_, n) => n % Math.ceil(sounding.length / MOST_LOOKS) === 0);
  let best = { offset: 0, clarity: -1 };
  for (let n = 0; n < TRIES_PER_FRAME; n++) {
    const offset = Math.round(n * samplesPerFrame / TRIES_PER_FRAME);
    const clarity = looks.reduce((sum, frame) => sum + lookAt(frame, offset).clarity, 0);
    if (clarity > best.clarity) best = { offset, clarity };
  }
  return frames.map((frame) => lookAt(frame, best.offset).code);
}

/** The number of a frame, if it has one, and how clear it is: 1 if nothing else is heard in its groups. */
function look(frame: Int16Array, hz: number): { code: number | undefined; clarity: number } {
  let code = 0, clarity = 1;
  for (let group = 0; group < GROUPS; group++) {
    const powers = Array.from(
      { length: TONES_PER_GROUP },
      (_, digit) => tonePower(frame, toneHz(group, digit) / hz),
    );
    const loudest = Math.max(...powers);
    const others = powers.reduce((sum, power) => sum + power, 0) - loudest;
    if (loudest < SOFTEST_POWER || loudest < CLEARLY * others) {
      return { code: undefined, clarity: 0 };
    }
    clarity = Math.min(clarity, loudest / (loudest + others));
    code += powers.indexOf(loudest) * TONES_PER_GROUP ** group;
  }
  return { code, clarity };
}

/** Power of one tone in a frame, a full-scale sine being 1/2; after Goertzel. */
function tonePower(frame: Int16Array, cyclesPerSample: number): number {
  const turn = 2 * Math.cos(2 * Math.PI * cyclesPerSample);
  let last = 0, before = 0;
  for (const sample of frame) {
    const next = sample / 32_768 + turn * last - before;
    before = last;
    last = next;
  }
  const energy = last * last + before * before - turn * last * before;
  return 2 * energy / Math.max(1, frame.length) ** 2;
}

function toneHz(group: number, digit: number): number {
  return LOWEST_HZ + (group * TONES_PER_GROUP + digit) * TONE_STEP_HZ;
}

function digitOf(code: number, group: number): number {
  return Math.floor(code / TONES_PER_GROUP ** group) % TONES_PER_GROUP;
}

function lowPassed(pcm: Int16Array, hz: number): Float64Array {
  const reach = Math.round(VOICE_REACH_MS * hz / 1_000);
  const design = { cutoff: VOICE_CUTOFF_HZ / hz, reach, beta: VOICE_BETA };
  const taps = Float64Array.from(
    { length: 2 * reach + 1 },
    (_, i) => VOICE_GAIN * lowPassTap(i - reach, design),
  );
  return Float64Array.from(pcm, (_, i) => {
    let sum = 0;
    for (let k = 0; k < taps.length; k++) {
      sum += (taps[k] as number) * (pcm[i + k - reach] ?? 0);
    }
    return sum;
  });
}
