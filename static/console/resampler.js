// @ts-check
/**
 * Changes the rate of samples as they come, by a windowed sinc that is worked out for each sample.
 *
 * @module
 */

/** Zero crossings of the sinc on either side. */
const WIDTH = 12;
/** Of half the lower rate; what lies above is taken out. */
const PASSED = 0.9;

/** A stream of samples at one rate, given at another. */
export class Resampler {
  #step;
  #cut;
  #reach;
  /** @type {Float32Array} */
  #kept;
  /** Where the next sample lies, counted from the first that is kept. */
  #at;

  /**
   * @param {number} fromHz
   * @param {number} toHz
   */
  constructor(fromHz, toHz) {
    this.#step = fromHz / toHz;
    this.#cut = PASSED * Math.min(1, toHz / fromHz);
    this.#reach = Math.ceil(WIDTH / this.#cut);
    this.#kept = new Float32Array(this.#reach);
    this.#at = this.#reach;
  }

  /**
   * @param {Float32Array} samples
   * @returns {Float32Array} What is ready
   */
  push(samples) {
    const all = new Float32Array(this.#kept.length + samples.length);
    all.set(this.#kept);
    all.set(samples, this.#kept.length);
    const last = all.length - 1 - this.#reach;
    const ready = new Float32Array(Math.max(0, Math.floor((last - this.#at) / this.#step) + 1));
    for (let n = 0; n < ready.length; n++) ready[n] = this.#valueAt(all, this.#at + n * this.#step);
    this.#at += ready.length * this.#step;
    const done = Math.min(all.length, Math.max(0, Math.floor(this.#at) - this.#reach));
    this.#kept = all.slice(done);
    this.#at -= done;
    return ready;
  }

  /**
   * @param {Float32Array} samples
   * @param {number} at
   */
  #valueAt(samples, at) {
    let sum = 0;
    const to = Math.min(samples.length - 1, Math.floor(at + this.#reach));
    for (let n = Math.max(0, Math.ceil(at - this.#reach)); n <= to; n++) {
      const x = (at - n) * this.#cut;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      sum += (samples[n] ?? 0) * sinc * Math.cos(Math.PI * x / (2 * WIDTH + 1)) ** 2;
    }
    return sum * this.#cut;
  }
}
