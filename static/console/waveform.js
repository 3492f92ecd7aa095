// @ts-check
/**
 * The outline of a recorded call: how loud each party was, column by column of the time axis.
 *
 * @module
 */

import { decode } from "./mulaw.js";

/** Samples in a millisecond, of each party. */
const SAMPLES_PER_MS = 8;
/** Soft voices are drawn taller than they are: the ear finds them louder too. */
const POWER = 0.6;

/** Takes samples of the two parties by turns, caller first, and knows their peaks. */
export class Waveform {
  #caller;
  #agent;
  #samplesPerColumn;
  #at = 0;

  /** @param {{ columns: number, endMs: number }} axis How wide the axis is, and how long the call */
  constructor({ columns, endMs }) {
    this.#caller = new Float32Array(columns);
    this.#agent = new Float32Array(columns);
    this.#samplesPerColumn = (endMs * SAMPLES_PER_MS) / columns;
  }

  /** @param {Uint8Array} bytes What comes next: mu-law, two bytes a sample */
  push(bytes) {
    for (const value of decode(bytes)) {
      const column = Math.floor((this.#at >> 1) / this.#samplesPerColumn);
      const peaks = this.#at % 2 === 0 ? this.#caller : this.#agent;
      if (column < peaks.length) peaks[column] = Math.max(peaks[column] ?? 0, Math.abs(value));
      this.#at++;
    }
  }

  /**
   * The outline of one party as a path of SVG.
   *
   * @param {"caller" | "agent"} party
   * @param {{ middle: number, tall: number }} lane Where it is drawn, and how far up and down the loudest goes
   */
  path(party, { middle, tall }) {
    const peaks = party === "caller" ? this.#caller : this.#agent;
    return Array.from(peaks, (peak, column) => {
      const half = peak ** POWER * tall;
      if (half < 0.5) return "";
      return `M${column + 0.5} ${(middle - half).toFixed(1)}V${(middle + half).toFixed(1)}`;
    }).join("");
  }
}
