/**
 * Hears the beep of an answering machine: one steady tone, and then nothing of it.
 *
 * A pure tone is the one sound of which two samples give the next, `x[n+1] = 2 cos(w) x[n] - x[n-1]`. So the frequency of a
 * frame is that for which this holds best, and how badly it still fails tells a tone from voices, chords, keys and noise. A beep is such a tone that stays where it is for long enough, and stops.
 *
 * @module
 */

import { offsetFreeLevelDbfs } from "./level.ts";
import { FRAME_MS, LINE_HZ } from "./rates.ts";

/** What a beep may be (answering machines of many makers keep within it). */
const LOWEST_HZ = 400;
const HIGHEST_HZ = 2_000;
const SHORTEST_MS = 200;
const LONGEST_MS = 2_000;

/** A quieter tone is none that anybody was meant to hear. */
const QUIETEST_DBFS = -40;
/** Part of a frame that may be something else than the tone, in power. */
const IMPURITY = 0.02;
/** Samples ahead and back from which the tone must follow. Two tones close to each other only come apart at the far ones. */
const LAGS = [1, 8, 16] as const;
/** How far the frequency may be from where it began. */
const DRIFT = 0.02;
/** Frames in a row that may fail within a tone, because of a click or a loss. */
const GAP_FRAMES = 1;

/** Listens for a beep, frame by frame. */
export class BeepDetector {
  /** Frequency of the tone that sounds now, if one does. */
  #hz: number | undefined;
  #frames = 0;
  #failed = 0;

  /**
   * Hears a 20-ms frame of the line.
   *
   * @param pcm 160 samples at 8 kHz
   * @returns Whether a beep has just ended: now is the time to speak
   */
  hear(pcm: Int16Array): boolean {
    const hz = toneOf(pcm);
    if (hz !== undefined && this.#goesOn(hz)) {
      this.#frames += 1 + this.#failed;
      this.#failed = 0;
      return false;
    }
    if (hz === undefined && this.#hz !== undefined && ++this.#failed <= GAP_FRAMES) return false;
    // It begins and ends within a frame, which then is no whole tone.
    const ms = (this.#frames + 1) * FRAME_MS;
    // A tone that turns into another was a tune.
    const isBeep = hz === undefined && ms >= SHORTEST_MS && ms <= LONGEST_MS;
    this.#hz = hz;
    this.#frames = hz === undefined ? 0 : 1;
    this.#failed = 0;
    return isBeep;
  }

  #goesOn(hz: number): boolean {
    return this.#hz !== undefined && Math.abs(hz / this.#hz - 1) <= DRIFT;
  }
}

/** The frequency of a frame that is one tone. */
function toneOf(pcm: Int16Array): number | undefined {
  if (offsetFreeLevelDbfs(pcm) < QUIETEST_DBFS) return undefined;
  if (LAGS.some((lag) => fit(pcm, lag).rest > IMPURITY)) return undefined;
  const hz = Math.acos(fit(pcm, 1).cosine) * LINE_HZ / (2 * Math.PI);
  return hz >= LOWEST_HZ && hz <= HIGHEST_HZ ? hz : undefined;
}

/**
 * Fits `x[n + lag] + x[n - lag] = 2 cosine x[n] + offset`. Without the offset a line that is not quite at zero would spoil the
 * fit, and the mean of a frame cannot be taken for it: half a period more than whole ones has a mean of its own.
 *
 * @returns The cosine, and the power that is left over as part of the whole
 */
function fit(pcm: Int16Array, lag: number): { cosine: number; rest: number } {
  const count = pcm.length - 2 * lag;
  let [sum, outerSum] = [0, 0];
  let [energy, outerEnergy, product] = [0, 0, 0];
  for (let n = lag; n + lag < pcm.length; n++) {
    const middle = pcm[n] as number;
    const outer = (pcm[n - lag] as number) + (pcm[n + lag] as number);
    sum += middle;
    outerSum += outer;
    energy += middle * middle;
    outerEnergy += outer * outer;
    product += middle * outer;
  }
  energy -= sum * sum / count;
  outerEnergy -= outerSum * outerSum / count;
  product -= sum * outerSum / count;
  const cosine = Math.max(-1, Math.min(1, product / (2 * energy)));
  return { cosine, rest: (outerEnergy - product * product / energy) / energy };
}
