/**
 * Tones to send through signal processing, and what is left of them behind it, in dB.
 *
 * @module
 */

/** A sine, rounded to 16 bits; one second unless `seconds` says otherwise, 0.7 of full scale unless `amplitude` does. */
export function sine(
  hz: number,
  options: { rateHz: number; seconds?: number; amplitude?: number },
): Int16Array<ArrayBuffer> {
  const { rateHz, seconds = 1, amplitude = 0.7 } = options;
  const step = 2 * Math.PI * hz / rateHz;
  return Int16Array.from(
    { length: rateHz * seconds },
    (_, i) => Math.round(amplitude * 32_768 * Math.sin(step * i)),
  );
}

/** What a sine has become. */
export interface ToneFit {
  /** Amplitude of the tone, 1 is full scale. */
  amplitude: number;
  /** Phase in radians at sample 0, as of `sin(2 pi f t + phase)`. */
  phase: number;
  /** Power of everything that is not the tone, a full-scale sine being 1/2. */
  residue: number;
}

/**
 * Fits a sine into the middle of samples, over a whole number of 100 ms, so that tones on a grid of 10 Hz fit exactly.
 *
 * @param samples PCM in units of 16 bits, at least 200 ms
 */
export function fitSine(
  samples: ArrayLike<number>,
  { hz, rateHz }: { hz: number; rateHz: number },
): ToneFit {
  const period = rateHz / 10;
  const from = Math.floor(samples.length / 4);
  const count = Math.floor(samples.length / 2 / period) * period;
  const step = 2 * Math.PI * hz / rateHz;
  let inPhase = 0, quadrature = 0, power = 0;
  for (let i = from; i < from + count; i++) {
    const sample = (samples[i] ?? 0) / 32_768;
    inPhase += sample * Math.sin(step * i) * 2 / count;
    quadrature += sample * Math.cos(step * i) * 2 / count;
    power += sample * sample / count;
  }
  const tone = (inPhase ** 2 + quadrature ** 2) / 2;
  return {
    amplitude: Math.sqrt(2 * tone),
    phase: Math.atan2(quadrature, inPhase),
    residue: Math.max(power - tone, 0),
  };
}

/** A ratio of powers in dB. */
export function powerDb(ratio: number): number {
  return 10 * Math.log10(ratio);
}

/** The delay between two rates of a linear-phase system, from the phases that two near tones come out with. */
export function groupDelayMs(
  phaseAtLow: number,
  phaseAtHigh: number,
  differenceHz: number,
): number {
  const turns = (phaseAtLow - phaseAtHigh) / (2 * Math.PI);
  return (turns - Math.floor(turns)) / differenceHz * 1000;
}

/** Numbers from one to another, the last included. */
export function* range(from: number, to: number, step: number): Generator<number> {
  for (let value = from; value <= to; value += step) yield value;
}
