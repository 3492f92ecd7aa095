/**
 * Sounds that callers make without taking the floor, and the noise around them, all synthesised.
 *
 * @module
 */

import { LINE_HZ } from "../../audio/rates.ts";
import type { Chance } from "./chance.ts";
import { amplitude, atLevel, faded, mixIn, samplesIn, telephoneBand } from "./signal.ts";

/** A peak of a voice's spectrum. */
interface Formant {
  readonly hz: number;
  readonly widthHz: number;
  readonly gain: number;
}

/** A closed mouth: one strong low peak, little above it. */
const NASAL: readonly Formant[] = [
  { hz: 270, widthHz: 70, gain: 1 },
  { hz: 1_000, widthHz: 180, gain: 0.12 },
  { hz: 2_200, widthHz: 250, gain: 0.06 },
];
/** Open mouths: "uh", "ah", "oh", "eh". */
const OPEN: readonly (readonly Formant[])[] = [
  [[550, 90, 1], [1_250, 120, 0.45], [2_500, 200, 0.12]],
  [[720, 100, 1], [1_150, 120, 0.6], [2_500, 200, 0.12]],
  [[480, 80, 1], [850, 100, 0.5], [2_450, 200, 0.06]],
  [[520, 90, 1], [1_750, 140, 0.35], [2_550, 200, 0.15]],
].map((peaks) => peaks.map(([hz = 0, widthHz = 0, gain = 0]) => ({ hz, widthHz, gain })));

/** A two-pole resonator. */
function resonated(source: Float32Array, { hz, widthHz, gain }: Formant): Float32Array {
  const radius = Math.exp(-Math.PI * widthHz / LINE_HZ);
  const turn = 2 * radius * Math.cos(2 * Math.PI * hz / LINE_HZ);
  const scale = gain * (1 - radius * radius);
  const out = new Float32Array(source.length);
  for (let i = 0; i < source.length; i++) {
    out[i] = scale * (source[i] ?? 0) + turn * (out[i - 1] ?? 0) -
      radius * radius * (out[i - 2] ?? 0);
  }
  return out;
}

function voiced(chance: Chance, options: {
  durationMs: number;
  pitchHz: (part: number) => number;
  formants: readonly Formant[];
  breath: number;
}): Float32Array<ArrayBuffer> {
  const { durationMs, pitchHz, formants, breath } = options;
  const count = samplesIn(durationMs);
  const source = new Float32Array(count);
  let [phase, wobble, slow] = [0, 0, 0];
  let strength = 1;
  for (let i = 0; i < count; i++) {
    phase += pitchHz(i / count) * (1 + wobble) / LINE_HZ;
    if (phase >= 1) {
      phase -= 1;
      wobble = 0.01 * chance.normal();
      strength = 1 + 0.08 * chance.normal();
    }
    // A pulse that rises slowly and closes fast, after Rosenberg.
    const pulse = phase < 0.4
      ? 0.5 * (1 - Math.cos(Math.PI * phase / 0.4))
      : phase < 0.56
      ? Math.cos(Math.PI / 2 * (phase - 0.4) / 0.16)
      : 0;
    slow = strength * pulse;
    source[i] = slow + breath * chance.normal();
  }
  const radiated = source.map((sample, i) => sample - (source[i - 1] ?? 0));
  const out = new Float32Array(count);
  for (const formant of formants) mixIn(out, resonated(radiated, formant), 0);
  return out;
}

/** Each voice has its own size of head. */
function scaled(formants: readonly Formant[], chance: Chance): Formant[] {
  const size = chance.between(0.87, 1.15);
  return formants.map(({ hz, widthHz, gain }) => ({
    hz: hz * size * chance.between(0.95, 1.05),
    widthHz: widthHz * chance.between(0.8, 1.3),
    gain: gain * amplitude(chance.between(-4, 4)),
  }));
}

/** What a listener says without words. */
export type HumKind = "mm" | "mm-hmm" | "uh-huh" | "ah";

/** "mm", "mm-hmm", "uh-huh" or "ah", at most `longestMs` long. */
export function hum(chance: Chance, kind: HumKind, longestMs = 450): Float32Array<ArrayBuffer> {
  const baseHz = chance.pick([1, 1.75]) * chance.between(85, 145);
  const glide = chance.between(-0.25, 0.3);
  const formants = scaled(kind === "mm" || kind === "mm-hmm" ? NASAL : chance.pick(OPEN), chance);
  const breath = chance.between(0.002, 0.03);
  const pitchHz = (part: number) => baseHz * (1 + glide * (part - 0.5));
  if (kind === "mm" || kind === "ah") {
    const durationMs = chance.between(150, longestMs);
    const sound = voiced(chance, { durationMs, pitchHz, formants, breath });
    return telephoneBand(faded(sound, chance.between(25, 70), chance.between(50, 110)));
  }
  const gapMs = chance.between(20, 70);
  const firstMs = chance.between(90, (longestMs - gapMs) * 0.5);
  const secondMs = chance.between(110, longestMs - gapMs - firstMs);
  const total = new Float32Array(samplesIn(firstMs + gapMs + secondMs));
  const step = chance.between(0.85, 1.3);
  const first = voiced(chance, { durationMs: firstMs, pitchHz, formants, breath });
  const second = voiced(chance, {
    durationMs: secondMs,
    pitchHz: (part) => pitchHz(part) * step,
    formants,
    breath,
  });
  const gap = voiced(chance, {
    durationMs: gapMs + 40,
    pitchHz: () => baseHz,
    formants: formants.map((peak) => ({ ...peak, gain: peak.gain * 0.15 })),
    breath: 0.3,
  });
  mixIn(total, faded(first, 25, 40), 0);
  mixIn(total, faded(gap, 20, 20), samplesIn(firstMs - 20));
  const louder = faded(second, 30, chance.between(50, 100))
    .map((sample) => sample * amplitude(chance.between(0, 0) + 1));
  mixIn(total, louder, samplesIn(firstMs + gapMs));
  return telephoneBand(total);
}

function noise(chance: Chance, durationMs: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: samplesIn(durationMs) }, () => chance.normal());
}

/** Noise through a few broad peaks: breath through an open throat. */
function throat(chance: Chance, durationMs: number): Float32Array<ArrayBuffer> {
  const source = noise(chance, durationMs);
  const out = new Float32Array(source.length);
  for (
    const hz of [
      chance.between(400, 700),
      chance.between(1_100, 1_700),
      chance.between(2_200, 3_000),
    ]
  ) {
    mixIn(out, resonated(source, { hz, widthHz: chance.between(200, 500), gain: 1 }), 0);
  }
  return out;
}

function shaped(samples: Float32Array, levelAt: (ms: number) => number): Float32Array<ArrayBuffer> {
  return Float32Array.from(samples, (sample, i) => sample * levelAt(i * 1_000 / LINE_HZ));
}

/** One to three coughs: a burst, a hoarse stream, and at times a voiced end. */
export function cough(chance: Chance): Float32Array<ArrayBuffer> {
  const bursts = 1 + chance.below(3);
  const parts: Float32Array[] = [];
  for (let burst = 0; burst < bursts; burst++) {
    const durationMs = chance.between(160, 320);
    const fallMs = chance.between(40, 90);
    const sound = shaped(
      throat(chance, durationMs),
      (ms) => Math.min(1, ms / 4) * (Math.exp(-ms / 18) * 1.5 + Math.exp(-ms / fallMs)),
    );
    if (chance.unit() < 0.6) {
      const pitch = chance.between(180, 420);
      const tail = voiced(chance, {
        durationMs: chance.between(60, 130),
        pitchHz: (part) => pitch * (1 - 0.25 * part) * (1 + 0.08 * chance.normal()),
        formants: scaled(chance.pick(OPEN), chance),
        breath: 0.25,
      });
      mixIn(sound, atLevel(faded(tail, 15, 40), -14), samplesIn(durationMs * 0.55));
    }
    parts.push(sound, new Float32Array(samplesIn(chance.between(20, 130))));
  }
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    mixIn(out, part, at);
    at += part.length;
  }
  return telephoneBand(out);
}

/** Something that is no throat: a door, keys, a tap at the phone, a pen. */
export type ClickKind = "door" | "keys" | "tap" | "breath";

/** A click, a thump, or a breath into the phone. */
export function click(chance: Chance, kind: ClickKind): Float32Array<ArrayBuffer> {
  const ringing = (durationMs: number, modes: readonly number[], fallMs: number) => {
    const out = noise(chance, durationMs).map((sample, i) => 0.4 * sample * Math.exp(-i / 40));
    for (const hz of modes) {
      const [phase, gain] = [chance.between(0, 6.28), chance.between(0.3, 1)];
      for (let i = 0; i < out.length; i++) {
        out[i] = (out[i] ?? 0) +
          gain * Math.sin(2 * Math.PI * hz * i / LINE_HZ + phase) *
            Math.exp(-i * 1_000 / LINE_HZ / fallMs);
      }
    }
    return out;
  };
  switch (kind) {
    case "door": {
      const modes = Array.from({ length: 5 }, () => chance.between(90, 700));
      return telephoneBand(ringing(chance.between(150, 350), modes, chance.between(25, 70)));
    }
    case "tap": {
      const modes = Array.from({ length: 3 }, () => chance.between(500, 2_500));
      return telephoneBand(ringing(60, modes, chance.between(3, 12)));
    }
    case "keys": {
      const out = new Float32Array(samplesIn(chance.between(300, 900)));
      for (let at = 0; at < out.length; at += samplesIn(chance.between(70, 200))) {
        const modes = [chance.between(900, 2_800), chance.between(900, 2_800)];
        mixIn(out, ringing(40, modes, chance.between(2, 6)), at);
      }
      return telephoneBand(out);
    }
    case "breath": {
      const durationMs = chance.between(300, 800);
      return telephoneBand(faded(throat(chance, durationMs), durationMs * 0.3, durationMs * 0.5));
    }
    default:
      return kind satisfies never;
  }
}

/** What goes on behind the caller. */
export type NoiseKind = "white" | "pink" | "car" | "street" | "fan" | "mains";

/** Steady or slowly changing noise. */
export function background(
  chance: Chance,
  kind: NoiseKind,
  count: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  let [slow, middle, fast, gain, target] = [0, 0, 0, 1, 1];
  const phases = Array.from({ length: 30 }, () => chance.between(0, 6.28));
  const mainsHz = chance.pick([50, 60]);
  for (let i = 0; i < count; i++) {
    const white = chance.normal();
    slow = 0.99765 * slow + 0.099046 * white;
    middle = 0.963 * middle + 0.2965164 * white;
    fast = 0.57 * fast + 1.0526913 * white;
    const pink = slow + middle + fast + 0.1848 * white;
    if (i % 4_000 === 0) target = amplitude(chance.between(-8, 8));
    gain += (target - gain) / 6_000;
    const seconds = i / LINE_HZ;
    switch (kind) {
      case "white":
        out[i] = white;
        break;
      case "pink":
        out[i] = pink;
        break;
      case "street":
        out[i] = gain * pink;
        break;
      case "car":
        out[i] = slow * 4 + 0.5 * middle +
          Math.sin(2 * Math.PI * 340 * seconds + 3 * Math.sin(seconds));
        break;
      case "fan":
        out[i] = middle * (1 + 0.25 * Math.sin(2 * Math.PI * 23 * seconds)) +
          0.5 * Math.sin(2 * Math.PI * 437 * seconds);
        break;
      case "mains":
        out[i] = phases.reduce(
          (sum, phase, k) =>
            sum + Math.sin(2 * Math.PI * mainsHz * (k + 1) * seconds + phase) / Math.sqrt(k + 1),
          0.1 * white,
        );
        break;
      default:
        kind satisfies never;
    }
  }
  return telephoneBand(out);
}
